CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"tenant_id" text,
	"actor" text NOT NULL,
	"principal" text NOT NULL,
	"action" text NOT NULL,
	"target" text,
	"outcome" text NOT NULL,
	"correlation_id" text NOT NULL,
	"change" jsonb,
	CONSTRAINT "audit_log_principal" CHECK ("audit_log"."principal" in ('anonymous', 'user', 'userToken', 'serviceAccountToken', 'jwt')),
	CONSTRAINT "audit_log_outcome" CHECK ("audit_log"."outcome" in ('succeeded', 'refused', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "clusters" (
	"name" text PRIMARY KEY NOT NULL,
	"uid" text,
	"address" text,
	"kubernetes_version" text,
	"nodes" text DEFAULT 'unknown' NOT NULL,
	"kubeconfig_ref" text,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" text DEFAULT 'ready' NOT NULL,
	"capacity" integer,
	"answered" boolean DEFAULT false NOT NULL,
	"last_seen_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "clusters_name" CHECK ("clusters"."name" ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
	CONSTRAINT "clusters_status" CHECK ("clusters"."status" in ('ready', 'cordoned', 'draining')),
	CONSTRAINT "clusters_nodes" CHECK ("clusters"."nodes" in ('real', 'simulated', 'unknown')),
	CONSTRAINT "clusters_capacity" CHECK ("clusters"."capacity" >= 0)
);
--> statement-breakpoint
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
	"operation_id" uuid,
	"tenant_seq" bigint,
	CONSTRAINT "store_events_pk" PRIMARY KEY("store_id","seq"),
	CONSTRAINT "store_events_dedupe" UNIQUE("store_id","dedupe_key"),
	CONSTRAINT "store_events_type" CHECK ("store_events"."type" in ('store.requested', 'operation.started', 'step.started', 'step.completed', 'step.failed', 'operation.queued', 'operation.held', 'operation.continued', 'operation.aborted', 'undo.started', 'undo.completed', 'undo.failed', 'cancel.requested', 'delete.requested', 'retry.requested', 'undelete.requested', 'delete.undone', 'store.adopted', 'store.ready', 'store.drifted', 'store.repaired', 'store.degraded', 'store.recovered', 'condition.changed', 'leftovers.removed', 'store.failed', 'store.cancelled', 'store.deleted')),
	CONSTRAINT "store_events_status" CHECK ("store_events"."status" in ('requested', 'provisioning', 'held', 'ready', 'failed', 'cancelled', 'deleting', 'deleted')),
	CONSTRAINT "store_events_step" CHECK ("store_events"."step" in ('prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify', 'uninstall-release', 'undelete-window', 'delete-namespace', 'await-absence')),
	CONSTRAINT "store_events_seq" CHECK ("store_events"."seq" >= 1)
);
--> statement-breakpoint
CREATE TABLE "tenant_event_counters" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"last_seq" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "fleet_reports" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL,
	"report" jsonb NOT NULL,
	CONSTRAINT "fleet_reports_singleton" CHECK ("fleet_reports"."singleton")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"tenant_id" text,
	"request_hash" "bytea" NOT NULL,
	"response" "bytea",
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" uuid NOT NULL,
	CONSTRAINT "installation_singleton" CHECK ("installation"."singleton")
);
--> statement-breakpoint
CREATE TABLE "operations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"store_id" uuid NOT NULL,
	"tenant_id" text NOT NULL,
	"cluster" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"is_current" boolean NOT NULL,
	"workflow_id" text NOT NULL,
	"run_id" text,
	"step" text,
	"requested_by" text NOT NULL,
	"correlation_id" text NOT NULL,
	"idempotency_key" text,
	"failure_code" text,
	"failure_message" text,
	"failure_step" text,
	"failure_evidence" jsonb,
	"queued_since" timestamp (3) with time zone,
	"slot_granted_at" timestamp (3) with time zone,
	"held_until" timestamp (3) with time zone,
	"cancel_requested_at" timestamp (3) with time zone,
	"undelete_window_seconds" integer,
	"volume_policy" jsonb,
	"undelete_until" timestamp (3) with time zone,
	"undelete_requested_at" timestamp (3) with time zone,
	"restarts" integer DEFAULT 0 NOT NULL,
	"restarted_at" timestamp (3) with time zone,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "operations_kind" CHECK ("operations"."kind" in ('provision', 'delete')),
	CONSTRAINT "operations_status" CHECK ("operations"."status" in ('requested', 'running', 'queued', 'held', 'succeeded', 'failed', 'cancelled', 'superseded')),
	CONSTRAINT "operations_step" CHECK ("operations"."step" in ('prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify', 'uninstall-release', 'undelete-window', 'delete-namespace', 'await-absence')),
	CONSTRAINT "operations_failure_code" CHECK ("operations"."failure_code" in ('IMAGE_PULL_FAILED', 'CRASH_LOOP', 'NAMESPACE_QUOTA_EXCEEDED', 'UNSCHEDULABLE', 'VOLUME_PENDING', 'JOB_FAILED', 'ADMISSION_REFUSED', 'READY_DEADLINE_EXCEEDED', 'VERIFICATION_FAILED', 'CHART_INVALID', 'RELEASE_FAILED', 'FIELD_CONFLICT', 'RELEASE_LOCKED', 'RELEASE_MISMATCH', 'ATTEMPT_FENCED', 'NAMESPACE_FOREIGN', 'NAMESPACE_TERMINATING', 'NAMESPACE_HAS_DATA', 'ABSENCE_UNPROVEN', 'CLUSTER_UNAVAILABLE', 'CLUSTER_REFUSED', 'DATABASE_UNAVAILABLE', 'ORCHESTRATOR_UNAVAILABLE', 'ORCHESTRATOR_REJECTED', 'STORE_NOT_FOUND', 'INVALID_STATE', 'ADOPTED_UNFINISHED', 'UNDO_INCOMPLETE', 'STEP_TIMED_OUT', 'INTERNAL')),
	CONSTRAINT "operations_failed_says_why" CHECK (("operations"."status" in ('failed', 'held')) = ("operations"."failure_code" is not null)),
	CONSTRAINT "operations_held_until" CHECK (("operations"."status" = 'held') = ("operations"."held_until" is not null)),
	CONSTRAINT "operations_queued_since" CHECK (("operations"."status" = 'queued') = ("operations"."queued_since" is not null)),
	CONSTRAINT "operations_slot_granted_at" CHECK ("operations"."slot_granted_at" is null or "operations"."status" = 'running'),
	CONSTRAINT "operations_delete_plan" CHECK (("operations"."kind" = 'delete') = ("operations"."undelete_window_seconds" is not null)),
	CONSTRAINT "operations_volume_policy" CHECK (("operations"."kind" = 'delete') = ("operations"."volume_policy" is not null)),
	CONSTRAINT "operations_undelete_until" CHECK ("operations"."undelete_until" is null or "operations"."kind" = 'delete'),
	CONSTRAINT "operations_undelete_requested_at" CHECK ("operations"."undelete_requested_at" is null or "operations"."undelete_until" is not null),
	CONSTRAINT "operations_ended_at" CHECK (("operations"."status" in ('succeeded', 'failed', 'cancelled', 'superseded')) = ("operations"."ended_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "orphans" (
	"uid" text PRIMARY KEY NOT NULL,
	"cluster" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"namespace" text,
	"store_id" text,
	"reason" text NOT NULL,
	"first_seen" timestamp (3) with time zone NOT NULL,
	"last_seen" timestamp (3) with time zone NOT NULL,
	"removable_after" timestamp (3) with time zone,
	"approved_at" timestamp (3) with time zone,
	"held_back_with" integer,
	CONSTRAINT "orphans_kind" CHECK ("orphans"."kind" in ('Namespace', 'PersistentVolume', 'Secret'))
);
--> statement-breakpoint
CREATE TABLE "pass_positions" (
	"pass" text NOT NULL,
	"cluster" text NOT NULL,
	"after" uuid,
	"completed_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pass_positions_pass_cluster_pk" PRIMARY KEY("pass","cluster"),
	CONSTRAINT "pass_positions_pass" CHECK ("pass_positions"."pass" in ('inspect-stores', 'verify-stores'))
);
--> statement-breakpoint
CREATE TABLE "tenant_clusters" (
	"tenant_id" text NOT NULL,
	"cluster" text NOT NULL,
	"live_stores" integer NOT NULL,
	"running_operations" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "tenant_clusters_tenant_id_cluster_pk" PRIMARY KEY("tenant_id","cluster"),
	CONSTRAINT "tenant_clusters_live_stores" CHECK ("tenant_clusters"."live_stores" >= 0),
	CONSTRAINT "tenant_clusters_running_operations" CHECK ("tenant_clusters"."running_operations" >= 0)
);
--> statement-breakpoint
CREATE TABLE "tenant_quotas" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"live_stores" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tenant_quotas_live_stores" CHECK ("tenant_quotas"."live_stores" >= 0)
);
--> statement-breakpoint
CREATE TABLE "removals" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"checks" bigint DEFAULT 0 NOT NULL,
	"paused_since" timestamp (3) with time zone,
	"reason" text,
	"confirmed" timestamp (3) with time zone,
	CONSTRAINT "removals_singleton" CHECK ("removals"."singleton"),
	CONSTRAINT "removals_reason" CHECK (("removals"."paused_since" is null) = ("removals"."reason" is null))
);
--> statement-breakpoint
CREATE TABLE "request_counts" (
	"key" text PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "stores" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"request_hash" text NOT NULL,
	"name" text NOT NULL,
	"engine" text NOT NULL,
	"cluster" text NOT NULL,
	"status" text NOT NULL,
	"slug" text NOT NULL,
	"namespace" text NOT NULL,
	"release_name" text NOT NULL,
	"host" text NOT NULL,
	"storefront_url" text NOT NULL,
	"admin_url" text NOT NULL,
	"chart_version" text NOT NULL,
	"nodes" text DEFAULT 'unknown' NOT NULL,
	"verification" jsonb,
	"on_failure" text DEFAULT 'cleanup' NOT NULL,
	"overrides" jsonb,
	"volume_policy" jsonb,
	"delete_requested_at" timestamp (3) with time zone,
	"drift_since" timestamp (3) with time zone,
	"drift_objects" jsonb,
	"repairs" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"last_verified_at" timestamp (3) with time zone,
	"degraded_since" timestamp (3) with time zone,
	"degraded_cause" jsonb,
	"conditions" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"last_seq" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"ready_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "stores_tenant_key" UNIQUE("tenant_id","idempotency_key"),
	CONSTRAINT "stores_namespace" UNIQUE("namespace"),
	CONSTRAINT "stores_engine" CHECK ("stores"."engine" in ('woocommerce', 'medusa')),
	CONSTRAINT "stores_cluster" CHECK ("stores"."cluster" ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
	CONSTRAINT "stores_status" CHECK ("stores"."status" in ('requested', 'provisioning', 'held', 'ready', 'failed', 'cancelled', 'deleting', 'deleted')),
	CONSTRAINT "stores_nodes" CHECK ("stores"."nodes" in ('real', 'simulated', 'unknown')),
	CONSTRAINT "stores_idempotency_key_length" CHECK (char_length("stores"."idempotency_key") between 1 and 255),
	CONSTRAINT "stores_on_failure" CHECK ("stores"."on_failure" in ('cleanup', 'hold')),
	CONSTRAINT "stores_ready_since" CHECK ("stores"."status" <> 'ready' or "stores"."ready_at" is not null),
	CONSTRAINT "stores_deleted_since" CHECK (("stores"."status" = 'deleted') = ("stores"."deleted_at" is not null)),
	CONSTRAINT "stores_degraded_since" CHECK (("stores"."degraded_since" is null) = ("stores"."degraded_cause" is null)),
	CONSTRAINT "stores_drift_since" CHECK (("stores"."drift_since" is null) = ("stores"."drift_objects" is null))
);
--> statement-breakpoint
CREATE TABLE "api_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"prefix" text NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"user_id" uuid,
	"service_account_id" uuid,
	"role" text NOT NULL,
	"scopes" text[],
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "api_tokens_hash" UNIQUE("hash"),
	CONSTRAINT "api_tokens_role" CHECK ("api_tokens"."role" in ('viewer', 'member', 'admin')),
	CONSTRAINT "api_tokens_owner" CHECK (num_nonnulls("api_tokens"."user_id", "api_tokens"."service_account_id") = 1)
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"tenant_id" text NOT NULL,
	"email" text,
	"role" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"accepted_by" uuid,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "invitations_hash" UNIQUE("hash"),
	CONSTRAINT "invitations_role" CHECK ("invitations"."role" in ('viewer', 'member', 'admin')),
	CONSTRAINT "invitations_accepted" CHECK (("invitations"."accepted_at" is null) = ("invitations"."accepted_by" is null))
);
--> statement-breakpoint
CREATE TABLE "members" (
	"tenant_id" text NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "members_pk" PRIMARY KEY("tenant_id","user_id"),
	CONSTRAINT "members_role" CHECK ("members"."role" in ('viewer', 'member', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "service_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "service_accounts_role" CHECK ("service_accounts"."role" in ('viewer', 'member', 'admin'))
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"max_stores" integer,
	"max_running" integer,
	"max_requests_per_minute" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unaccounted" (
	"namespace" text PRIMARY KEY NOT NULL,
	"uid" text NOT NULL,
	"target" jsonb NOT NULL,
	"evidence" jsonb NOT NULL,
	"first_seen" timestamp (3) with time zone NOT NULL,
	"last_seen" timestamp (3) with time zone NOT NULL,
	"decision" text,
	"decided_at" timestamp (3) with time zone,
	"problem" text,
	"adopted_at" timestamp (3) with time zone,
	CONSTRAINT "unaccounted_decision" CHECK ("unaccounted"."decision" in ('adopt', 'keep', 'remove')),
	CONSTRAINT "unaccounted_decided_at" CHECK (("unaccounted"."decision" is null) = ("unaccounted"."decided_at" is null))
);
--> statement-breakpoint
CREATE TABLE "device_codes" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"user_code" text NOT NULL,
	"status" text NOT NULL,
	"user_id" uuid,
	"tenant_id" text,
	"client_name" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"last_polled_at" timestamp (3) with time zone,
	"interval_seconds" integer NOT NULL,
	CONSTRAINT "device_codes_user_code" UNIQUE("user_code"),
	CONSTRAINT "device_codes_status" CHECK ("device_codes"."status" in ('pending', 'approved', 'denied', 'redeemed')),
	CONSTRAINT "device_codes_approved" CHECK ("device_codes"."status" not in ('approved', 'redeemed') or ("device_codes"."user_id" is not null and "device_codes"."tenant_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "oidc_logins" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"browser_hash" "bytea" NOT NULL,
	"next" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"user_id" uuid NOT NULL,
	"user_agent" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone NOT NULL,
	"idle_until" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "sessions_hash" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "setup_links" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"email" text,
	"name" text,
	"password_hash" text,
	"is_operator" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_login_at" timestamp (3) with time zone,
	"disabled_at" timestamp (3) with time zone,
	CONSTRAINT "users_subject" UNIQUE("issuer","subject"),
	CONSTRAINT "users_password" CHECK (("users"."issuer" = 'local') = ("users"."password_hash" is not null))
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"webhook_id" uuid NOT NULL,
	"message_id" text NOT NULL,
	"type" text NOT NULL,
	"store_id" uuid,
	"seq" integer,
	"state" text DEFAULT 'pending' NOT NULL,
	"round" integer DEFAULT 1 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_attempt_at" timestamp (3) with time zone,
	"last_status" integer,
	"last_error" text,
	"response_snippet" text,
	"next_attempt_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_deliveries_message" UNIQUE("webhook_id","message_id"),
	CONSTRAINT "webhook_deliveries_state" CHECK ("webhook_deliveries"."state" in ('pending', 'retrying', 'delivered', 'failed', 'cancelled')),
	CONSTRAINT "webhook_deliveries_event" CHECK (("webhook_deliveries"."store_id" is null) = ("webhook_deliveries"."seq" is null)),
	CONSTRAINT "webhook_deliveries_ended_since" CHECK (("webhook_deliveries"."state" in ('pending', 'retrying')) = ("webhook_deliveries"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"url" text NOT NULL,
	"event_types" text[],
	"description" text NOT NULL,
	"status" text NOT NULL,
	"disabled_reason" text,
	"failing_since" timestamp (3) with time zone,
	"secrets" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "webhook_endpoints_status" CHECK ("webhook_endpoints"."status" in ('enabled', 'disabled')),
	CONSTRAINT "webhook_endpoints_disabled_reason" CHECK ("webhook_endpoints"."disabled_reason" in ('requested', 'gone', 'failing')),
	CONSTRAINT "webhook_endpoints_disabled_since" CHECK (("webhook_endpoints"."status" = 'disabled') = ("webhook_endpoints"."disabled_reason" is not null)),
	CONSTRAINT "webhook_endpoints_deleted" CHECK ("webhook_endpoints"."deleted_at" is null or "webhook_endpoints"."status" = 'disabled')
);
--> statement-breakpoint
ALTER TABLE "store_events" ADD CONSTRAINT "store_events_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operations" ADD CONSTRAINT "operations_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_service_account_id_service_accounts_id_fk" FOREIGN KEY ("service_account_id") REFERENCES "public"."service_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_accepted_by_users_id_fk" FOREIGN KEY ("accepted_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_accounts" ADD CONSTRAINT "service_accounts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_codes" ADD CONSTRAINT "device_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_webhook_endpoints_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "public"."webhook_endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_tenant" ON "audit_log" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "store_events_created" ON "store_events" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "store_events_tenant" ON "store_events" USING btree ("tenant_id","tenant_seq");--> statement-breakpoint
CREATE INDEX "idempotency_keys_expired" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "operations_current" ON "operations" USING btree ("store_id") WHERE "operations"."is_current";--> statement-breakpoint
CREATE UNIQUE INDEX "operations_pending" ON "operations" USING btree ("store_id") WHERE "operations"."run_id" is null and "operations"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "operations_running" ON "operations" USING btree ("store_id") WHERE "operations"."run_id" is not null and "operations"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "operations_list" ON "operations" USING btree ("store_id","requested_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "operations_succeeded" ON "operations" USING btree ("tenant_id","kind","ended_at") WHERE "operations"."status" = 'succeeded';--> statement-breakpoint
CREATE INDEX "operations_ended" ON "operations" USING btree ("ended_at") WHERE "operations"."ended_at" is not null;--> statement-breakpoint
CREATE INDEX "operations_queued" ON "operations" USING btree ("tenant_id","cluster","queued_since","id") WHERE "operations"."queued_since" is not null;--> statement-breakpoint
CREATE INDEX "operations_slot_granted" ON "operations" USING btree ("tenant_id","cluster","slot_granted_at") WHERE "operations"."slot_granted_at" is not null;--> statement-breakpoint
CREATE INDEX "orphans_list" ON "orphans" USING btree ("first_seen","uid");--> statement-breakpoint
CREATE INDEX "stores_list" ON "stores" USING btree ("tenant_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "stores"."status" <> 'deleted';--> statement-breakpoint
CREATE INDEX "stores_list_engine" ON "stores" USING btree ("tenant_id","engine","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "stores"."status" <> 'deleted';--> statement-breakpoint
CREATE INDEX "stores_list_name" ON "stores" USING btree ("tenant_id",lower("name"),"id") WHERE "stores"."status" <> 'deleted';--> statement-breakpoint
CREATE INDEX "stores_list_all" ON "stores" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "stores"."status" <> 'deleted';--> statement-breakpoint
CREATE INDEX "stores_list_status" ON "stores" USING btree ("tenant_id","status","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "stores_deleted" ON "stores" USING btree ("deleted_at") WHERE "stores"."status" = 'deleted';--> statement-breakpoint
CREATE INDEX "stores_ready" ON "stores" USING btree ("cluster","id") WHERE "stores"."status" = 'ready';--> statement-breakpoint
CREATE INDEX "api_tokens_list" ON "api_tokens" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "api_tokens_user" ON "api_tokens" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "api_tokens_service_account" ON "api_tokens" USING btree ("service_account_id","created_at","id");--> statement-breakpoint
CREATE INDEX "invitations_list" ON "invitations" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "members_user" ON "members" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "service_accounts_list" ON "service_accounts" USING btree ("tenant_id","created_at","id");--> statement-breakpoint
CREATE INDEX "tenants_list" ON "tenants" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "unaccounted_list" ON "unaccounted" USING btree ("first_seen","namespace");--> statement-breakpoint
CREATE INDEX "device_codes_expired" ON "device_codes" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "oidc_logins_expired" ON "oidc_logins" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "sessions_expired" ON "sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_local_email" ON "users" USING btree (lower("email")) WHERE "users"."issuer" = 'local';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_list" ON "webhook_deliveries" USING btree ("webhook_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "webhook_deliveries_list_state" ON "webhook_deliveries" USING btree ("webhook_id","state","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "webhook_deliveries_unstarted" ON "webhook_deliveries" USING btree ("created_at") WHERE "webhook_deliveries"."started_at" is null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_open" ON "webhook_deliveries" USING btree ("started_at") WHERE "webhook_deliveries"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_created" ON "webhook_deliveries" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "webhook_endpoints_list" ON "webhook_endpoints" USING btree ("tenant_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "webhook_endpoints"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "webhook_endpoints_enabled" ON "webhook_endpoints" USING btree ("tenant_id") WHERE "webhook_endpoints"."status" = 'enabled';--> statement-breakpoint
CREATE INDEX "webhook_endpoints_deleted_at" ON "webhook_endpoints" USING btree ("deleted_at") WHERE "webhook_endpoints"."deleted_at" is not null;