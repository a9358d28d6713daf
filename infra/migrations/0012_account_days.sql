-- What the lines of a day come to, per account and everything that reports tell apart (accounting.md I12).
CREATE TABLE "account_days" (
	"company_id" uuid NOT NULL,
	"account" text NOT NULL,
	"day" date NOT NULL,
	"channel" text NOT NULL,
	"entry_type" char(3) NOT NULL,
	"role" text NOT NULL,
	"tax_code" text NOT NULL,
	"tax_kind" text NOT NULL,
	"currency" char(3) NOT NULL,
	"debit" bigint NOT NULL,
	"credit" bigint NOT NULL,
	"amount_tc" bigint NOT NULL,
	"lines" integer NOT NULL,
	CONSTRAINT "account_days_pkey" PRIMARY KEY("company_id","account","day","channel","entry_type","role","tax_code","tax_kind","currency")
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "section" text;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_section" CHECK ("accounts"."section" in ('revenue', 'cost_of_sales', 'other_income', 'other_expenses', 'cash', 'fixed_assets', 'loans'));
--> statement-breakpoint
-- The same few rows change with every batch: room on their pages keeps these updates out of the index.
ALTER TABLE account_days SET (fillfactor = 70);
--> statement-breakpoint
-- Sums of new lines are added in the order of the key; the journal's lock lets one batch of a company through at a time.
CREATE FUNCTION journal_lines_summed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  INSERT INTO account_days AS d (company_id, account, day, channel, entry_type, role, tax_code, tax_kind, currency,
    debit, credit, amount_tc, lines)
  SELECT l.company_id, l.account, l.posting_date, coalesce(e.channel, ''), e.entry_type, l.role,
    coalesce(l.tax_code, ''), coalesce(l.tax_kind, ''), l.currency, sum(l.debit), sum(l.credit),
    sum(CASE WHEN l.debit > 0 THEN l.amount_tc ELSE -l.amount_tc END), count(*)
  FROM new_lines l CROSS JOIN LATERAL (SELECT o.channel, o.entry_type FROM journal_entries o WHERE o.id = l.entry_id
    OFFSET 0) e
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
  ON CONFLICT (company_id, account, day, channel, entry_type, role, tax_code, tax_kind, currency) DO UPDATE
  SET debit = d.debit + excluded.debit, credit = d.credit + excluded.credit,
    amount_tc = d.amount_tc + excluded.amount_tc, lines = d.lines + excluded.lines;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_lines_summed AFTER INSERT ON journal_lines REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_summed();
--> statement-breakpoint
-- Makes a company's sums anew from its lines, and says how many rows that are.
CREATE FUNCTION rebuild_account_days(company uuid) RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  made bigint;
BEGIN
  PERFORM lock_journal(company);
  DELETE FROM account_days WHERE company_id = company;
  INSERT INTO account_days (company_id, account, day, channel, entry_type, role, tax_code, tax_kind, currency, debit,
    credit, amount_tc, lines)
  SELECT l.company_id, l.account, l.posting_date, coalesce(e.channel, ''), e.entry_type, l.role,
    coalesce(l.tax_code, ''), coalesce(l.tax_kind, ''), l.currency, sum(l.debit), sum(l.credit),
    sum(CASE WHEN l.debit > 0 THEN l.amount_tc ELSE -l.amount_tc END), count(*)
  FROM journal_lines l JOIN journal_entries e ON e.id = l.entry_id
  WHERE l.company_id = company GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  GET DIAGNOSTICS made = ROW_COUNT;
  RETURN made;
END $$;
--> statement-breakpoint
SELECT rebuild_account_days(id) FROM companies;
