-- Fiscal years close and reopen (accounting.md G3, G5), lock dates stop what they concern (G2), changes of the calendar are
-- kept with their reasons, and late facts can be held for approval (G6).
CREATE TABLE "calendar_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "calendar_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	"changed_by" text NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"before" text,
	"after" text,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "closing_entries" (
	"entry_id" bigint PRIMARY KEY NOT NULL,
	"company_id" uuid NOT NULL,
	"fiscal_year" text NOT NULL,
	"run" integer NOT NULL,
	"step" text NOT NULL,
	"reversal" boolean NOT NULL,
	CONSTRAINT "closing_entries_once" UNIQUE("company_id","fiscal_year","run","step","reversal"),
	CONSTRAINT "closing_entries_step" CHECK ("closing_entries"."step" in ('CLS-1', 'CLS-2', 'CLS-3', 'OPN'))
);
--> statement-breakpoint
CREATE TABLE "late_approvals" (
	"company_id" uuid NOT NULL,
	"event_id" bigint NOT NULL,
	"approved_at" timestamp with time zone NOT NULL,
	"approved_by" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "late_approvals_event_id_pk" PRIMARY KEY("event_id")
);
--> statement-breakpoint
CREATE TABLE "lock_dates" (
	"company_id" uuid PRIMARY KEY NOT NULL,
	"sales" date,
	"purchases" date,
	"tax" date,
	"everything" date,
	"hard" date
);
--> statement-breakpoint
ALTER TABLE "fiscal_years" ADD COLUMN "state" text DEFAULT 'open' NOT NULL;--> statement-breakpoint
ALTER TABLE "fiscal_years" ADD COLUMN "closings" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "calendar_changes" ADD CONSTRAINT "calendar_changes_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "closing_entries" ADD CONSTRAINT "closing_entries_company_id_fiscal_year_fiscal_years_company_id_label_fk" FOREIGN KEY ("company_id","fiscal_year") REFERENCES "public"."fiscal_years"("company_id","label") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "late_approvals" ADD CONSTRAINT "late_approvals_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_dates" ADD CONSTRAINT "lock_dates_company_id_companies_id_fk" FOREIGN KEY ("company_id") REFERENCES "public"."companies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "calendar_changes_company" ON "calendar_changes" USING btree ("company_id","id");--> statement-breakpoint
CREATE INDEX "late_approvals_company" ON "late_approvals" USING btree ("company_id");--> statement-breakpoint
ALTER TABLE "fiscal_years" ADD CONSTRAINT "fiscal_years_state" CHECK ("fiscal_years"."state" in ('open', 'closing', 'closed', 'reopening'));
--> statement-breakpoint
-- I6 and G2: entries lie in an open period behind no lock date that concerns them, automatic ones not beyond the current
-- period, and only the closing of a year posts CLS, or OPN into a period that is not open. "Today" is the company's.
CREATE OR REPLACE FUNCTION journal_entries_dated() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT d.* INTO bad FROM (
    SELECT e.*, p.state, p.fiscal_year AS period_year,
      CASE WHEN e.posting_date <= l.hard THEN 'hard' WHEN e.posting_date <= l.everything THEN 'everything'
        WHEN e.posting_date <= l.sales AND e.entry_type IN ('SAL', 'RFD', 'DEP') THEN 'sales'
        WHEN e.posting_date <= l.purchases AND e.entry_type IN ('PUR', 'FEE') THEN 'purchases'
        WHEN e.posting_date <= l.tax AND (SELECT true FROM new_entries n WHERE n.company_id = e.company_id
          AND n.posting_date = e.posting_date AND n.entry_type = e.entry_type AND (SELECT true FROM journal_lines j
            WHERE j.entry_id = n.id AND j.tax_kind IS NOT NULL LIMIT 1) LIMIT 1) THEN 'tax' END AS lock,
      e.posting_date > e.latest AND (SELECT true FROM new_entries n WHERE n.company_id = e.company_id
        AND n.posting_date = e.posting_date AND n.entry_type = e.entry_type
        AND coalesce((SELECT c.kind <> 'entered' FROM events v JOIN connections c ON c.id = v.connection_id
          WHERE v.id = n.event_id), n.channel IS NOT NULL OR n.event_id IS NOT NULL) LIMIT 1) AS future,
      CASE e.entry_type
        WHEN 'CLS' THEN e.by_system AND (SELECT y.state IN ('closing', 'reopening') AND y.ends_on = e.posting_date
          FROM fiscal_years y WHERE y.company_id = e.company_id AND y.label = e.fiscal_year)
        WHEN 'OPN' THEN e.by_system AND (SELECT y.state IN ('closing', 'reopening') FROM fiscal_years y
          WHERE y.company_id = e.company_id AND y.ends_on = e.posting_date - 1)
        ELSE false END AS closing
    FROM (
      SELECT g.*, greatest(t.today, coalesce((SELECT p.ends_on FROM periods p WHERE p.company_id = g.company_id
        AND p.starts_on <= t.today AND p.ends_on >= t.today), t.today)) AS latest
      FROM (
        SELECT min(n.source_key) AS source_key, n.company_id, n.fiscal_year, n.posting_date, n.recorded_at, n.entry_type,
          n.channel IS NULL AND n.event_id IS NULL AS by_system
        FROM new_entries n
        GROUP BY n.company_id, n.fiscal_year, n.posting_date, n.recorded_at, n.entry_type, by_system
      ) g
      CROSS JOIN LATERAL (SELECT (g.recorded_at AT TIME ZONE c.time_zone)::date AS today FROM companies c
        WHERE c.id = g.company_id OFFSET 0) t
    ) e
    LEFT JOIN LATERAL (SELECT * FROM periods p WHERE p.company_id = e.company_id AND p.starts_on <= e.posting_date
      AND p.ends_on >= e.posting_date OFFSET 0) p ON true
    LEFT JOIN LATERAL (SELECT * FROM lock_dates l WHERE l.company_id = e.company_id OFFSET 0) l ON true
  ) d
  WHERE d.period_year IS DISTINCT FROM d.fiscal_year OR (d.closing IS NOT TRUE AND (d.entry_type = 'CLS'
    OR d.lock IS NOT NULL OR d.future OR NOT (d.state = 'open'
      OR (d.state = 'soft_closed' AND d.entry_type IN ('GEN', 'INV', 'FXR')))))
  ORDER BY d.source_key LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM refuse('PERIOD_CLOSED', format('Entry %s is dated %s, ', bad.source_key, bad.posting_date) || CASE
    WHEN bad.state IS NULL THEN 'for which the company has no period. Create the fiscal year first.'
    WHEN bad.period_year <> bad.fiscal_year THEN
      format('which lies in fiscal year %s and not in %s.', bad.period_year, bad.fiscal_year)
    WHEN bad.entry_type = 'CLS' THEN 'but closing entries are made by closing the fiscal year, on its last day.'
    WHEN bad.lock = 'hard' THEN 'not after the hard lock date, which is never moved back. Date it later.'
    WHEN bad.lock IS NOT NULL THEN
      format('not after the lock date for %s. Date it later, or move that lock date with a reason.', bad.lock)
    WHEN bad.future THEN 'after the current period. Post it when that period has begun.'
    WHEN bad.state = 'closed' THEN
      'in a fiscal year that is closed. Date it in an open period, or reopen the year.'
    ELSE format('in a period that is %s. Date it in an open period, or open that one with a reason.',
      replace(bad.state, '_', ' ')) END, bad.posting_date::text);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Locking waits for postings under way, and postings that come later see it: both hold the journal's lock.
CREATE FUNCTION lock_dates_guarded() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_journal(coalesce(NEW.company_id, OLD.company_id));
  IF TG_OP <> 'INSERT' AND OLD.hard IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.hard IS NULL OR NEW.hard < OLD.hard
    OR NEW.company_id <> OLD.company_id)
  THEN
    PERFORM refuse('PERIOD_CLOSED', format('The hard lock date is %s and only moves forward.', OLD.hard),
      OLD.hard::text);
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
--> statement-breakpoint
CREATE TRIGGER lock_dates_guarded BEFORE INSERT OR UPDATE OR DELETE ON lock_dates
  FOR EACH ROW EXECUTE FUNCTION lock_dates_guarded();
--> statement-breakpoint
CREATE TRIGGER lock_dates_untruncated BEFORE TRUNCATE ON lock_dates
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER calendar_changes_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_changes
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER closing_entries_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
