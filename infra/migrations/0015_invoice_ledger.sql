-- The invoice ledger (accounting.md E): every line on a sub-ledger account is an item that payments settle. Amounts follow from
-- the journal and never change; what is open follows from allocations.
CREATE TABLE "invoice_allocations" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "invoice_allocations_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"debit" bigint NOT NULL,
	"credit" bigint NOT NULL,
	"fx" bigint,
	"date" date NOT NULL,
	"amount_tc" bigint NOT NULL,
	"debit_amount" bigint NOT NULL,
	"credit_amount" bigint NOT NULL,
	"undoes" bigint,
	"undone_by" bigint,
	"made_by" text,
	"made_at" timestamp with time zone NOT NULL,
	CONSTRAINT "invoice_allocations_fx" CHECK (("invoice_allocations"."fx" is null) = ("invoice_allocations"."debit_amount" = "invoice_allocations"."credit_amount")),
	CONSTRAINT "invoice_allocations_undo" CHECK (("invoice_allocations"."undoes" is null) = ("invoice_allocations"."amount_tc" > 0 or ("invoice_allocations"."amount_tc" = 0 and "invoice_allocations"."debit_amount" + "invoice_allocations"."credit_amount" > 0)))
);
--> statement-breakpoint
CREATE TABLE "invoice_event_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "invoice_event_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"invoice_event" bigint NOT NULL,
	"field" text NOT NULL,
	"before" text,
	"after" text,
	"made_by" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invoice_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "invoice_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"company_id" uuid NOT NULL,
	"account" text NOT NULL,
	"kind" smallint NOT NULL,
	"opening" boolean DEFAULT false NOT NULL,
	"posting_date" date NOT NULL,
	"entry_id" bigint NOT NULL,
	"line_no" smallint,
	"amount" bigint NOT NULL,
	"amount_tc" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"party" text,
	"document" text,
	"reverses" bigint,
	"supersedes" bigint,
	"party_name" text,
	"shared_party" boolean DEFAULT false NOT NULL,
	"reference" text,
	"description" text NOT NULL,
	"additional" text,
	"document_date" date,
	"due_date" date,
	"paused_for" text,
	"open" bigint NOT NULL,
	"open_tc" bigint NOT NULL,
	CONSTRAINT "invoice_events_kind" CHECK ("invoice_events"."kind" in (0, 1)),
	CONSTRAINT "invoice_events_line_or_opening" CHECK ("invoice_events"."line_no" is not null or ("invoice_events"."opening" and "invoice_events"."kind" = 0))
);
--> statement-breakpoint
CREATE TABLE "invoice_reminders" (
	"invoice_event" bigint NOT NULL,
	"level" smallint NOT NULL,
	"company_id" uuid NOT NULL,
	"reached_on" date NOT NULL,
	"sent_at" timestamp with time zone,
	"sent_by" text,
	CONSTRAINT "invoice_reminders_invoice_event_level_pk" PRIMARY KEY("invoice_event","level"),
	CONSTRAINT "invoice_reminders_level" CHECK ("invoice_reminders"."level" between 1 and 3)
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "subledger" text;--> statement-breakpoint
CREATE INDEX "invoice_allocations_debit" ON "invoice_allocations" USING btree ("debit");--> statement-breakpoint
CREATE INDEX "invoice_allocations_credit" ON "invoice_allocations" USING btree ("credit");--> statement-breakpoint
CREATE INDEX "invoice_allocations_fx" ON "invoice_allocations" USING btree ("fx") WHERE fx is not null;--> statement-breakpoint
CREATE INDEX "invoice_allocations_date" ON "invoice_allocations" USING btree ("company_id","date");--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_allocations_undoes" ON "invoice_allocations" USING btree ("undoes") WHERE undoes is not null;--> statement-breakpoint
CREATE INDEX "invoice_event_changes_event" ON "invoice_event_changes" USING btree ("invoice_event");--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_events_line" ON "invoice_events" USING btree ("entry_id","line_no");--> statement-breakpoint
CREATE INDEX "invoice_events_open" ON "invoice_events" USING btree ("company_id","account","party") WHERE open <> 0 or open_tc <> 0;--> statement-breakpoint
CREATE INDEX "invoice_events_open_document" ON "invoice_events" USING btree ("company_id","document") WHERE open <> 0 or open_tc <> 0;--> statement-breakpoint
CREATE INDEX "invoice_events_open_reference" ON "invoice_events" USING btree ("company_id","reference") WHERE open <> 0 or open_tc <> 0;--> statement-breakpoint
CREATE INDEX "invoice_events_date" ON "invoice_events" USING btree ("company_id","account","posting_date");--> statement-breakpoint
CREATE INDEX "invoice_events_document" ON "invoice_events" USING btree ("company_id","document");--> statement-breakpoint
CREATE INDEX "invoice_events_party" ON "invoice_events" USING btree ("company_id","party","id");--> statement-breakpoint
CREATE INDEX "invoice_events_reverses" ON "invoice_events" USING btree ("reverses") WHERE reverses is not null;--> statement-breakpoint
CREATE INDEX "invoice_reminders_unsent" ON "invoice_reminders" USING btree ("company_id") WHERE sent_at is null;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_subledger" CHECK ("accounts"."subledger" in ('gross', 'net'));--> statement-breakpoint
-- E1: every line on a sub-ledger account makes exactly one event, in the statement that posts it; there is no other way.
-- Left out are the entries that close and open a fiscal year, because open items go on (G3), and opening balances that
-- give a total only, because their items are entered one by one (E4). Reversals take kind and details of their original.
CREATE FUNCTION project_invoice_events(entries bigint[]) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  reversing boolean;
BEGIN
  FOREACH reversing IN ARRAY ARRAY[false, true] LOOP
    INSERT INTO invoice_events (company_id, account, kind, opening, posting_date, entry_id, line_no, amount, amount_tc,
      currency, party, document, reverses, party_name, shared_party, reference, description, document_date, due_date,
      open, open_tc)
    SELECT l.company_id, l.account, coalesce(o.kind, CASE
        WHEN l.subledger = 'gross' AND e.entry_type IN ('SAL', 'RFD', 'PUR', 'OPN') THEN 0
        WHEN l.subledger = 'gross' AND e.entry_type NOT IN ('GEN', 'DEP', 'INV') THEN 1
        WHEN (l.debit > 0) = (l.normal_side = 'debit') THEN 0 ELSE 1 END),
      e.entry_type = 'OPN', l.posting_date, l.entry_id, l.line_no, l.amount, l.tc, l.currency, l.party, l.document, o.id,
      coalesce(o.party_name, (SELECT p.party_name FROM invoice_events p WHERE p.company_id = l.company_id
        AND p.party = l.party ORDER BY p.id DESC LIMIT 1), l.party), coalesce(o.shared_party, false), o.reference, e.memo,
      o.document_date, o.due_date, l.amount, l.tc
    FROM unnest(entries) AS given(id)
    CROSS JOIN LATERAL (SELECT e.* FROM journal_entries e WHERE e.id = given.id OFFSET 0) e
    CROSS JOIN LATERAL (SELECT l.*, l.debit - l.credit AS amount, a.subledger, a.normal_side,
        CASE WHEN l.debit > 0 THEN l.amount_tc ELSE -l.amount_tc END AS tc
      FROM journal_lines l CROSS JOIN LATERAL (SELECT a.subledger, a.normal_side FROM accounts a
        WHERE a.company_id = l.company_id AND a.code = l.account AND a.subledger IS NOT NULL OFFSET 0) a
      WHERE l.entry_id = e.id OFFSET 0) l
    LEFT JOIN LATERAL (SELECT o.* FROM invoice_events o WHERE o.entry_id = e.reverses AND o.account = l.account
      AND o.currency = l.currency AND o.amount = -l.amount AND o.amount_tc = -l.tc
      AND o.party IS NOT DISTINCT FROM l.party AND o.document IS NOT DISTINCT FROM l.document
      ORDER BY (o.line_no = l.line_no) DESC LIMIT 1) o ON true
    WHERE (e.reverses IS NOT NULL) = reversing AND e.entry_type <> 'CLS'
      AND NOT (e.entry_type = 'OPN' AND (l.party IS NULL OR l.document IS NULL))
      AND (SELECT x.id FROM invoice_events x WHERE x.entry_id = l.entry_id AND x.line_no = l.line_no) IS NULL
    ORDER BY e.sequence, l.line_no;
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION journal_lines_projected() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off AS $$
DECLARE
  touched bigint[];
BEGIN
  SELECT array_agg(DISTINCT l.entry_id) INTO touched FROM (
    SELECT u.company_id, u.account FROM (SELECT DISTINCT company_id, account FROM new_lines) u
    WHERE (SELECT a.subledger FROM accounts a WHERE a.company_id = u.company_id AND a.code = u.account) IS NOT NULL
  ) used JOIN new_lines l ON l.company_id = used.company_id AND l.account = used.account;
  IF touched IS NOT NULL THEN PERFORM project_invoice_events(touched); END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- After journal_lines_appended, which refuses what is no entry.
CREATE TRIGGER journal_lines_projected AFTER INSERT ON journal_lines REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_projected();
--> statement-breakpoint
-- E1, E4: events come from lines; only items behind an opening balance come without one, with the entry that opens.
CREATE FUNCTION invoice_events_guarded() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  kept invoice_events := NEW;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.open <> NEW.amount OR NEW.open_tc <> NEW.amount_tc OR (NEW.line_no IS NOT NULL AND pg_trigger_depth() < 2
      AND NOT EXISTS (SELECT FROM journal_lines l WHERE l.entry_id = NEW.entry_id AND l.line_no = NEW.line_no
        AND l.company_id = NEW.company_id AND l.account = NEW.account AND l.debit - l.credit = NEW.amount))
      OR (NEW.line_no IS NULL AND NOT EXISTS (SELECT FROM journal_entries e JOIN journal_lines l ON l.entry_id = e.id
        WHERE e.id = NEW.entry_id AND e.company_id = NEW.company_id AND e.entry_type = 'OPN' AND l.account = NEW.account
          AND (l.party IS NULL OR l.document IS NULL)))
    THEN
      PERFORM refuse('ENTRY_IMMUTABLE', 'Events of the invoice ledger come with the lines that they detail.', NEW.document);
    END IF;
    RETURN NEW;
  END IF;
  kept.party_name := OLD.party_name;
  kept.shared_party := OLD.shared_party;
  kept.reference := OLD.reference;
  kept.description := OLD.description;
  kept.additional := OLD.additional;
  kept.document_date := OLD.document_date;
  kept.due_date := OLD.due_date;
  kept.paused_for := OLD.paused_for;
  IF OLD.supersedes IS NULL THEN kept.supersedes := NULL; END IF;
  IF pg_trigger_depth() > 1 THEN
    kept.open := OLD.open;
    kept.open_tc := OLD.open_tc;
  END IF;
  IF kept IS DISTINCT FROM OLD THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Amounts, dates and document of %s in the invoice ledger follow from the '
      'journal. Reverse the entry instead.', coalesce(OLD.document, 'an item')), OLD.document);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER invoice_events_guarded BEFORE INSERT OR UPDATE ON invoice_events
  FOR EACH ROW EXECUTE FUNCTION invoice_events_guarded();
--> statement-breakpoint
CREATE TRIGGER invoice_events_kept BEFORE DELETE OR TRUNCATE ON invoice_events
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
CREATE TRIGGER invoice_event_changes_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice_event_changes
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
-- E3: what is open follows from allocations, which join two sides of one account and currency and never take more than
-- there is. An undo is the same with the amounts turned.
CREATE FUNCTION invoice_allocations_applied() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  bad record;
BEGIN
  SELECT n.id INTO bad FROM new_rows n
  LEFT JOIN invoice_events d ON d.id = n.debit LEFT JOIN invoice_events c ON c.id = n.credit
  LEFT JOIN invoice_events f ON f.id = n.fx LEFT JOIN invoice_allocations u ON u.id = n.undoes
  WHERE d.company_id IS DISTINCT FROM n.company_id OR c.company_id IS DISTINCT FROM n.company_id
    OR d.account IS DISTINCT FROM c.account OR d.currency IS DISTINCT FROM c.currency OR d.amount <= 0 OR c.amount >= 0
    OR n.date < greatest(d.posting_date, c.posting_date, f.posting_date)
    OR (n.fx IS NOT NULL AND f.account IS DISTINCT FROM d.account)
    OR (n.undoes IS NOT NULL AND (u.id IS NULL OR u.undoes IS NOT NULL OR u.undone_by IS NOT NULL
      OR (u.debit, u.credit, u.amount_tc, u.debit_amount, u.credit_amount)
        <> (n.debit, n.credit, -n.amount_tc, -n.debit_amount, -n.credit_amount) OR u.fx IS DISTINCT FROM n.fx)) LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('EVENT_INVALID', 'An allocation joins a debit and a credit item of one account and currency, on the '
      'later of their dates; an undo turns one that stands.', bad.id::text);
  END IF;
  UPDATE invoice_allocations u SET undone_by = n.id FROM new_rows n WHERE u.id = n.undoes;
  UPDATE invoice_events v SET open = v.open - moved.amount, open_tc = v.open_tc - moved.amount_tc FROM (
    SELECT m.id, sum(m.amount) AS amount, sum(m.amount_tc) AS amount_tc FROM (
      SELECT debit AS id, debit_amount AS amount, amount_tc FROM new_rows
      UNION ALL SELECT credit, -credit_amount, -amount_tc FROM new_rows
      UNION ALL SELECT fx, credit_amount - debit_amount, 0 FROM new_rows WHERE fx IS NOT NULL) m
    GROUP BY m.id) moved
  WHERE v.id = moved.id;
  SELECT v.document, v.currency, v.open_tc INTO bad FROM new_rows n
  JOIN invoice_events v ON v.id IN (n.debit, n.credit, n.fx)
  WHERE abs(v.open_tc) > abs(v.amount_tc) OR abs(v.open) > abs(v.amount) OR sign(v.open_tc) * sign(v.amount_tc) < 0
    OR sign(v.open) * sign(v.amount) < 0 LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('ALLOCATION_EXCEEDS_OPEN', format('More would be allocated on %s than is open.',
      coalesce(bad.document, 'an item')), bad.document);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER invoice_allocations_applied AFTER INSERT ON invoice_allocations REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION invoice_allocations_applied();
--> statement-breakpoint
CREATE FUNCTION invoice_allocations_updated() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  kept invoice_allocations := NEW;
BEGIN
  IF OLD.undone_by IS NULL AND pg_trigger_depth() > 1 THEN kept.undone_by := NULL; END IF;
  IF kept IS DISTINCT FROM OLD THEN
    PERFORM refuse('ENTRY_IMMUTABLE', 'Allocations are never changed. Undo this one and allocate again.', OLD.id::text);
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER invoice_allocations_immutable BEFORE UPDATE ON invoice_allocations
  FOR EACH ROW EXECUTE FUNCTION invoice_allocations_updated();
--> statement-breakpoint
CREATE TRIGGER invoice_allocations_kept BEFORE DELETE OR TRUNCATE ON invoice_allocations
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
--> statement-breakpoint
-- E4: an account is activated when its items come to its balance, in every currency; one with items stays what it is.
CREATE FUNCTION accounts_subledger_activated() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  bad record;
BEGIN
  IF NEW.subledger IS NULL THEN
    IF EXISTS (SELECT FROM invoice_events v WHERE v.company_id = NEW.company_id AND v.account = NEW.code) THEN
      PERFORM refuse('ENTRY_IMMUTABLE', format('Account %s has items in the invoice ledger; it stays a sub-ledger '
        'account.', NEW.code), NEW.code);
    END IF;
    RETURN NULL;
  END IF;
  PERFORM lock_journal(NEW.company_id);
  PERFORM project_invoice_events(ARRAY(SELECT l.entry_id FROM journal_lines l WHERE l.company_id = NEW.company_id
    AND l.account = NEW.code));
  SELECT given.currency, sum(given.amount) AS amount INTO bad FROM (
    SELECT l.currency, l.debit - l.credit AS amount FROM journal_lines l
    WHERE l.company_id = NEW.company_id AND l.account = NEW.code
      AND NOT EXISTS (SELECT FROM closing_entries c WHERE c.entry_id = l.entry_id)
    UNION ALL
    SELECT v.currency, -v.amount FROM invoice_events v WHERE v.company_id = NEW.company_id AND v.account = NEW.code
  ) given GROUP BY given.currency HAVING sum(given.amount) <> 0 LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('OPENING_ITEMS_DIFFER', format('Account %s cannot become a sub-ledger account: its items and its '
      'balance in %s differ by %s (minor units). Enter the items behind its opening balance with party and document.',
      NEW.code, bad.currency, bad.amount), NEW.code);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- N09, I9: what a person writes as a journal carries the detail its accounts need, entered as an event or not. A line of
-- the invoice ledger needs party and document.
CREATE OR REPLACE FUNCTION journal_entries_detailed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
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
  SELECT n.source_key, l.account, l.subledger INTO bad FROM new_entries n
  CROSS JOIN LATERAL (SELECT l.account, a.subledger FROM journal_lines l CROSS JOIN LATERAL (SELECT a.guarded, a.subledger
      FROM accounts a WHERE a.company_id = l.company_id AND a.code = l.account OFFSET 0) a
    WHERE l.entry_id = n.id AND CASE WHEN a.subledger IS NOT NULL THEN l.party IS NULL OR l.document IS NULL
      ELSE a.guarded AND l.party IS NULL AND l.document IS NULL AND l.tax_kind IS NULL END LIMIT 1 OFFSET 0) l
  WHERE n.entry_type = 'GEN' AND n.reverses IS NULL AND (n.event_id IS NULL
    OR (SELECT v.type FROM events v WHERE v.id = n.event_id) = 'journal') LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('SUBLEDGER_DETAIL_REQUIRED', format('Entry %s posts to account %s by hand without ',
      bad.source_key, bad.account) || CASE WHEN bad.subledger IS NULL THEN 'party, document or tax kind. Add the one it '
      'belongs to.' ELSE 'the party and the document it is about. Add both.' END, bad.account);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- The control accounts there are become sub-ledger accounts, and their lines items; nothing is allocated by this.
UPDATE accounts a SET subledger = 'gross' FROM account_roles r
WHERE r.company_id = a.company_id AND r.account = a.code AND r.role IN ('ar.control', 'ap.control');
--> statement-breakpoint
SELECT project_invoice_events(ARRAY(SELECT DISTINCT l.entry_id FROM journal_lines l JOIN accounts a
  ON a.company_id = l.company_id AND a.code = l.account WHERE a.subledger IS NOT NULL));
--> statement-breakpoint
CREATE TRIGGER accounts_subledger_activated AFTER UPDATE OF subledger ON accounts FOR EACH ROW
  WHEN (OLD.subledger IS DISTINCT FROM NEW.subledger) EXECUTE FUNCTION accounts_subledger_activated();
