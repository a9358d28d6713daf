-- Subscriptions hand out secrets of their own; payouts, fees and disputes become documents; books tell what changed there.
-- Polling has a cursor per feed now: what was called "changes" is the feed of orders.
CREATE TABLE "webhook_secrets" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"connector" text NOT NULL,
	"connection_id" uuid,
	"key_id" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"retired_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "book_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "book_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"connection_id" uuid NOT NULL,
	"remote_id" text NOT NULL,
	"operation" text NOT NULL,
	"told_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "mappings" DROP CONSTRAINT "mappings_kind";--> statement-breakpoint
ALTER TABLE "documents" DROP CONSTRAINT "documents_kind";--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "book_changes" ADD CONSTRAINT "book_changes_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_secrets_connection" ON "webhook_secrets" USING btree ("connection_id");--> statement-breakpoint
CREATE INDEX "webhook_secrets_connector" ON "webhook_secrets" USING btree ("connector");--> statement-breakpoint
CREATE INDEX "book_changes_connection" ON "book_changes" USING btree ("connection_id","id");--> statement-breakpoint
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_kind" CHECK ("mappings"."kind" in ('account', 'tax', 'party', 'record'));--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_kind" CHECK ("documents"."kind" in
    ('invoice', 'credit_note', 'payment', 'allocation', 'transfer', 'bank_entry', 'journal'));--> statement-breakpoint
UPDATE "cursors" SET "resource" = 'orders' WHERE "resource" = 'changes';
