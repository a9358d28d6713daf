-- Returns that were filed, what they said and the entries that settled them (accounting.md H7).
CREATE TABLE "tax_returns" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tax_returns_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"regime" text NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"version" integer NOT NULL,
	"basis" text NOT NULL,
	"state" text NOT NULL,
	"figures" jsonb NOT NULL,
	"hash" text NOT NULL,
	"due" bigint NOT NULL,
	"codes" text[] NOT NULL,
	"entry_id" bigint,
	"locked_before" date,
	"made_at" timestamp with time zone NOT NULL,
	"filed_at" timestamp with time zone,
	"filed_by" text,
	"reason" text,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	"withdrawn_reason" text,
	CONSTRAINT "tax_returns_state" CHECK ("tax_returns"."state" in ('draft', 'filed', 'withdrawn')),
	CONSTRAINT "tax_returns_basis" CHECK ("tax_returns"."basis" in ('posting_period', 'original_period')),
	CONSTRAINT "tax_returns_order" CHECK ("tax_returns"."ends_on" >= "tax_returns"."starts_on"),
	CONSTRAINT "tax_returns_filed" CHECK (("tax_returns"."state" = 'draft') = ("tax_returns"."filed_at" is null)),
	CONSTRAINT "tax_returns_withdrawn" CHECK (("tax_returns"."state" = 'withdrawn') = ("tax_returns"."withdrawn_at" is not null and "tax_returns"."withdrawn_reason" is not null))
);
--> statement-breakpoint
ALTER TABLE "tax_returns" ADD CONSTRAINT "tax_returns_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "tax_returns_once" ON "tax_returns" USING btree ("company_id","regime","starts_on","ends_on","version") WHERE state = 'filed';--> statement-breakpoint
CREATE UNIQUE INDEX "tax_returns_draft" ON "tax_returns" USING btree ("company_id","regime","starts_on","ends_on") WHERE state = 'draft';--> statement-breakpoint
CREATE UNIQUE INDEX "tax_returns_entry" ON "tax_returns" USING btree ("entry_id") WHERE entry_id is not null;--> statement-breakpoint
CREATE INDEX "tax_returns_company" ON "tax_returns" USING btree ("company_id","ends_on");--> statement-breakpoint
-- A filed return stays as it was; it can only be taken back, by a person with a reason. Drafts come and go.
CREATE FUNCTION tax_returns_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_journal(coalesce(NEW.company_id, OLD.company_id));
  IF TG_OP = 'INSERT' OR OLD.state = 'draft' THEN RETURN coalesce(NEW, OLD); END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'filed' AND NEW.state = 'withdrawn'
    AND to_jsonb(NEW) - ARRAY['state', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason']
      = to_jsonb(OLD) - ARRAY['state', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason']
  THEN RETURN NEW; END IF;
  PERFORM refuse('ENTRY_IMMUTABLE', format('The tax return of %s to %s is filed; take it back with a reason instead.',
    OLD.starts_on, OLD.ends_on), OLD.id::text);
END $$;
--> statement-breakpoint
CREATE TRIGGER tax_returns_kept BEFORE INSERT OR UPDATE OR DELETE ON tax_returns
  FOR EACH ROW EXECUTE FUNCTION tax_returns_kept();
--> statement-breakpoint
CREATE TRIGGER tax_returns_untruncated BEFORE TRUNCATE ON tax_returns
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
