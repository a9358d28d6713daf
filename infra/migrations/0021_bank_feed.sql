CREATE TABLE "bank_accounts" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"number" text,
	"currency" char(3) NOT NULL,
	"csv_map" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "bank_accounts_role" UNIQUE("company_id","role"),
	CONSTRAINT "bank_accounts_name" UNIQUE("company_id","name"),
	CONSTRAINT "bank_accounts_number" UNIQUE("company_id","number","currency")
);
--> statement-breakpoint
CREATE TABLE "bank_lines" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bank_lines_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"bank_account_id" uuid NOT NULL,
	"company_id" uuid NOT NULL,
	"content_hash" text NOT NULL,
	"occurrence" integer NOT NULL,
	"booked_on" date NOT NULL,
	"value_on" date,
	"amount" bigint NOT NULL,
	"counterparty" text,
	"counterparty_account" text,
	"reference" text,
	"text" text NOT NULL,
	"bank_id" text,
	"end_to_end_id" text,
	"state" text DEFAULT 'unmatched' NOT NULL,
	"reason" text,
	"revision" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "bank_lines_once" UNIQUE("bank_account_id","content_hash","occurrence"),
	CONSTRAINT "bank_lines_state" CHECK ("bank_lines"."state" in ('unmatched', 'suggested', 'matched', 'ignored')),
	CONSTRAINT "bank_lines_reason" CHECK (("bank_lines"."state" = 'ignored') = ("bank_lines"."reason" is not null))
);
--> statement-breakpoint
CREATE TABLE "bank_matches" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bank_matches_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"line_id" bigint NOT NULL,
	"state" text NOT NULL,
	"subject" text NOT NULL,
	"why" text NOT NULL,
	"score" smallint NOT NULL,
	"post" jsonb,
	"entry_id" bigint,
	"line_no" smallint,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"reason" text,
	CONSTRAINT "bank_matches_state" CHECK ("bank_matches"."state" in ('suggested', 'matched', 'rejected', 'undone'))
);
--> statement-breakpoint
CREATE TABLE "bank_rules" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bank_rules_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"bank_account_id" uuid,
	"contains" text NOT NULL,
	"direction" text DEFAULT 'both' NOT NULL,
	"account" text,
	"role" text,
	"tax_code" text,
	"made_by" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "bank_rules_direction" CHECK ("bank_rules"."direction" in ('in', 'out', 'both')),
	CONSTRAINT "bank_rules_target" CHECK (("bank_rules"."account" is null) <> ("bank_rules"."role" is null))
);
--> statement-breakpoint
CREATE TABLE "bank_statement_lines" (
	"statement_id" bigint NOT NULL,
	"line_id" bigint NOT NULL,
	"before" bigint,
	"day_opens" bigint,
	"day_closes" bigint,
	CONSTRAINT "bank_statement_lines_statement_id_line_id_pk" PRIMARY KEY("statement_id","line_id")
);
--> statement-breakpoint
CREATE TABLE "bank_statements" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bank_statements_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"bank_account_id" uuid NOT NULL,
	"hash" text NOT NULL,
	"format" text NOT NULL,
	"number" text,
	"opening" bigint,
	"closing" bigint,
	"opens_on" date,
	"closes_on" date,
	"imported_at" timestamp with time zone NOT NULL,
	"imported_by" text NOT NULL,
	CONSTRAINT "bank_statements_hash" UNIQUE("bank_account_id","hash"),
	CONSTRAINT "bank_statements_format" CHECK ("bank_statements"."format" in ('camt', 'mt940', 'ofx', 'csv'))
);
--> statement-breakpoint
ALTER TABLE "bank_accounts" ADD CONSTRAINT "bank_accounts_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_lines" ADD CONSTRAINT "bank_lines_bank_account_id_bank_accounts_id_fk" FOREIGN KEY ("bank_account_id") REFERENCES "public"."bank_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_matches" ADD CONSTRAINT "bank_matches_line_id_bank_lines_id_fk" FOREIGN KEY ("line_id") REFERENCES "public"."bank_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_rules" ADD CONSTRAINT "bank_rules_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_rules" ADD CONSTRAINT "bank_rules_bank_account_id_bank_accounts_id_fk" FOREIGN KEY ("bank_account_id") REFERENCES "public"."bank_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD CONSTRAINT "bank_statement_lines_statement_id_bank_statements_id_fk" FOREIGN KEY ("statement_id") REFERENCES "public"."bank_statements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD CONSTRAINT "bank_statement_lines_line_id_bank_lines_id_fk" FOREIGN KEY ("line_id") REFERENCES "public"."bank_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statements" ADD CONSTRAINT "bank_statements_bank_account_id_bank_accounts_id_fk" FOREIGN KEY ("bank_account_id") REFERENCES "public"."bank_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bank_lines_day" ON "bank_lines" USING btree ("bank_account_id","booked_on","id");--> statement-breakpoint
CREATE INDEX "bank_lines_open" ON "bank_lines" USING btree ("company_id") WHERE state in ('unmatched', 'suggested');--> statement-breakpoint
CREATE UNIQUE INDEX "bank_matches_line" ON "bank_matches" USING btree ("line_id") WHERE state = 'matched';--> statement-breakpoint
CREATE UNIQUE INDEX "bank_matches_claim" ON "bank_matches" USING btree ("company_id","subject") WHERE state = 'matched' and (subject like 'entry %' or subject like 'clears %');--> statement-breakpoint
CREATE UNIQUE INDEX "bank_matches_entry" ON "bank_matches" USING btree ("entry_id","line_no") WHERE state = 'matched';--> statement-breakpoint
CREATE INDEX "bank_matches_of_line" ON "bank_matches" USING btree ("line_id","id");--> statement-breakpoint
CREATE INDEX "bank_rules_company" ON "bank_rules" USING btree ("company_id");--> statement-breakpoint
CREATE INDEX "bank_rules_account" ON "bank_rules" USING btree ("bank_account_id");--> statement-breakpoint
CREATE INDEX "bank_statement_lines_line" ON "bank_statement_lines" USING btree ("line_id");--> statement-breakpoint
CREATE INDEX "bank_statements_day" ON "bank_statements" USING btree ("bank_account_id","closes_on");--> statement-breakpoint
-- What a bank told stays as it told it; only what became of it changes.
CREATE FUNCTION bank_lines_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse('BANK_LINE_REFUSED', 'Lines of bank statements are never changed or deleted. Ignore a line with a reason.');
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER bank_lines_stay BEFORE DELETE OR UPDATE OF bank_account_id, company_id, content_hash, occurrence, booked_on,
  value_on, amount, counterparty, counterparty_account, reference, text, bank_id, end_to_end_id ON bank_lines
  FOR EACH STATEMENT EXECUTE FUNCTION bank_lines_stay();
