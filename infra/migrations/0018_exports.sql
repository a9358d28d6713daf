CREATE TABLE "export_parts" (
	"company_id" uuid NOT NULL,
	"format" text NOT NULL,
	"number" integer NOT NULL,
	"file" text NOT NULL,
	"part" integer NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "export_parts_company_id_format_number_file_part_pk" PRIMARY KEY("company_id","format","number","file","part")
);
--> statement-breakpoint
CREATE TABLE "export_persons" (
	"company_id" uuid NOT NULL,
	"format" text NOT NULL,
	"kind" text NOT NULL,
	"party" text NOT NULL,
	"number" integer NOT NULL,
	CONSTRAINT "export_persons_company_id_format_kind_party_pk" PRIMARY KEY("company_id","format","kind","party"),
	CONSTRAINT "export_persons_number" UNIQUE("company_id","format","number"),
	CONSTRAINT "export_persons_kind" CHECK ("export_persons"."kind" in ('debtor', 'creditor'))
);
--> statement-breakpoint
CREATE TABLE "export_runs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "export_runs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"format" text NOT NULL,
	"number" integer NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"scope" text NOT NULL,
	"through" bigint NOT NULL,
	"entries" integer NOT NULL,
	"files" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	CONSTRAINT "export_runs_number" UNIQUE("company_id","format","number"),
	CONSTRAINT "export_runs_days" CHECK ("export_runs"."ends_on" >= "export_runs"."starts_on"),
	CONSTRAINT "export_runs_scope" CHECK ("export_runs"."scope" in ('all', 'new'))
);
--> statement-breakpoint
ALTER TABLE "export_persons" ADD CONSTRAINT "export_persons_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "export_runs" ADD CONSTRAINT "export_runs_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- What was exported stays: others have imported it.
CREATE FUNCTION exports_are_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'ENTRY_IMMUTABLE: Rows of % are never changed or deleted. Make another export instead.', tg_table_name;
END $$;--> statement-breakpoint
CREATE TRIGGER export_runs_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON export_runs
  FOR EACH STATEMENT EXECUTE FUNCTION exports_are_immutable();--> statement-breakpoint
CREATE TRIGGER export_parts_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON export_parts
  FOR EACH STATEMENT EXECUTE FUNCTION exports_are_immutable();--> statement-breakpoint
CREATE TRIGGER export_persons_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON export_persons
  FOR EACH STATEMENT EXECUTE FUNCTION exports_are_immutable();
