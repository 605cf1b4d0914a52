-- The counts of requests need no durability, and a write without it costs less. drizzle-kit writes no unlogged tables.
alter table request_counts set unlogged;
