ALTER TABLE "store_events" DROP CONSTRAINT "store_events_type";--> statement-breakpoint
ALTER TABLE "store_events" DROP CONSTRAINT "store_events_status";--> statement-breakpoint
ALTER TABLE "store_events" DROP CONSTRAINT "store_events_step";--> statement-breakpoint
ALTER TABLE "stores" DROP CONSTRAINT "stores_status";--> statement-breakpoint
ALTER TABLE "stores" DROP CONSTRAINT "stores_operation_step";--> statement-breakpoint
ALTER TABLE "stores" DROP CONSTRAINT "stores_failed_says_why";--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "on_failure" text DEFAULT 'cleanup' NOT NULL;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "spec" jsonb;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "held_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "volume_policy" jsonb;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "undelete_seconds" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "stores" ADD COLUMN "undelete_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "store_events" ADD CONSTRAINT "store_events_type" CHECK ("store_events"."type" in ('store.requested', 'operation.started', 'step.started', 'step.completed', 'step.failed', 'operation.held', 'operation.resumed', 'operation.aborted', 'undo.started', 'undo.completed', 'undo.failed', 'cancel.requested', 'delete.requested', 'retry.requested', 'delete.undone', 'store.ready', 'store.failed', 'store.cancelled', 'store.deleted'));--> statement-breakpoint
ALTER TABLE "store_events" ADD CONSTRAINT "store_events_status" CHECK ("store_events"."status" in ('requested', 'provisioning', 'held', 'ready', 'failed', 'cancelled', 'deleting', 'deleted'));--> statement-breakpoint
ALTER TABLE "store_events" ADD CONSTRAINT "store_events_step" CHECK ("store_events"."step" in ('prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify', 'uninstall-release', 'undelete-window', 'delete-namespace', 'await-absence'));--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_on_failure" CHECK ("stores"."on_failure" in ('cleanup', 'hold'));--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_held_until" CHECK (("stores"."status" = 'held') = ("stores"."held_until" is not null));--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_status" CHECK ("stores"."status" in ('requested', 'provisioning', 'held', 'ready', 'failed', 'cancelled', 'deleting', 'deleted'));--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_operation_step" CHECK ("stores"."operation_step" in ('prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify', 'uninstall-release', 'undelete-window', 'delete-namespace', 'await-absence'));--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_failed_says_why" CHECK (("stores"."status" in ('failed', 'held')) = ("stores"."failure_code" is not null));