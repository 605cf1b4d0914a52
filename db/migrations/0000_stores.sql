CREATE TABLE "store_events" (
	"store_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"tenant_id" text NOT NULL,
	"dedupe_key" text,
	"type" text NOT NULL,
	"step" text,
	"status" text NOT NULL,
	"message" text NOT NULL,
	"data" jsonb NOT NULL,
	"correlation_id" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "store_events_pk" PRIMARY KEY("store_id","seq"),
	CONSTRAINT "store_events_dedupe" UNIQUE("store_id","dedupe_key"),
	CONSTRAINT "store_events_type" CHECK ("store_events"."type" in ('store.requested', 'operation.started', 'step.started', 'step.completed', 'step.failed', 'undo.started', 'undo.completed', 'undo.failed', 'cancel.requested', 'delete.requested', 'retry.requested', 'store.ready', 'store.failed', 'store.cancelled', 'store.deleted')),
	CONSTRAINT "store_events_status" CHECK ("store_events"."status" in ('requested', 'provisioning', 'ready', 'failed', 'cancelled', 'deleting', 'deleted')),
	CONSTRAINT "store_events_step" CHECK ("store_events"."step" in ('prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify', 'uninstall-release', 'delete-namespace', 'await-absence')),
	CONSTRAINT "store_events_seq" CHECK ("store_events"."seq" >= 1)
);
--> statement-breakpoint
CREATE TABLE "stores" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"request_hash" text NOT NULL,
	"name" text NOT NULL,
	"engine" text NOT NULL,
	"status" text NOT NULL,
	"handle" text NOT NULL,
	"namespace" text NOT NULL,
	"release_name" text NOT NULL,
	"host" text NOT NULL,
	"storefront_url" text NOT NULL,
	"admin_url" text NOT NULL,
	"chart_version" text NOT NULL,
	"nodes" text DEFAULT 'unknown' NOT NULL,
	"verification" jsonb,
	"operation_kind" text NOT NULL,
	"operation_workflow_id" text NOT NULL,
	"operation_run_id" text,
	"operation_step" text,
	"operation_started_at" timestamp (3) with time zone NOT NULL,
	"operation_ended_at" timestamp (3) with time zone,
	"failure_code" text,
	"failure_message" text,
	"failure_step" text,
	"failure_evidence" jsonb,
	"correlation_id" text NOT NULL,
	"cancel_requested_at" timestamp (3) with time zone,
	"delete_requested_at" timestamp (3) with time zone,
	"last_seq" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"ready_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "stores_tenant_key" UNIQUE("tenant_id","idempotency_key"),
	CONSTRAINT "stores_namespace" UNIQUE("namespace"),
	CONSTRAINT "stores_engine" CHECK ("stores"."engine" in ('woocommerce', 'medusa')),
	CONSTRAINT "stores_status" CHECK ("stores"."status" in ('requested', 'provisioning', 'ready', 'failed', 'cancelled', 'deleting', 'deleted')),
	CONSTRAINT "stores_nodes" CHECK ("stores"."nodes" in ('real', 'simulated', 'unknown')),
	CONSTRAINT "stores_operation_kind" CHECK ("stores"."operation_kind" in ('provision', 'delete')),
	CONSTRAINT "stores_operation_step" CHECK ("stores"."operation_step" in ('prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify', 'uninstall-release', 'delete-namespace', 'await-absence')),
	CONSTRAINT "stores_failure_code" CHECK ("stores"."failure_code" in ('IMAGE_PULL_FAILED', 'CRASH_LOOP', 'NAMESPACE_QUOTA_EXCEEDED', 'UNSCHEDULABLE', 'VOLUME_PENDING', 'JOB_FAILED', 'ADMISSION_REFUSED', 'READY_DEADLINE_EXCEEDED', 'CHART_INVALID', 'RELEASE_FAILED', 'RELEASE_LOCKED', 'RELEASE_MISMATCH', 'ATTEMPT_FENCED', 'NAMESPACE_FOREIGN', 'NAMESPACE_TERMINATING', 'ABSENCE_UNPROVEN', 'CLUSTER_UNAVAILABLE', 'CLUSTER_REFUSED', 'DATABASE_UNAVAILABLE', 'ORCHESTRATOR_UNAVAILABLE', 'STORE_NOT_FOUND', 'ILLEGAL_MOVE', 'UNDO_INCOMPLETE', 'STEP_TIMED_OUT', 'INTERNAL')),
	CONSTRAINT "stores_idempotency_key_length" CHECK (char_length("stores"."idempotency_key") between 1 and 255),
	CONSTRAINT "stores_failed_says_why" CHECK (("stores"."status" = 'failed') = ("stores"."failure_code" is not null)),
	CONSTRAINT "stores_ready_since" CHECK ("stores"."status" <> 'ready' or "stores"."ready_at" is not null),
	CONSTRAINT "stores_deleted_since" CHECK (("stores"."status" = 'deleted') = ("stores"."deleted_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "tenant_quotas" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"live_stores" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tenant_quotas_live_stores" CHECK ("tenant_quotas"."live_stores" >= 0)
);
--> statement-breakpoint
ALTER TABLE "store_events" ADD CONSTRAINT "store_events_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stores_list" ON "stores" USING btree ("tenant_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "stores"."status" <> 'deleted';--> statement-breakpoint
CREATE INDEX "stores_list_engine" ON "stores" USING btree ("tenant_id","engine","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "stores"."status" <> 'deleted';--> statement-breakpoint
CREATE INDEX "stores_list_status" ON "stores" USING btree ("tenant_id","status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "stores_awaiting_run" ON "stores" USING btree ("id") WHERE (("stores"."operation_run_id" is null and "stores"."operation_ended_at" is null) or ("stores"."delete_requested_at" is not null and "stores"."operation_ended_at" is not null)) and "stores"."status" not in ('deleting', 'deleted');