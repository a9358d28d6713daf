-- Pushed documents can be taken out again and pushed anew (product.md 1.13), and are read back to see whether somebody
-- changed them by hand (1.14).
CREATE TABLE "drifts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"document_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"ours" jsonb NOT NULL,
	"theirs" jsonb,
	"snapshot" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone,
	CONSTRAINT "drifts_kind" CHECK ("drifts"."kind" in ('edited', 'voided', 'deleted')),
	CONSTRAINT "drifts_state" CHECK ("drifts"."state" in ('open', 'accepted', 'restored', 'ignored', 'healed'))
);
--> statement-breakpoint
CREATE TABLE "undos" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"from_date" date,
	"to_date" date,
	"event_id" bigint,
	"state" text DEFAULT 'running' NOT NULL,
	"reason" text,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"reposted_at" timestamp with time zone,
	CONSTRAINT "undos_state" CHECK ("undos"."state" in ('running', 'done', 'failed')),
	CONSTRAINT "undos_scope" CHECK (("undos"."event_id" is null) <> ("undos"."from_date" is null and "undos"."to_date" is null))
);
--> statement-breakpoint
ALTER TABLE "documents" DROP CONSTRAINT "documents_state";--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "undo_id" uuid;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "checked_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "settled_snapshot" text;--> statement-breakpoint
ALTER TABLE "drifts" ADD CONSTRAINT "drifts_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "undos" ADD CONSTRAINT "undos_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "drifts_open" ON "drifts" USING btree ("document_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "drifts_company" ON "drifts" USING btree ("company_id","seen_at");--> statement-breakpoint
CREATE INDEX "undos_company" ON "undos" USING btree ("company_id","started_at");--> statement-breakpoint
CREATE INDEX "undos_connection" ON "undos" USING btree ("connection_id") WHERE reposted_at is null;--> statement-breakpoint
CREATE INDEX "documents_undo" ON "documents" USING btree ("undo_id") WHERE undo_id is not null;--> statement-breakpoint
CREATE INDEX "documents_checked" ON "documents" USING btree ("connection_id","checked_at") WHERE state = 'pushed';--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_state" CHECK ("documents"."state" in
    ('pending', 'sending', 'unknown', 'pushed', 'held', 'rejected', 'undoing', 'undone'));