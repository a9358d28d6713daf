-- A channel can be booked as one entry per day and register (accounting.md, end of C): receipts wait in their summary
-- until the day is over, and say afterwards what was inside.
CREATE TABLE "granularities" (
	"connection_id" uuid NOT NULL,
	"from_date" date NOT NULL,
	"mode" text NOT NULL,
	CONSTRAINT "granularities_connection_id_from_date_pk" PRIMARY KEY("connection_id","from_date"),
	CONSTRAINT "granularities_mode" CHECK ("granularities"."mode" in ('per_order', 'daily_summary'))
);
--> statement-breakpoint
CREATE TABLE "receipt_documents" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "receipt_documents_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"summary_id" bigint NOT NULL,
	"event_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"number" text NOT NULL,
	"payload" jsonb NOT NULL,
	"within_kind" text,
	"within" text,
	CONSTRAINT "receipt_documents_once" UNIQUE("company_id","kind","number")
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "receipts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"summary_id" bigint NOT NULL,
	"event_id" bigint NOT NULL,
	"source_key" text NOT NULL,
	"reverses" text,
	"reversed" boolean DEFAULT false NOT NULL,
	"entry" jsonb NOT NULL,
	CONSTRAINT "receipts_once" UNIQUE("company_id","source_key")
);
--> statement-breakpoint
CREATE TABLE "summaries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "summaries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"journal" text NOT NULL,
	"day" date NOT NULL,
	"tax_point" date NOT NULL,
	"register" text NOT NULL,
	"version" integer NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"source_key" text,
	"posted_at" timestamp with time zone,
	CONSTRAINT "summaries_once" UNIQUE("connection_id","journal","day","tax_point","register","version"),
	CONSTRAINT "summaries_state" CHECK ("summaries"."state" in ('open', 'posted'))
);
--> statement-breakpoint
ALTER TABLE "documents" ALTER COLUMN "event_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "summary_id" bigint;--> statement-breakpoint
ALTER TABLE "granularities" ADD CONSTRAINT "granularities_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt_documents" ADD CONSTRAINT "receipt_documents_summary_id_summaries_id_fk" FOREIGN KEY ("summary_id") REFERENCES "public"."summaries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_summary_id_summaries_id_fk" FOREIGN KEY ("summary_id") REFERENCES "public"."summaries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "receipt_documents_summary" ON "receipt_documents" USING btree ("summary_id");--> statement-breakpoint
CREATE INDEX "receipt_documents_event" ON "receipt_documents" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "receipts_summary" ON "receipts" USING btree ("summary_id");--> statement-breakpoint
CREATE INDEX "receipts_event" ON "receipts" USING btree ("event_id");--> statement-breakpoint
CREATE UNIQUE INDEX "summaries_open" ON "summaries" USING btree ("connection_id","journal","day","tax_point","register") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "summaries_due" ON "summaries" USING btree ("company_id","due_at") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "documents_summary" ON "documents" USING btree ("summary_id") WHERE summary_id is not null;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_origin" CHECK (("documents"."event_id" is null) <> ("documents"."summary_id" is null));