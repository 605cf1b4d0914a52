CREATE TABLE "installation" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" uuid NOT NULL,
	CONSTRAINT "installation_singleton" CHECK ("installation"."singleton")
);
--> statement-breakpoint
CREATE TABLE "orphans" (
	"uid" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"namespace" text,
	"store_id" text,
	"reason" text NOT NULL,
	"first_seen" timestamp (3) with time zone NOT NULL,
	"last_seen" timestamp (3) with time zone NOT NULL,
	"removable_after" timestamp (3) with time zone,
	CONSTRAINT "orphans_kind" CHECK ("orphans"."kind" in ('Namespace', 'PersistentVolume', 'Secret'))
);
--> statement-breakpoint
ALTER TABLE "store_events" DROP CONSTRAINT "store_events_type";--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "drift_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "drift_objects" jsonb;--> statement-breakpoint
CREATE INDEX "orphans_list" ON "orphans" USING btree ("first_seen","uid");--> statement-breakpoint
CREATE INDEX "stores_ready" ON "stores" USING btree ("id") WHERE "stores"."status" = 'ready';--> statement-breakpoint
CREATE INDEX "stores_running" ON "stores" USING btree ("id") WHERE "stores"."operation_ended_at" is null and "stores"."operation_run_id" is not null;--> statement-breakpoint
ALTER TABLE "store_events" ADD CONSTRAINT "store_events_type" CHECK ("store_events"."type" in ('store.requested', 'operation.started', 'step.started', 'step.completed', 'step.failed', 'operation.held', 'operation.resumed', 'operation.aborted', 'undo.started', 'undo.completed', 'undo.failed', 'cancel.requested', 'delete.requested', 'retry.requested', 'delete.undone', 'store.ready', 'store.drifted', 'store.repaired', 'remains.removed', 'store.failed', 'store.cancelled', 'store.deleted'));--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_drift_since" CHECK (("stores"."drift_since" is null) = ("stores"."drift_objects" is null));