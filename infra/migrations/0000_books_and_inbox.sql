CREATE TABLE "companies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"country" char(2) NOT NULL,
	"currency" char(3) NOT NULL,
	"time_zone" text NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "companies_slug_unique" UNIQUE("slug"),
	CONSTRAINT "companies_slug_form" CHECK ("companies"."slug" ~ '^[a-z0-9][a-z0-9-]*$')
);
--> statement-breakpoint
CREATE TABLE "fx_rates" (
	"company_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"day" date NOT NULL,
	"rate" numeric(20, 10) NOT NULL,
	"source" text NOT NULL,
	CONSTRAINT "fx_rates_company_id_currency_day_pk" PRIMARY KEY("company_id","currency","day"),
	CONSTRAINT "fx_rates_positive" CHECK ("fx_rates"."rate" > 0)
);
--> statement-breakpoint
CREATE TABLE "issues" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"connection_id" uuid,
	"code" text NOT NULL,
	"fingerprint" text NOT NULL,
	"message" text NOT NULL,
	"subject" text,
	"state" text DEFAULT 'open' NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"resolved_at" timestamp with time zone,
	CONSTRAINT "issues_state" CHECK ("issues"."state" in ('open', 'resolved', 'ignored'))
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"company_id" uuid NOT NULL,
	"connector" text NOT NULL,
	"kind" text NOT NULL,
	"label" text NOT NULL,
	"account" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"token_set_id" uuid,
	"key_id" text,
	"sealed" "bytea",
	"paused_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "connections_account" UNIQUE("company_id","connector","account"),
	CONSTRAINT "connections_kind" CHECK ("connections"."kind" in ('sales', 'accounting')),
	CONSTRAINT "connections_state" CHECK ("connections"."state" in ('active', 'paused', 'reconnect', 'disconnected'))
);
--> statement-breakpoint
CREATE TABLE "cursors" (
	"connection_id" uuid NOT NULL,
	"resource" text NOT NULL,
	"cursor" text NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "cursors_connection_id_resource_pk" PRIMARY KEY("connection_id","resource")
);
--> statement-breakpoint
CREATE TABLE "mappings" (
	"connection_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"ours" text NOT NULL,
	"theirs" text NOT NULL,
	CONSTRAINT "mappings_connection_id_kind_ours_pk" PRIMARY KEY("connection_id","kind","ours"),
	CONSTRAINT "mappings_kind" CHECK ("mappings"."kind" in ('account', 'tax', 'party'))
);
--> statement-breakpoint
CREATE TABLE "oauth_states" (
	"state_hash" text PRIMARY KEY NOT NULL,
	"browser_hash" text NOT NULL,
	"company_id" uuid NOT NULL,
	"connector" text NOT NULL,
	"fields" jsonb NOT NULL,
	"code_verifier" text,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "token_sets" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"connector" text NOT NULL,
	"key_id" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	"access_expires_at" timestamp with time zone,
	"refresh_expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "documents_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"event_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"number" text NOT NULL,
	"date" date NOT NULL,
	"currency" char(3) NOT NULL,
	"amount" bigint NOT NULL,
	"tax" bigint NOT NULL,
	"payload" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"remote_id" text,
	"remote_url" text,
	"reason" text,
	"code" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"pushed_at" timestamp with time zone,
	CONSTRAINT "documents_once" UNIQUE("connection_id","kind","number"),
	CONSTRAINT "documents_kind" CHECK ("documents"."kind" in ('invoice', 'credit_note', 'payment', 'allocation')),
	CONSTRAINT "documents_state" CHECK ("documents"."state" in ('pending', 'sending', 'unknown', 'pushed', 'held', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "push_attempts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "push_attempts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"document_ids" bigint[] NOT NULL,
	"idempotency_key" text NOT NULL,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"body" "bytea" NOT NULL,
	"sent_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"outcome" text DEFAULT 'sent' NOT NULL,
	"detail" text,
	CONSTRAINT "push_attempts_idempotency_key_unique" UNIQUE("idempotency_key"),
	CONSTRAINT "push_attempts_outcome" CHECK ("push_attempts"."outcome" in ('sent', 'answered', 'unknown', 'refused'))
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"topic" text NOT NULL,
	"event_id" text NOT NULL,
	"body_hash" "bytea" NOT NULL,
	"headers" jsonb NOT NULL,
	"body" "bytea" NOT NULL,
	"via" text DEFAULT 'webhook' NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'received' NOT NULL,
	"reason" text,
	"code" text,
	CONSTRAINT "deliveries_once" UNIQUE("connection_id","topic","event_id","body_hash"),
	CONSTRAINT "deliveries_state" CHECK ("deliveries"."state" in ('received', 'normalized', 'ignored', 'refused', 'failed')),
	CONSTRAINT "deliveries_via" CHECK ("deliveries"."via" in ('webhook', 'poll', 'backfill'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"delivery_id" bigint NOT NULL,
	"type" text NOT NULL,
	"source_id" text NOT NULL,
	"revision" text NOT NULL,
	"content_hash" text NOT NULL,
	"payload" jsonb NOT NULL,
	"sale_id" text,
	"occurred_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"code" text,
	"posted_at" timestamp with time zone,
	CONSTRAINT "events_once" UNIQUE("connection_id","type","source_id","revision"),
	CONSTRAINT "events_state" CHECK ("events"."state" in
    ('pending', 'posted', 'unchanged', 'superseded', 'waiting', 'conflict', 'failed', 'test'))
);
--> statement-breakpoint
CREATE TABLE "todo" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "todo_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"stage" text NOT NULL,
	"ref" bigint NOT NULL,
	"connection_id" uuid,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"held" text,
	CONSTRAINT "todo_once" UNIQUE("stage","ref"),
	CONSTRAINT "todo_stage" CHECK ("todo"."stage" in ('normalize', 'post', 'push'))
);
--> statement-breakpoint
CREATE TABLE "account_roles" (
	"company_id" uuid NOT NULL,
	"role" text NOT NULL,
	"account" text NOT NULL,
	CONSTRAINT "account_roles_company_id_role_pk" PRIMARY KEY("company_id","role")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"company_id" uuid NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"normal_side" text NOT NULL,
	"guarded" boolean DEFAULT false NOT NULL,
	CONSTRAINT "accounts_company_id_code_pk" PRIMARY KEY("company_id","code"),
	CONSTRAINT "accounts_type" CHECK ("accounts"."type" in ('asset', 'liability', 'equity', 'income', 'expense')),
	CONSTRAINT "accounts_side" CHECK ("accounts"."normal_side" in ('debit', 'credit'))
);
--> statement-breakpoint
CREATE TABLE "fiscal_years" (
	"company_id" uuid NOT NULL,
	"label" text NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"last_number" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "fiscal_years_company_id_label_pk" PRIMARY KEY("company_id","label"),
	CONSTRAINT "fiscal_years_start" UNIQUE("company_id","starts_on"),
	CONSTRAINT "fiscal_years_order" CHECK ("fiscal_years"."ends_on" > "fiscal_years"."starts_on"),
	CONSTRAINT "fiscal_years_length" CHECK ("fiscal_years"."ends_on" < "fiscal_years"."starts_on" + interval '18 months')
);
--> statement-breakpoint
CREATE TABLE "journal_entries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "journal_entries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"fiscal_year" text NOT NULL,
	"number" integer NOT NULL,
	"entry_type" char(3) NOT NULL,
	"posting_date" date NOT NULL,
	"tax_point" date NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"source_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"memo" text NOT NULL,
	"line_count" smallint NOT NULL,
	"channel" text,
	"event_id" bigint,
	"reverses" bigint,
	"reversed_by" bigint,
	"previous_hash" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "journal_entries_number" UNIQUE("company_id","fiscal_year","number"),
	CONSTRAINT "journal_entries_sequence" UNIQUE("company_id","sequence"),
	CONSTRAINT "journal_entries_source" UNIQUE("company_id","source_key"),
	CONSTRAINT "journal_entries_type" CHECK ("journal_entries"."entry_type" in ('OPN', 'SAL', 'RFD', 'DEP', 'RCT', 'PYT', 'FEE', 'FXC', 'FXR', 'DSP', 'INV', 'PUR', 'CSH',
      'BNK', 'GEN', 'CLS')),
	CONSTRAINT "journal_entries_hash" CHECK (octet_length("journal_entries"."hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "journal_heads" (
	"company_id" uuid PRIMARY KEY NOT NULL,
	"last_hash" "bytea" NOT NULL,
	"entries" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "journal_lines" (
	"entry_id" bigint NOT NULL,
	"line_no" smallint NOT NULL,
	"company_id" uuid NOT NULL,
	"account" text NOT NULL,
	"posting_date" date NOT NULL,
	"debit" bigint NOT NULL,
	"credit" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"amount_tc" bigint NOT NULL,
	"role" text NOT NULL,
	"tax_code" text,
	"tax_kind" text,
	"party" text,
	"document" text,
	CONSTRAINT "journal_lines_entry_id_line_no_pk" PRIMARY KEY("entry_id","line_no"),
	CONSTRAINT "journal_lines_side" CHECK (("journal_lines"."debit" > 0 and "journal_lines"."credit" = 0) or ("journal_lines"."credit" > 0 and "journal_lines"."debit" = 0)),
	CONSTRAINT "journal_lines_tc" CHECK ("journal_lines"."amount_tc" >= 0)
);
--> statement-breakpoint
CREATE TABLE "periods" (
	"company_id" uuid NOT NULL,
	"fiscal_year" text NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	CONSTRAINT "periods_company_id_starts_on_pk" PRIMARY KEY("company_id","starts_on"),
	CONSTRAINT "periods_order" CHECK ("periods"."ends_on" >= "periods"."starts_on"),
	CONSTRAINT "periods_state" CHECK ("periods"."state" in ('open', 'soft_closed', 'locked', 'closed'))
);
--> statement-breakpoint
CREATE TABLE "tax_codes" (
	"company_id" uuid NOT NULL,
	"code" text NOT NULL,
	"rate" numeric(9, 4),
	"label" text NOT NULL,
	"revenue" text NOT NULL,
	CONSTRAINT "tax_codes_company_id_code_pk" PRIMARY KEY("company_id","code")
);
--> statement-breakpoint
CREATE TABLE "tax_rules" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tax_rules_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"channel" text,
	"name" text,
	"rate" numeric(9, 4),
	"code" text NOT NULL,
	CONSTRAINT "tax_rules_once" UNIQUE NULLS NOT DISTINCT("company_id","channel","name","rate")
);
--> statement-breakpoint
ALTER TABLE "fx_rates" ADD CONSTRAINT "fx_rates_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issues" ADD CONSTRAINT "issues_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_token_set_id_token_sets_id_fk" FOREIGN KEY ("token_set_id") REFERENCES "public"."token_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cursors" ADD CONSTRAINT "cursors_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mappings" ADD CONSTRAINT "mappings_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "oauth_states" ADD CONSTRAINT "oauth_states_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_attempts" ADD CONSTRAINT "push_attempts_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_attempts" ADD CONSTRAINT "push_attempts_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_roles" ADD CONSTRAINT "account_roles_company_id_account_accounts_company_id_code_fk" FOREIGN KEY ("company_id","account") REFERENCES "public"."accounts"("company_id","code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fiscal_years" ADD CONSTRAINT "fiscal_years_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "journal_heads" ADD CONSTRAINT "journal_heads_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "periods" ADD CONSTRAINT "periods_company_id_fiscal_year_fiscal_years_company_id_label_fk" FOREIGN KEY ("company_id","fiscal_year") REFERENCES "public"."fiscal_years"("company_id","label") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tax_codes" ADD CONSTRAINT "tax_codes_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tax_rules" ADD CONSTRAINT "tax_rules_company_id_code_tax_codes_company_id_code_fk" FOREIGN KEY ("company_id","code") REFERENCES "public"."tax_codes"("company_id","code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "issues_open" ON "issues" USING btree ("company_id","fingerprint") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "issues_company" ON "issues" USING btree ("company_id","state");--> statement-breakpoint
CREATE INDEX "connections_token_set" ON "connections" USING btree ("token_set_id");--> statement-breakpoint
CREATE INDEX "oauth_states_company" ON "oauth_states" USING btree ("company_id");--> statement-breakpoint
CREATE INDEX "documents_company" ON "documents" USING btree ("company_id","id");--> statement-breakpoint
CREATE INDEX "documents_event" ON "documents" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "documents_unfinished" ON "documents" USING btree ("connection_id","state") WHERE state <> 'pushed';--> statement-breakpoint
CREATE INDEX "push_attempts_connection" ON "push_attempts" USING btree ("connection_id","id");--> statement-breakpoint
CREATE INDEX "push_attempts_company" ON "push_attempts" USING btree ("company_id");--> statement-breakpoint
CREATE INDEX "push_attempts_documents" ON "push_attempts" USING gin ("document_ids");--> statement-breakpoint
CREATE INDEX "deliveries_company" ON "deliveries" USING btree ("company_id","id");--> statement-breakpoint
CREATE INDEX "deliveries_unfinished" ON "deliveries" USING btree ("company_id","state") WHERE state not in ('normalized', 'ignored');--> statement-breakpoint
CREATE INDEX "events_company" ON "events" USING btree ("company_id","id");--> statement-breakpoint
CREATE INDEX "events_delivery" ON "events" USING btree ("delivery_id");--> statement-breakpoint
CREATE INDEX "events_sale" ON "events" USING btree ("connection_id","sale_id") WHERE sale_id is not null;--> statement-breakpoint
CREATE INDEX "events_unfinished" ON "events" USING btree ("company_id","state") WHERE state not in ('posted', 'unchanged', 'superseded');--> statement-breakpoint
CREATE INDEX "todo_due" ON "todo" USING btree ("stage","due_at") WHERE held is null;--> statement-breakpoint
CREATE INDEX "todo_connection" ON "todo" USING btree ("connection_id") WHERE connection_id is not null;--> statement-breakpoint
CREATE INDEX "account_roles_account" ON "account_roles" USING btree ("company_id","account");--> statement-breakpoint
CREATE UNIQUE INDEX "journal_entries_reverses" ON "journal_entries" USING btree ("reverses") WHERE reverses is not null;--> statement-breakpoint
CREATE INDEX "journal_entries_event" ON "journal_entries" USING btree ("event_id") WHERE event_id is not null;--> statement-breakpoint
CREATE INDEX "journal_entries_date" ON "journal_entries" USING btree ("company_id","posting_date");--> statement-breakpoint
CREATE INDEX "journal_lines_account" ON "journal_lines" USING btree ("company_id","account","posting_date","debit","credit");--> statement-breakpoint
CREATE INDEX "periods_year" ON "periods" USING btree ("company_id","fiscal_year");--> statement-breakpoint
CREATE INDEX "tax_rules_code" ON "tax_rules" USING btree ("company_id","code");