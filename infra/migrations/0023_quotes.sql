CREATE TABLE "quotes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quotes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"number" text NOT NULL,
	"date" date NOT NULL,
	"valid_until" date NOT NULL,
	"currency" char(3) NOT NULL,
	"customer" jsonb NOT NULL,
	"lines" jsonb NOT NULL,
	"memo" text,
	"state" text NOT NULL,
	"invoice_event" bigint,
	"created_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "quotes_number" UNIQUE("company_id","number"),
	CONSTRAINT "quotes_invoice" UNIQUE("invoice_event"),
	CONSTRAINT "quotes_state" CHECK ("quotes"."state" in ('draft', 'sent', 'accepted', 'declined', 'invoiced')),
	CONSTRAINT "quotes_valid" CHECK ("quotes"."valid_until" >= "quotes"."date"),
	CONSTRAINT "quotes_invoiced" CHECK (("quotes"."state" = 'invoiced') = ("quotes"."invoice_event" is not null))
);
--> statement-breakpoint
ALTER TABLE "quotes" ADD CONSTRAINT "quotes_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;