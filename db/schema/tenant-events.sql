-- Numbers the events of each tenant 1, 2, 3 … in the order of commits. drizzle-kit does not generate functions and
-- triggers, so this file is a part of the first migration.
--
-- A number that is given at the insert could become visible after a larger one. This trigger runs when the transaction
-- commits: the lock of the counter makes the next transaction of the tenant wait until this one is visible. The
-- transaction takes no other lock after it, so no two transactions wait for each other.
CREATE FUNCTION "number_tenant_event"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  next_seq bigint;
BEGIN
  INSERT INTO "tenant_event_counters" AS "counter" ("tenant_id", "last_seq") VALUES (NEW."tenant_id", 1)
    ON CONFLICT ("tenant_id") DO UPDATE SET "last_seq" = "counter"."last_seq" + 1
    RETURNING "last_seq" INTO next_seq;
  UPDATE "store_events" SET "tenant_seq" = next_seq WHERE "store_id" = NEW."store_id" AND "seq" = NEW."seq";
  IF NOT FOUND THEN
    RAISE EXCEPTION 'event % of store % cannot be numbered: the role may not update it', NEW."seq", NEW."store_id";
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "store_events_number" AFTER INSERT ON "store_events"
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW."tenant_seq" IS NULL) EXECUTE FUNCTION "number_tenant_event"();
