-- Numbers the events of each tenant 1, 2, 3 … in the order of commits. drizzle-kit writes no functions and triggers. Like
-- row-level-security.sql, this file can be applied any number of times.
--
-- A number that is given at the insert could become visible after a larger one. This trigger runs when the transaction
-- commits: the lock of the counter makes the next transaction of the tenant wait until this one is visible. The
-- transaction takes no other lock after it, so no two transactions wait for each other.
create or replace function number_tenant_event() returns trigger language plpgsql as $$
declare
  next_seq bigint;
begin
  insert into tenant_event_counters as counter (tenant_id, last_seq) values (new.tenant_id, 1)
    on conflict (tenant_id) do update set last_seq = counter.last_seq + 1
    returning last_seq into next_seq;
  update store_events set tenant_seq = next_seq where store_id = new.store_id and seq = new.seq;
  if not found then
    raise exception 'event % of store % cannot be numbered: the role may not update it', new.seq, new.store_id;
  end if;
  return null;
end
$$;
--> statement-breakpoint
drop trigger if exists store_events_number on store_events;
--> statement-breakpoint
create constraint trigger store_events_number after insert on store_events
  deferrable initially deferred
  for each row when (new.tenant_seq is null) execute function number_tenant_event();
