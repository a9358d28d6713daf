-- Imports go on over crashes and can be cancelled; live traffic goes first; what told of a fact is remembered, so that
-- gaps in the webhooks can be counted (product.md 1.6).
CREATE TABLE "backfills" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"range_from" timestamp with time zone NOT NULL,
	"range_to" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"feeds_done" integer DEFAULT 0 NOT NULL,
	"cursor" text,
	"read" integer DEFAULT 0 NOT NULL,
	"stored" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"reason" text,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "backfills_state" CHECK ("backfills"."state" in ('running', 'done', 'cancelled', 'failed')),
	CONSTRAINT "backfills_range" CHECK ("backfills"."range_from" < "backfills"."range_to")
);
--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "told_by_webhook" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "events" ADD COLUMN "told_by_poll" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "todo" ADD COLUMN "priority" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "backfills_company" ON "backfills" USING btree ("company_id","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "backfills_running" ON "backfills" USING btree ("connection_id") WHERE state = 'running';