-- What accounting.md A2 demands of the journal has to hold against a programming error and a careless hand in psql too.
-- One set check per statement instead of a row-level foreign key per line: those are most of a posting batch's cost.
--
-- Refusals read "CODE: sentence", with the thing to mend as detail; shared/ledger/src/refusal.ts turns them into
-- DomainError. Entries and their lines arrive in one statement (data-modifying WITH): both checks see the whole.
--
-- The set checks must stay as fast as on their first day, whatever the tables held when a connection made its plans
-- (performance.md 3): large tables are only ever probed, one key at a time, in scalar or LATERAL subqueries that the
-- planner cannot turn into joins, and sequential scans are off.

CREATE FUNCTION refuse(code text, what text, subject text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = code || ': ' || what, DETAIL = coalesce(subject, '');
END $$;
--> statement-breakpoint
-- The lock of a company's journal. An update, so that it also stops transactions that read an older snapshot.
CREATE FUNCTION lock_journal(company uuid) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE journal_heads SET entries = entries WHERE company_id = company;
END $$;
--> statement-breakpoint
-- I5 and the chain: entries take the journal's next numbers and follow its last hash; the counters move with them.
CREATE FUNCTION journal_entries_appended() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  company uuid;
  head journal_heads;
  bad record;
BEGIN
  FOR company IN SELECT DISTINCT n.company_id FROM new_entries n ORDER BY n.company_id LOOP
    SELECT * INTO head FROM journal_heads h WHERE h.company_id = company FOR UPDATE;
    IF NOT FOUND THEN
      PERFORM refuse('JOURNAL_GAP', format('Company %s has no journal to post to.', company), company::text);
    END IF;

    SELECT due.* INTO bad FROM (
      SELECT n.source_key, n.sequence, n.previous_hash, head.entries + row_number() OVER journal AS due_sequence,
        coalesce(lag(n.hash) OVER journal, head.last_hash) AS due_hash
      FROM new_entries n WHERE n.company_id = company WINDOW journal AS (ORDER BY n.sequence)
    ) due WHERE due.sequence <> due.due_sequence OR due.previous_hash <> due.due_hash ORDER BY due.sequence LIMIT 1;
    IF FOUND AND bad.sequence <> bad.due_sequence THEN
      PERFORM refuse('JOURNAL_GAP', format('Entry %s has sequence %s, but the journal goes on with %s.',
        bad.source_key, bad.sequence, bad.due_sequence), bad.source_key);
    ELSIF FOUND THEN
      PERFORM refuse('JOURNAL_CHAIN', format('Entry %s does not carry the hash of the entry before it.',
        bad.source_key), bad.source_key);
    END IF;

    SELECT given.* INTO bad FROM (
      SELECT each.fiscal_year, each.base, (SELECT y.last_number FROM fiscal_years y
        WHERE y.company_id = company AND y.label = each.fiscal_year) AS last_number
      FROM (SELECT DISTINCT n.fiscal_year, n.number - row_number() OVER (PARTITION BY n.fiscal_year ORDER BY n.sequence)
        AS base FROM new_entries n WHERE n.company_id = company) each
    ) given WHERE given.base IS DISTINCT FROM given.last_number LIMIT 1;
    IF FOUND AND bad.last_number IS NULL THEN
      PERFORM refuse('PERIOD_CLOSED', format('Entries name fiscal year %s, which the company does not have. '
        'Create the year first.', bad.fiscal_year), bad.fiscal_year);
    ELSIF FOUND THEN
      PERFORM refuse('JOURNAL_GAP', format('Entries of fiscal year %s are not numbered one by one from %s on.',
        bad.fiscal_year, bad.last_number + 1), bad.fiscal_year);
    END IF;

    UPDATE journal_heads h SET (entries, last_hash) = (SELECT n.sequence, n.hash FROM new_entries n
      WHERE n.company_id = company ORDER BY n.sequence DESC LIMIT 1) WHERE h.company_id = company;
    FOR bad IN SELECT n.fiscal_year AS label, max(n.number) AS number FROM new_entries n
      WHERE n.company_id = company GROUP BY n.fiscal_year
    LOOP
      UPDATE fiscal_years y SET last_number = bad.number WHERE y.company_id = company AND y.label = bad.label;
    END LOOP;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- I6 and G2: entries lie in an open period, automatic ones not beyond the current one. "Today" is the company's.
CREATE FUNCTION journal_entries_dated() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT e.source_key, e.posting_date, e.fiscal_year, p.state, p.fiscal_year AS period_year,
    e.posting_date > e.latest AS future INTO bad
  FROM (
    SELECT g.*, greatest(t.today, coalesce((SELECT p.ends_on FROM periods p WHERE p.company_id = g.company_id
      AND p.starts_on <= t.today AND p.ends_on >= t.today), t.today)) AS latest
    FROM (
      SELECT min(n.source_key) AS source_key, n.company_id, n.fiscal_year, n.posting_date, n.recorded_at,
        n.entry_type IN ('GEN', 'INV', 'FXR') AS soft, n.channel IS NOT NULL OR n.event_id IS NOT NULL AS automatic
      FROM new_entries n GROUP BY n.company_id, n.fiscal_year, n.posting_date, n.recorded_at, soft, automatic
    ) g
    CROSS JOIN LATERAL (SELECT (g.recorded_at AT TIME ZONE c.time_zone)::date AS today FROM companies c
      WHERE c.id = g.company_id OFFSET 0) t
  ) e
  LEFT JOIN LATERAL (SELECT * FROM periods p WHERE p.company_id = e.company_id AND p.starts_on <= e.posting_date
    AND p.ends_on >= e.posting_date OFFSET 0) p ON true
  WHERE p.fiscal_year IS DISTINCT FROM e.fiscal_year OR (e.automatic AND e.posting_date > e.latest)
    OR NOT (p.state = 'open' OR (p.state = 'soft_closed' AND e.soft))
  ORDER BY e.source_key LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM refuse('PERIOD_CLOSED', format('Entry %s is dated %s, ', bad.source_key, bad.posting_date) || CASE
    WHEN bad.state IS NULL THEN 'for which the company has no period. Create the fiscal year first.'
    WHEN bad.period_year <> bad.fiscal_year THEN
      format('which lies in fiscal year %s and not in %s.', bad.period_year, bad.fiscal_year)
    WHEN bad.future THEN 'after the current period. Post it when that period has begun.'
    ELSE format('in a period that is %s. Date it in an open period, or reopen that one.', replace(bad.state, '_', ' '))
    END, bad.posting_date::text);
  RETURN NULL;
END $$;
--> statement-breakpoint
-- I1, I8, I9: entries have lines from the first moment, belong to an event that exists, and carry the detail they need.
CREATE FUNCTION journal_entries_detailed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  bad record;
BEGIN
  SELECT n.source_key INTO bad FROM new_entries n
  WHERE (SELECT l.line_no FROM journal_lines l WHERE l.entry_id = n.id AND l.line_no = 2) IS NULL LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('ENTRY_UNBALANCED', format('Entry %s needs at least two lines, written by the statement that '
      'writes the entry.', bad.source_key), bad.source_key);
  END IF;
  SELECT n.source_key INTO bad FROM new_entries n
  WHERE n.event_id IS NOT NULL
    AND (SELECT v.company_id FROM events v WHERE v.id = n.event_id) IS DISTINCT FROM n.company_id LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('EVENT_INVALID', format('Entry %s names an event that the company does not have.',
      bad.source_key), bad.source_key);
  END IF;
  SELECT n.source_key, l.account INTO bad FROM new_entries n
  CROSS JOIN LATERAL (SELECT l.account FROM journal_lines l WHERE l.entry_id = n.id
    AND l.party IS NULL AND l.document IS NULL AND l.tax_kind IS NULL AND (SELECT a.guarded FROM accounts a
      WHERE a.company_id = l.company_id AND a.code = l.account) OFFSET 0) l
  WHERE n.entry_type = 'GEN' AND n.event_id IS NULL LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('SUBLEDGER_DETAIL_REQUIRED', format('Entry %s posts to account %s by hand without party, document '
      'or tax kind. Add the one it belongs to.', bad.source_key, bad.account), bad.account);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- I4: a reversal mirrors its original, and the original names it, in the same statement.
CREATE FUNCTION journal_entries_reversing() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  reversal record;
BEGIN
  FOR reversal IN SELECT n.id, n.reverses, n.company_id, n.source_key FROM new_entries n WHERE n.reverses IS NOT NULL
  LOOP
    UPDATE journal_entries o SET reversed_by = reversal.id
    WHERE o.id = reversal.reverses AND o.company_id = reversal.company_id AND o.id <> reversal.id;
    IF NOT FOUND OR EXISTS (
      SELECT FROM journal_lines l WHERE l.entry_id IN (reversal.id, reversal.reverses)
      GROUP BY l.account, l.currency, l.tax_code, l.tax_kind
      HAVING sum(l.debit - l.credit) <> 0 OR sum(CASE WHEN l.debit > 0 THEN l.amount_tc ELSE -l.amount_tc END) <> 0)
    THEN
      PERFORM refuse('ENTRY_UNBALANCED', format('Entry %s is said to reverse another, but the company has no such '
        'entry or its lines are not the same on the other side.', reversal.source_key), reversal.source_key);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- I1, I2: complete, balanced in the company's currency and in every other, on accounts and tax codes that exist.
CREATE FUNCTION journal_lines_appended() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  company uuid;
  bad record;
BEGIN
  FOR company IN SELECT DISTINCT n.company_id FROM new_lines n ORDER BY n.company_id LOOP
    PERFORM 1 FROM journal_heads h WHERE h.company_id = company FOR UPDATE;
  END LOOP;

  SELECT coalesce(e.source_key, g.entry_id::text) AS entry, e.id IS NULL AS orphan,
    bool_or(g.company_id <> e.company_id OR g.posting_date <> e.posting_date) AS astray,
    sum(g.lines) <> e.line_count OR min(g.first) <> 1 OR max(g.last) <> e.line_count AS incomplete,
    sum(g.debits) AS debits, sum(g.credits) AS credits,
    min(g.currency) FILTER (WHERE g.difference_tc <> 0) AS uneven INTO bad
  FROM (
    SELECT l.entry_id, l.company_id, l.posting_date, l.currency, count(*) AS lines, min(l.line_no) AS first,
      max(l.line_no) AS last, sum(l.debit) AS debits, sum(l.credit) AS credits,
      sum(CASE WHEN l.debit > 0 THEN l.amount_tc ELSE -l.amount_tc END) AS difference_tc
    FROM new_lines l GROUP BY l.entry_id, l.company_id, l.posting_date, l.currency
  ) g
  LEFT JOIN LATERAL (SELECT e.* FROM journal_entries e WHERE e.id = g.entry_id OFFSET 0) e ON true
  GROUP BY g.entry_id, e.id, e.source_key, e.line_count
  HAVING e.id IS NULL OR bool_or(g.company_id <> e.company_id OR g.posting_date <> e.posting_date)
    OR sum(g.lines) <> e.line_count OR min(g.first) <> 1 OR max(g.last) <> e.line_count
    OR sum(g.debits) <> sum(g.credits) OR bool_or(g.difference_tc <> 0)
  ORDER BY g.entry_id LIMIT 1;
  IF FOUND THEN
    PERFORM refuse(CASE WHEN bad.incomplete THEN 'ENTRY_IMMUTABLE' ELSE 'ENTRY_UNBALANCED' END, CASE
      WHEN bad.orphan THEN format('Lines name entry %s, which does not exist.', bad.entry)
      WHEN bad.astray THEN format('Lines of entry %s have another company or posting date than the entry.', bad.entry)
      WHEN bad.incomplete THEN format('The lines of entry %s must be numbered from 1 to its line count and written '
        'by the statement that writes the entry; none can be added later.', bad.entry)
      WHEN bad.debits <> bad.credits THEN format('Entry %s: debits come to %s, credits to %s (minor units).',
        bad.entry, bad.debits, bad.credits)
      ELSE format('Entry %s: debits and credits in %s differ.', bad.entry, bad.uneven) END, bad.entry);
  END IF;

  SELECT l.account INTO bad FROM (SELECT DISTINCT company_id, account FROM new_lines) l
  WHERE (SELECT a.code FROM accounts a WHERE a.company_id = l.company_id AND a.code = l.account) IS NULL LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('ACCOUNT_UNRESOLVED', format('The chart of accounts has no account %s. Add it, or map the role '
      'to another.', bad.account), bad.account);
  END IF;
  SELECT l.tax_code INTO bad FROM (SELECT DISTINCT company_id, tax_code FROM new_lines WHERE tax_code IS NOT NULL) l
  WHERE (SELECT t.code FROM tax_codes t WHERE t.company_id = l.company_id AND t.code = l.tax_code) IS NULL LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('TAX_UNRESOLVED', format('The company has no tax code %s. Add it, or map the tax to another.',
      bad.tax_code), bad.tax_code);
  END IF;
  SELECT l.entry_id, l.currency INTO bad FROM (
    SELECT company_id, currency, min(entry_id) AS entry_id FROM new_lines
    WHERE amount_tc <> debit + credit GROUP BY company_id, currency) l
  WHERE (SELECT c.currency FROM companies c WHERE c.id = l.company_id) = l.currency LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('ENTRY_UNBALANCED', format('Entry %s: an amount in %s, the company''s own currency, differs from '
      'the amount booked.', bad.entry_id, bad.currency), bad.entry_id::text);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_entries_appended AFTER INSERT ON journal_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_appended();
--> statement-breakpoint
CREATE TRIGGER journal_entries_dated AFTER INSERT ON journal_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_dated();
--> statement-breakpoint
CREATE TRIGGER journal_entries_detailed AFTER INSERT ON journal_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_detailed();
--> statement-breakpoint
CREATE TRIGGER journal_entries_reversing AFTER INSERT ON journal_entries REFERENCING NEW TABLE AS new_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_reversing();
--> statement-breakpoint
CREATE TRIGGER journal_lines_appended AFTER INSERT ON journal_lines REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_appended();
--> statement-breakpoint
-- I3: what is posted stays. Only the link to a reversal is written, once, and only when that reversal exists.
CREATE FUNCTION journal_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse('ENTRY_IMMUTABLE', format('Rows of %s are never changed, deleted or truncated. Post a reversal '
    'instead.', TG_TABLE_NAME), TG_TABLE_NAME);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_lines_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_lines
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER journal_entries_kept BEFORE DELETE OR TRUNCATE ON journal_entries
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER journal_heads_kept BEFORE DELETE OR TRUNCATE ON journal_heads
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER fiscal_years_untruncated BEFORE TRUNCATE ON fiscal_years
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER periods_untruncated BEFORE TRUNCATE ON periods
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER accounts_untruncated BEFORE TRUNCATE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER tax_codes_untruncated BEFORE TRUNCATE ON tax_codes
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE FUNCTION journal_entries_updated() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  unlinked journal_entries := NEW;
BEGIN
  unlinked.reversed_by := OLD.reversed_by;
  IF unlinked IS DISTINCT FROM OLD OR OLD.reversed_by IS NOT NULL OR NOT EXISTS (
    SELECT FROM journal_entries r WHERE r.id = NEW.reversed_by AND r.reverses = OLD.id
      AND r.company_id = OLD.company_id)
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Entry %s is posted and cannot be changed. Post a reversal instead.',
      OLD.source_key), OLD.source_key);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_entries_immutable BEFORE UPDATE ON journal_entries
  FOR EACH ROW EXECUTE FUNCTION journal_entries_updated();
--> statement-breakpoint
-- Counters follow the entries: they start at nothing and only the check on new entries moves them.
CREATE FUNCTION journal_heads_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND (NEW.entries <> 0 OR NEW.last_hash <> sha256(convert_to(NEW.company_id::text, 'UTF8')))
    OR TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD AND pg_trigger_depth() < 2
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', 'The head of a journal starts empty and is moved by new entries alone.',
      NEW.company_id::text);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_heads_guarded BEFORE INSERT OR UPDATE ON journal_heads
  FOR EACH ROW EXECUTE FUNCTION journal_heads_guarded();
--> statement-breakpoint
CREATE FUNCTION fiscal_years_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.last_number <> 0
    OR TG_OP = 'UPDATE' AND NEW.last_number <> OLD.last_number AND pg_trigger_depth() < 2
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', 'Journal numbers of a fiscal year start at 0 and are moved by new entries '
      'alone.', NEW.label);
  ELSIF TG_OP = 'DELETE' AND OLD.last_number > 0 OR TG_OP = 'UPDATE' AND OLD.last_number > 0
    AND (NEW.company_id, NEW.label, NEW.starts_on, NEW.ends_on) IS DISTINCT FROM (OLD.company_id, OLD.label,
      OLD.starts_on, OLD.ends_on)
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Fiscal year %s has entries; it cannot be renamed, moved or deleted.',
      OLD.label), OLD.label);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER fiscal_years_guarded BEFORE INSERT OR UPDATE OR DELETE ON fiscal_years
  FOR EACH ROW EXECUTE FUNCTION fiscal_years_guarded();
--> statement-breakpoint
-- Closing waits for postings under way, and postings that come later see it: both hold the journal's lock.
CREATE FUNCTION periods_guarded() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_journal(OLD.company_id);
  IF (TG_OP = 'DELETE' OR (NEW.company_id, NEW.fiscal_year, NEW.starts_on, NEW.ends_on)
      IS DISTINCT FROM (OLD.company_id, OLD.fiscal_year, OLD.starts_on, OLD.ends_on))
    AND EXISTS (SELECT FROM journal_entries e WHERE e.company_id = OLD.company_id
      AND e.posting_date BETWEEN OLD.starts_on AND OLD.ends_on)
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('The period from %s to %s has entries; it cannot be moved or deleted.',
      OLD.starts_on, OLD.ends_on), OLD.starts_on::text);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER periods_guarded BEFORE UPDATE OR DELETE ON periods FOR EACH ROW EXECUTE FUNCTION periods_guarded();
--> statement-breakpoint
-- G1: neither years nor periods overlap or leave a day out, and a period lies in its year.
CREATE FUNCTION calendar_is_whole() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  company uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.company_id ELSE NEW.company_id END;
  bad record;
BEGIN
  SELECT d.* INTO bad FROM (
    SELECT 'Fiscal year' AS what, starts_on, lag(ends_on) OVER (ORDER BY starts_on) AS before
    FROM fiscal_years WHERE company_id = company
    UNION ALL
    SELECT 'Period', starts_on, lag(ends_on) OVER (ORDER BY starts_on) FROM periods WHERE company_id = company
    UNION ALL
    SELECT 'Period', p.starts_on, p.starts_on FROM periods p JOIN fiscal_years y ON y.company_id = p.company_id
      AND y.label = p.fiscal_year
    WHERE p.company_id = company AND (p.starts_on < y.starts_on OR p.ends_on > y.ends_on)
  ) d WHERE d.starts_on <> d.before + 1 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = format(
      '%s starting %s overlaps its neighbour, leaves days out, or leaves its fiscal year.', bad.what, bad.starts_on);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER fiscal_years_whole AFTER INSERT OR UPDATE OF starts_on, ends_on OR DELETE ON fiscal_years
  FOR EACH ROW EXECUTE FUNCTION calendar_is_whole();
--> statement-breakpoint
CREATE TRIGGER periods_whole AFTER INSERT OR UPDATE OF starts_on, ends_on, fiscal_year OR DELETE ON periods
  FOR EACH ROW EXECUTE FUNCTION calendar_is_whole();
--> statement-breakpoint
-- What posted lines name stays what it was. Row-level is fine here: charts change a few times a year.
CREATE FUNCTION account_in_use() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_journal(OLD.company_id);
  IF EXISTS (SELECT FROM journal_lines l WHERE l.company_id = OLD.company_id AND l.account = OLD.code) THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Account %s has posted lines; it cannot be deleted, renumbered or '
      'given another type. Map the role to another account instead.', OLD.code), OLD.code);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER accounts_kept BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION account_in_use();
--> statement-breakpoint
CREATE TRIGGER accounts_fixed BEFORE UPDATE ON accounts FOR EACH ROW
  WHEN ((OLD.company_id, OLD.code, OLD.type, OLD.normal_side) IS DISTINCT FROM (NEW.company_id, NEW.code, NEW.type,
    NEW.normal_side))
  EXECUTE FUNCTION account_in_use();
--> statement-breakpoint
CREATE FUNCTION tax_code_in_use() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_journal(OLD.company_id);
  IF EXISTS (SELECT FROM journal_lines l WHERE l.company_id = OLD.company_id AND l.tax_code = OLD.code) THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Tax code %s has posted lines; it cannot be deleted, renamed or given '
      'another rate. Add a new code instead.', OLD.code), OLD.code);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER tax_codes_kept BEFORE DELETE ON tax_codes FOR EACH ROW EXECUTE FUNCTION tax_code_in_use();
--> statement-breakpoint
CREATE TRIGGER tax_codes_fixed BEFORE UPDATE ON tax_codes FOR EACH ROW
  WHEN ((OLD.company_id, OLD.code, OLD.rate) IS DISTINCT FROM (NEW.company_id, NEW.code, NEW.rate))
  EXECUTE FUNCTION tax_code_in_use();
--> statement-breakpoint
CREATE FUNCTION company_currency_in_use() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_journal(OLD.id);
  IF EXISTS (SELECT FROM journal_heads h WHERE h.company_id = OLD.id AND h.entries > 0) THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('%s has entries in %s; a company keeps its currency.', OLD.name,
      OLD.currency), OLD.slug);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER companies_currency BEFORE UPDATE ON companies FOR EACH ROW
  WHEN (OLD.currency IS DISTINCT FROM NEW.currency OR OLD.id IS DISTINCT FROM NEW.id)
    EXECUTE FUNCTION company_currency_in_use();
