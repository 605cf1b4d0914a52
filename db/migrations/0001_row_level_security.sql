-- Row-level security. `npm run migrations` copies this file into a migration after each change of the tables. It can be
-- applied any number of times.
--
-- sp_app       acts for one tenant, which the setting app.tenant names: it sees and changes the rows of this tenant only.
-- sp_platform  acts for the platform: it sees and changes the rows of all tenants.
--
-- Both are roles without a login. The logins of the processes are members of them. The owner of the tables has no policy of
-- its own: it sees rows only as a member of sp_platform.
do $$
declare
  -- A subquery, so that Postgres reads the setting once for each statement and not once for each row.
  tenant constant text := '(select current_setting(''app.tenant'', true))';
  role_name text;
  item record;
begin
  foreach role_name in array array['sp_app', 'sp_platform'] loop
    begin
      if not exists (select from pg_roles where rolname = role_name) then
        execute format('create role %I nologin', role_name);
      end if;
      if not pg_has_role(current_user, role_name, 'member') then
        execute format('grant %I to current_user', role_name);
      end if;
    exception
      when duplicate_object or unique_violation then
        null; -- the migration of another database of the same server has just created it
      when insufficient_privilege then
        if not exists (select from pg_roles where rolname = role_name) then
          raise exception 'the role % does not exist, and % may not create it: run "create role % nologin; grant % to %" as a superuser',
            role_name, current_user, role_name, role_name, current_user;
        end if; -- an owner that is not a member of the role can migrate
    end;
  end loop;

  execute format('grant usage on schema %I to sp_app, sp_platform', current_schema());
  execute format('grant select, insert, update, delete on all tables in schema %I to sp_platform', current_schema());
  grant usage on schema drizzle to sp_platform;
  grant select on drizzle.__drizzle_migrations to sp_platform;

  for item in
    select c.oid::regclass as name, c.relname as plain_name, a.attname as tenant_column
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    where c.relnamespace = current_schema()::regnamespace
      and c.relkind in ('r', 'p')
      and a.attname = case c.relname when 'tenants' then 'id' else 'tenant_id' end
  loop
    execute format('alter table %s enable row level security', item.name);
    execute format('alter table %s force row level security', item.name);
    execute format('drop policy if exists of_tenant on %s', item.name);
    execute format('create policy of_tenant on %s for all to sp_app using (%I = %s) with check (%I = %s)',
      item.name, item.tenant_column, tenant, item.tenant_column, tenant);
    execute format('drop policy if exists of_platform on %s', item.name);
    execute format('create policy of_platform on %s for all to sp_platform using (true) with check (true)', item.name);
    execute format('revoke all on %s from sp_app', item.name);
    execute format('grant %s on %s to sp_app',
      case item.plain_name
        when 'tenants' then 'select'             -- operators set the limits of a tenant
        when 'audit_log' then 'select, insert'   -- append-only
        when 'device_codes' then 'select'        -- logins begin before a tenant is known
        else 'select, insert, update, delete'
      end,
      item.name);
  end loop;

  -- The retention deletes old rows. Nothing changes a row.
  revoke update on audit_log from sp_platform;
end
$$;
--> statement-breakpoint
-- The counts of requests need no durability, and a write without it costs less. drizzle-kit writes no unlogged tables.
alter table request_counts set unlogged;
--> statement-breakpoint
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
