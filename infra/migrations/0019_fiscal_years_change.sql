-- A fiscal year with entries may begin or end on another day while all of them stay inside and it is open (accounting.md
-- G1): a first year that turns out to be short, or one that is ended early.
CREATE OR REPLACE FUNCTION fiscal_years_guarded() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.last_number <> 0
    OR TG_OP = 'UPDATE' AND NEW.last_number <> OLD.last_number AND pg_trigger_depth() < 2
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', 'Journal numbers of a fiscal year start at 0 and are moved by new entries '
      'alone.', NEW.label);
  ELSIF TG_OP = 'DELETE' AND OLD.last_number > 0 OR TG_OP = 'UPDATE' AND OLD.last_number > 0
    AND (NEW.company_id, NEW.label) IS DISTINCT FROM (OLD.company_id, OLD.label)
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Fiscal year %s has entries; it cannot be renamed or deleted.',
      OLD.label), OLD.label);
  ELSIF TG_OP = 'UPDATE' AND (NEW.starts_on, NEW.ends_on) IS DISTINCT FROM (OLD.starts_on, OLD.ends_on) THEN
    PERFORM lock_journal(OLD.company_id);
    IF OLD.state <> 'open' OR EXISTS (SELECT FROM journal_entries e WHERE e.company_id = OLD.company_id
      AND e.fiscal_year = OLD.label AND (e.posting_date < NEW.starts_on OR e.posting_date > NEW.ends_on))
    THEN
      PERFORM refuse('ENTRY_IMMUTABLE', format('Fiscal year %s is closed, or has entries outside %s to %s.', OLD.label,
        NEW.starts_on, NEW.ends_on), OLD.label);
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
