-- Sums of a batch's lines with one look at each entry and without sorting: half the cost of the first form. Text
-- that is none counts as empty before it is grouped, so that no row is met twice.
CREATE OR REPLACE FUNCTION journal_lines_summed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
BEGIN
  INSERT INTO account_days AS d (company_id, account, day, channel, entry_type, role, tax_code, tax_kind, currency,
    debit, credit, amount_tc, lines)
  SELECT * FROM (
    SELECT l.company_id, l.account, l.posting_date, coalesce(e.channel, ''), e.entry_type, l.role,
      coalesce(l.tax_code, ''), coalesce(l.tax_kind, ''), l.currency, sum(l.debit), sum(l.credit),
      sum(CASE WHEN l.debit > 0 THEN l.amount_tc ELSE -l.amount_tc END), count(*)
    FROM new_lines l JOIN (
      SELECT o.* FROM (SELECT n.entry_id FROM new_lines n WHERE n.line_no = 1) first
      CROSS JOIN LATERAL (SELECT o.id, o.channel, o.entry_type FROM journal_entries o WHERE o.id = first.entry_id
        OFFSET 0) o OFFSET 0
    ) e ON e.id = l.entry_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 OFFSET 0
  ) summed
  ON CONFLICT (company_id, account, day, channel, entry_type, role, tax_code, tax_kind, currency) DO UPDATE
  SET debit = d.debit + excluded.debit, credit = d.credit + excluded.credit,
    amount_tc = d.amount_tc + excluded.amount_tc, lines = d.lines + excluded.lines;
  RETURN NULL;
END $$;
