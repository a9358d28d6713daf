-- The shape of the database after all migrations, for reading. Written by infra/scripts/dump-schema.ts from a migrated
-- database; a test compares. Never applied: infra/migrations is what makes databases.

CREATE TABLE account_days (
  company_id uuid not null,
  account text not null,
  day date not null,
  channel text not null,
  entry_type character(3) not null,
  role text not null,
  tax_code text not null,
  tax_kind text not null,
  currency character(3) not null,
  debit bigint not null,
  credit bigint not null,
  amount_tc bigint not null,
  lines integer not null,
  constraint account_days_pkey PRIMARY KEY (company_id, account, day, channel, entry_type, role, tax_code, tax_kind, currency)
);

CREATE TABLE account_roles (
  company_id uuid not null,
  role text not null,
  account text not null,
  constraint account_roles_company_id_role_pk PRIMARY KEY (company_id, role),
  constraint account_roles_company_id_account_accounts_company_id_code_fk FOREIGN KEY (company_id, account) REFERENCES accounts(company_id, code)
);
CREATE INDEX account_roles_account ON public.account_roles USING btree (company_id, account);

CREATE TABLE accounts (
  company_id uuid not null,
  code text not null,
  name text not null,
  type text not null,
  normal_side text not null,
  guarded boolean not null default false,
  section text,
  subledger text,
  constraint accounts_company_id_code_pk PRIMARY KEY (company_id, code),
  constraint accounts_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint accounts_section CHECK ((section = ANY (ARRAY['revenue'::text, 'cost_of_sales'::text, 'other_income'::text, 'other_expenses'::text, 'cash'::text, 'fixed_assets'::text, 'loans'::text]))),
  constraint accounts_side CHECK ((normal_side = ANY (ARRAY['debit'::text, 'credit'::text]))),
  constraint accounts_subledger CHECK ((subledger = ANY (ARRAY['gross'::text, 'net'::text]))),
  constraint accounts_type CHECK ((type = ANY (ARRAY['asset'::text, 'liability'::text, 'equity'::text, 'income'::text, 'expense'::text])))
);
CREATE TRIGGER accounts_fixed BEFORE UPDATE ON public.accounts FOR EACH ROW WHEN (((((old.company_id IS DISTINCT FROM new.company_id) OR (old.code IS DISTINCT FROM new.code)) OR (old.type IS DISTINCT FROM new.type)) OR (old.normal_side IS DISTINCT FROM new.normal_side))) EXECUTE FUNCTION account_in_use();
CREATE TRIGGER accounts_kept BEFORE DELETE ON public.accounts FOR EACH ROW EXECUTE FUNCTION account_in_use();
CREATE TRIGGER accounts_subledger_activated AFTER UPDATE OF subledger ON public.accounts FOR EACH ROW WHEN ((old.subledger IS DISTINCT FROM new.subledger)) EXECUTE FUNCTION accounts_subledger_activated();
CREATE TRIGGER accounts_untruncated BEFORE TRUNCATE ON public.accounts FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE backfills (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  connection_id uuid not null,
  range_from timestamp with time zone not null,
  range_to timestamp with time zone not null,
  state text not null default 'running'::text,
  feeds_done integer not null default 0,
  cursor text,
  read integer not null default 0,
  stored integer not null default 0,
  due_at timestamp with time zone not null,
  attempts integer not null default 0,
  reason text,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint backfills_pkey PRIMARY KEY (id),
  constraint backfills_range CHECK ((range_from < range_to)),
  constraint backfills_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text, 'failed'::text])))
);
CREATE INDEX backfills_company ON public.backfills USING btree (company_id, started_at);
CREATE UNIQUE INDEX backfills_running ON public.backfills USING btree (connection_id) WHERE (state = 'running'::text);

CREATE TABLE bank_accounts (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  name text not null,
  role text not null,
  number text,
  currency character(3) not null,
  csv_map jsonb,
  created_at timestamp with time zone not null,
  constraint bank_accounts_pkey PRIMARY KEY (id),
  constraint bank_accounts_name UNIQUE (company_id, name),
  constraint bank_accounts_number UNIQUE (company_id, number, currency),
  constraint bank_accounts_role UNIQUE (company_id, role),
  constraint bank_accounts_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);

CREATE TABLE bank_lines (
  id bigint generated always as identity not null,
  bank_account_id uuid not null,
  company_id uuid not null,
  content_hash text not null,
  occurrence integer not null,
  booked_on date not null,
  value_on date,
  amount bigint not null,
  counterparty text,
  counterparty_account text,
  reference text,
  text text not null,
  bank_id text,
  end_to_end_id text,
  state text not null default 'unmatched'::text,
  reason text,
  revision integer not null default 0,
  constraint bank_lines_pkey PRIMARY KEY (id),
  constraint bank_lines_once UNIQUE (bank_account_id, content_hash, occurrence),
  constraint bank_lines_bank_account_id_bank_accounts_id_fk FOREIGN KEY (bank_account_id) REFERENCES bank_accounts(id),
  constraint bank_lines_reason CHECK (((state = 'ignored'::text) = (reason IS NOT NULL))),
  constraint bank_lines_state CHECK ((state = ANY (ARRAY['unmatched'::text, 'suggested'::text, 'matched'::text, 'ignored'::text])))
);
CREATE INDEX bank_lines_day ON public.bank_lines USING btree (bank_account_id, booked_on, id);
CREATE INDEX bank_lines_open ON public.bank_lines USING btree (company_id) WHERE (state = ANY (ARRAY['unmatched'::text, 'suggested'::text]));
CREATE TRIGGER bank_lines_stay BEFORE DELETE OR UPDATE OF bank_account_id, company_id, content_hash, occurrence, booked_on, value_on, amount, counterparty, counterparty_account, reference, text, bank_id, end_to_end_id ON public.bank_lines FOR EACH STATEMENT EXECUTE FUNCTION bank_lines_stay();

CREATE TABLE bank_matches (
  id bigint generated always as identity not null,
  company_id uuid not null,
  line_id bigint not null,
  state text not null,
  subject text not null,
  why text not null,
  score smallint not null,
  post jsonb,
  entry_id bigint,
  line_no smallint,
  decided_by text not null,
  decided_at timestamp with time zone not null,
  reason text,
  constraint bank_matches_pkey PRIMARY KEY (id),
  constraint bank_matches_line_id_bank_lines_id_fk FOREIGN KEY (line_id) REFERENCES bank_lines(id),
  constraint bank_matches_state CHECK ((state = ANY (ARRAY['suggested'::text, 'matched'::text, 'rejected'::text, 'undone'::text])))
);
CREATE INDEX bank_matches_of_line ON public.bank_matches USING btree (line_id, id);
CREATE UNIQUE INDEX bank_matches_claim ON public.bank_matches USING btree (company_id, subject) WHERE ((state = 'matched'::text) AND ((subject ~~ 'entry %'::text) OR (subject ~~ 'clears %'::text)));
CREATE UNIQUE INDEX bank_matches_entry ON public.bank_matches USING btree (entry_id, line_no) WHERE (state = 'matched'::text);
CREATE UNIQUE INDEX bank_matches_line ON public.bank_matches USING btree (line_id) WHERE (state = 'matched'::text);

CREATE TABLE bank_rules (
  id bigint generated always as identity not null,
  company_id uuid not null,
  bank_account_id uuid,
  contains text not null,
  direction text not null default 'both'::text,
  account text,
  role text,
  tax_code text,
  made_by text not null,
  made_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint bank_rules_pkey PRIMARY KEY (id),
  constraint bank_rules_bank_account_id_bank_accounts_id_fk FOREIGN KEY (bank_account_id) REFERENCES bank_accounts(id),
  constraint bank_rules_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint bank_rules_direction CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text, 'both'::text]))),
  constraint bank_rules_target CHECK (((account IS NULL) <> (role IS NULL)))
);
CREATE INDEX bank_rules_account ON public.bank_rules USING btree (bank_account_id);
CREATE INDEX bank_rules_company ON public.bank_rules USING btree (company_id);

CREATE TABLE bank_statement_lines (
  statement_id bigint not null,
  line_id bigint not null,
  before bigint,
  day_opens bigint,
  day_closes bigint,
  constraint bank_statement_lines_statement_id_line_id_pk PRIMARY KEY (statement_id, line_id),
  constraint bank_statement_lines_line_id_bank_lines_id_fk FOREIGN KEY (line_id) REFERENCES bank_lines(id),
  constraint bank_statement_lines_statement_id_bank_statements_id_fk FOREIGN KEY (statement_id) REFERENCES bank_statements(id)
);
CREATE INDEX bank_statement_lines_line ON public.bank_statement_lines USING btree (line_id);

CREATE TABLE bank_statements (
  id bigint generated always as identity not null,
  bank_account_id uuid not null,
  hash text not null,
  format text not null,
  number text,
  opening bigint,
  closing bigint,
  opens_on date,
  closes_on date,
  imported_at timestamp with time zone not null,
  imported_by text not null,
  constraint bank_statements_pkey PRIMARY KEY (id),
  constraint bank_statements_hash UNIQUE (bank_account_id, hash),
  constraint bank_statements_bank_account_id_bank_accounts_id_fk FOREIGN KEY (bank_account_id) REFERENCES bank_accounts(id),
  constraint bank_statements_format CHECK ((format = ANY (ARRAY['camt'::text, 'mt940'::text, 'ofx'::text, 'csv'::text])))
);
CREATE INDEX bank_statements_day ON public.bank_statements USING btree (bank_account_id, closes_on);

CREATE TABLE book_changes (
  id bigint generated always as identity not null,
  connection_id uuid not null,
  remote_id text not null,
  operation text not null,
  told_at timestamp with time zone not null,
  constraint book_changes_pkey PRIMARY KEY (id),
  constraint book_changes_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id)
);
CREATE INDEX book_changes_connection ON public.book_changes USING btree (connection_id, id);

CREATE TABLE calendar_changes (
  id bigint generated always as identity not null,
  company_id uuid not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  kind text not null,
  subject text not null,
  before text,
  after text,
  reason text,
  constraint calendar_changes_pkey PRIMARY KEY (id),
  constraint calendar_changes_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);
CREATE INDEX calendar_changes_company ON public.calendar_changes USING btree (company_id, id);
CREATE TRIGGER calendar_changes_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON public.calendar_changes FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE cash_book_registers (
  book_id uuid not null,
  company_id uuid not null,
  register text not null,
  constraint cash_book_registers_book_id_register_pk PRIMARY KEY (book_id, register),
  constraint cash_book_registers_book_id_cash_books_id_fk FOREIGN KEY (book_id) REFERENCES cash_books(id)
);
CREATE INDEX cash_book_registers_register ON public.cash_book_registers USING btree (company_id, register);
CREATE TRIGGER cash_book_register_is_free AFTER INSERT ON public.cash_book_registers FOR EACH ROW EXECUTE FUNCTION cash_book_register_is_free();

CREATE TABLE cash_books (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  name text not null,
  starts_on date not null,
  ends_on date not null,
  currency character(3) not null,
  tolerance bigint not null,
  company_code text not null,
  site text not null,
  auditor text not null,
  clerk text not null,
  cost_centre text,
  archived_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint cash_books_pkey PRIMARY KEY (id),
  constraint cash_books_name UNIQUE (company_id, name),
  constraint cash_books_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint cash_books_order CHECK ((ends_on >= starts_on)),
  constraint cash_books_tolerance CHECK ((tolerance >= 0))
);
CREATE TRIGGER cash_book_days_stay BEFORE UPDATE OF starts_on, ends_on, company_id, currency ON public.cash_books FOR EACH ROW WHEN (((((old.starts_on IS DISTINCT FROM new.starts_on) OR (old.ends_on IS DISTINCT FROM new.ends_on)) OR (old.company_id IS DISTINCT FROM new.company_id)) OR (old.currency IS DISTINCT FROM new.currency))) EXECUTE FUNCTION cash_book_days_stay();

CREATE TABLE cash_day_steps (
  id bigint generated always as identity not null,
  day_id bigint not null,
  step text not null,
  by text not null,
  comment text,
  event_id bigint,
  at timestamp with time zone not null,
  constraint cash_day_steps_pkey PRIMARY KEY (id),
  constraint cash_day_steps_day_id_cash_days_id_fk FOREIGN KEY (day_id) REFERENCES cash_days(id),
  constraint cash_day_steps_step CHECK ((step = ANY (ARRAY['submitted'::text, 'corrected'::text, 'approved'::text, 'rejected'::text])))
);
CREATE INDEX cash_day_steps_day ON public.cash_day_steps USING btree (day_id, id);

CREATE TABLE cash_days (
  id bigint generated always as identity not null,
  company_id uuid not null,
  book_id uuid not null,
  register text not null,
  date date not null,
  draft jsonb not null,
  entry_status text not null default 'draft'::text,
  check_status text not null default 'unchecked'::text,
  clerk text not null,
  comment text,
  event_id bigint,
  updated_at timestamp with time zone not null,
  constraint cash_days_pkey PRIMARY KEY (id),
  constraint cash_days_once UNIQUE (company_id, register, date),
  constraint cash_days_register FOREIGN KEY (book_id, register) REFERENCES cash_book_registers(book_id, register),
  constraint cash_days_approved CHECK (((check_status <> 'approved'::text) OR (entry_status <> 'draft'::text))),
  constraint cash_days_check CHECK ((check_status = ANY (ARRAY['unchecked'::text, 'approved'::text, 'rejected'::text]))),
  constraint cash_days_entry CHECK ((entry_status = ANY (ARRAY['draft'::text, 'submitted'::text, 'corrected'::text]))),
  constraint cash_days_submitted CHECK (((entry_status = 'draft'::text) OR (event_id IS NOT NULL)))
);
CREATE INDEX cash_days_book ON public.cash_days USING btree (book_id, register, date);
CREATE TRIGGER cash_book_is_open BEFORE INSERT OR DELETE OR UPDATE ON public.cash_days FOR EACH ROW EXECUTE FUNCTION cash_book_is_open();

CREATE TABLE closing_entries (
  entry_id bigint not null,
  company_id uuid not null,
  fiscal_year text not null,
  run integer not null,
  step text not null,
  reversal boolean not null,
  constraint closing_entries_pkey PRIMARY KEY (entry_id),
  constraint closing_entries_once UNIQUE (company_id, fiscal_year, run, step, reversal),
  constraint closing_entries_company_id_fiscal_year_fiscal_years_company_id_ FOREIGN KEY (company_id, fiscal_year) REFERENCES fiscal_years(company_id, label),
  constraint closing_entries_step CHECK ((step = ANY (ARRAY['CLS-1'::text, 'CLS-2'::text, 'CLS-3'::text, 'OPN'::text])))
);
CREATE TRIGGER closing_entries_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON public.closing_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE companies (
  id uuid not null default gen_random_uuid(),
  slug text not null,
  name text not null,
  country character(2) not null,
  currency character(3) not null,
  time_zone text not null,
  settings jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  constraint companies_pkey PRIMARY KEY (id),
  constraint companies_slug_unique UNIQUE (slug),
  constraint companies_slug_form CHECK ((slug ~ '^[a-z0-9][a-z0-9-]*$'::text))
);
CREATE TRIGGER companies_currency BEFORE UPDATE ON public.companies FOR EACH ROW WHEN (((old.currency IS DISTINCT FROM new.currency) OR (old.id IS DISTINCT FROM new.id))) EXECUTE FUNCTION company_currency_in_use();

CREATE TABLE connections (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  connector text not null,
  kind text not null,
  label text not null,
  account text not null,
  state text not null default 'active'::text,
  settings jsonb not null default '{}'::jsonb,
  token_set_id uuid,
  key_id text,
  sealed bytea,
  paused_until timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint connections_pkey PRIMARY KEY (id),
  constraint connections_account UNIQUE (company_id, connector, account),
  constraint connections_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint connections_token_set_id_token_sets_id_fk FOREIGN KEY (token_set_id) REFERENCES token_sets(id),
  constraint connections_kind CHECK ((kind = ANY (ARRAY['sales'::text, 'accounting'::text, 'entered'::text]))),
  constraint connections_state CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'reconnect'::text, 'disconnected'::text])))
);
CREATE INDEX connections_token_set ON public.connections USING btree (token_set_id);

CREATE TABLE cursors (
  connection_id uuid not null,
  resource text not null,
  cursor text not null,
  updated_at timestamp with time zone not null,
  constraint cursors_connection_id_resource_pk PRIMARY KEY (connection_id, resource),
  constraint cursors_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id)
);

CREATE TABLE deliveries (
  id bigint generated always as identity not null,
  company_id uuid not null,
  connection_id uuid not null,
  topic text not null,
  event_id text not null,
  body_hash bytea not null,
  headers jsonb not null,
  body bytea not null,
  via text not null default 'webhook'::text,
  received_at timestamp with time zone not null,
  state text not null default 'received'::text,
  reason text,
  code text,
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_once UNIQUE (connection_id, topic, event_id, body_hash),
  constraint deliveries_state CHECK ((state = ANY (ARRAY['received'::text, 'normalized'::text, 'ignored'::text, 'refused'::text, 'failed'::text]))),
  constraint deliveries_via CHECK ((via = ANY (ARRAY['webhook'::text, 'poll'::text, 'backfill'::text, 'entered'::text])))
);
CREATE INDEX deliveries_company ON public.deliveries USING btree (company_id, id);
CREATE INDEX deliveries_unfinished ON public.deliveries USING btree (company_id, state) WHERE (state <> ALL (ARRAY['normalized'::text, 'ignored'::text]));

CREATE TABLE documents (
  id bigint generated always as identity not null,
  company_id uuid not null,
  connection_id uuid not null,
  event_id bigint,
  kind text not null,
  number text not null,
  date date not null,
  currency character(3) not null,
  amount bigint not null,
  tax bigint not null,
  payload jsonb not null,
  content_hash text not null,
  state text not null default 'pending'::text,
  remote_id text,
  remote_url text,
  reason text,
  code text,
  attempts integer not null default 0,
  created_at timestamp with time zone not null,
  pushed_at timestamp with time zone,
  summary_id bigint,
  undo_id uuid,
  checked_at timestamp with time zone,
  settled_snapshot text,
  constraint documents_pkey PRIMARY KEY (id),
  constraint documents_once UNIQUE (connection_id, kind, number),
  constraint documents_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint documents_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint documents_kind CHECK ((kind = ANY (ARRAY['invoice'::text, 'credit_note'::text, 'sales_receipt'::text, 'refund_receipt'::text, 'payment'::text, 'allocation'::text, 'transfer'::text, 'bank_entry'::text, 'journal'::text]))),
  constraint documents_origin CHECK (((event_id IS NULL) <> (summary_id IS NULL))),
  constraint documents_state CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'unknown'::text, 'pushed'::text, 'held'::text, 'rejected'::text, 'undoing'::text, 'undone'::text])))
);
CREATE INDEX documents_checked ON public.documents USING btree (connection_id, checked_at) WHERE (state = 'pushed'::text);
CREATE INDEX documents_company ON public.documents USING btree (company_id, id);
CREATE INDEX documents_event ON public.documents USING btree (event_id);
CREATE INDEX documents_summary ON public.documents USING btree (summary_id) WHERE (summary_id IS NOT NULL);
CREATE INDEX documents_undo ON public.documents USING btree (undo_id) WHERE (undo_id IS NOT NULL);
CREATE INDEX documents_unfinished ON public.documents USING btree (connection_id, state) WHERE (state <> 'pushed'::text);

CREATE TABLE drifts (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  connection_id uuid not null,
  document_id bigint not null,
  kind text not null,
  ours jsonb not null,
  theirs jsonb,
  snapshot text not null,
  state text not null default 'open'::text,
  seen_at timestamp with time zone not null,
  settled_at timestamp with time zone,
  constraint drifts_pkey PRIMARY KEY (id),
  constraint drifts_document_id_documents_id_fk FOREIGN KEY (document_id) REFERENCES documents(id),
  constraint drifts_kind CHECK ((kind = ANY (ARRAY['edited'::text, 'voided'::text, 'deleted'::text]))),
  constraint drifts_state CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'restored'::text, 'ignored'::text, 'healed'::text])))
);
CREATE INDEX drifts_company ON public.drifts USING btree (company_id, seen_at);
CREATE UNIQUE INDEX drifts_open ON public.drifts USING btree (document_id) WHERE (state = 'open'::text);

CREATE TABLE events (
  id bigint generated always as identity not null,
  company_id uuid not null,
  connection_id uuid not null,
  delivery_id bigint not null,
  type text not null,
  source_id text not null,
  revision text not null,
  content_hash text not null,
  payload jsonb not null,
  sale_id text,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  state text not null default 'pending'::text,
  reason text,
  code text,
  posted_at timestamp with time zone,
  told_by_webhook timestamp with time zone,
  told_by_poll timestamp with time zone,
  constraint events_pkey PRIMARY KEY (id),
  constraint events_once UNIQUE (connection_id, type, source_id, revision),
  constraint events_state CHECK ((state = ANY (ARRAY['pending'::text, 'posted'::text, 'unchanged'::text, 'superseded'::text, 'waiting'::text, 'conflict'::text, 'failed'::text, 'test'::text])))
);
CREATE INDEX events_company ON public.events USING btree (company_id, id);
CREATE INDEX events_delivery ON public.events USING btree (delivery_id);
CREATE INDEX events_order ON public.events USING btree (company_id, (((payload -> 'order'::text) ->> 'number'::text)));
CREATE INDEX events_register ON public.events USING btree (company_id, ((payload ->> 'register'::text)), type) WHERE (type = ANY (ARRAY['cash_day'::text, 'register_close'::text]));
CREATE INDEX events_sale ON public.events USING btree (connection_id, sale_id) WHERE (sale_id IS NOT NULL);
CREATE INDEX events_source ON public.events USING btree (company_id, source_id);
CREATE INDEX events_unfinished ON public.events USING btree (company_id, state) WHERE (state <> ALL (ARRAY['posted'::text, 'unchanged'::text, 'superseded'::text]));

CREATE TABLE export_parts (
  company_id uuid not null,
  format text not null,
  number integer not null,
  file text not null,
  part integer not null,
  content bytea not null,
  constraint export_parts_company_id_format_number_file_part_pk PRIMARY KEY (company_id, format, number, file, part)
);
CREATE TRIGGER export_parts_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.export_parts FOR EACH STATEMENT EXECUTE FUNCTION exports_are_immutable();

CREATE TABLE export_persons (
  company_id uuid not null,
  format text not null,
  kind text not null,
  party text not null,
  number integer not null,
  constraint export_persons_company_id_format_kind_party_pk PRIMARY KEY (company_id, format, kind, party),
  constraint export_persons_number UNIQUE (company_id, format, number),
  constraint export_persons_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint export_persons_kind CHECK ((kind = ANY (ARRAY['debtor'::text, 'creditor'::text])))
);
CREATE TRIGGER export_persons_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.export_persons FOR EACH STATEMENT EXECUTE FUNCTION exports_are_immutable();

CREATE TABLE export_runs (
  id bigint generated always as identity not null,
  company_id uuid not null,
  format text not null,
  number integer not null,
  starts_on date not null,
  ends_on date not null,
  scope text not null,
  through bigint not null,
  entries integer not null,
  files jsonb not null,
  content_hash text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  constraint export_runs_pkey PRIMARY KEY (id),
  constraint export_runs_number UNIQUE (company_id, format, number),
  constraint export_runs_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint export_runs_days CHECK ((ends_on >= starts_on)),
  constraint export_runs_scope CHECK ((scope = ANY (ARRAY['all'::text, 'new'::text])))
);
CREATE TRIGGER export_runs_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.export_runs FOR EACH STATEMENT EXECUTE FUNCTION exports_are_immutable();

CREATE TABLE fiscal_years (
  company_id uuid not null,
  label text not null,
  starts_on date not null,
  ends_on date not null,
  last_number integer not null default 0,
  state text not null default 'open'::text,
  closings integer not null default 0,
  constraint fiscal_years_company_id_label_pk PRIMARY KEY (company_id, label),
  constraint fiscal_years_start UNIQUE (company_id, starts_on),
  constraint fiscal_years_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint fiscal_years_length CHECK ((ends_on < (starts_on + '1 year 6 mons'::interval))),
  constraint fiscal_years_order CHECK ((ends_on > starts_on)),
  constraint fiscal_years_state CHECK ((state = ANY (ARRAY['open'::text, 'closing'::text, 'closed'::text, 'reopening'::text])))
);
CREATE TRIGGER fiscal_years_guarded BEFORE INSERT OR DELETE OR UPDATE ON public.fiscal_years FOR EACH ROW EXECUTE FUNCTION fiscal_years_guarded();
CREATE TRIGGER fiscal_years_untruncated BEFORE TRUNCATE ON public.fiscal_years FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
CREATE TRIGGER fiscal_years_whole AFTER INSERT OR DELETE OR UPDATE OF starts_on, ends_on ON public.fiscal_years FOR EACH ROW EXECUTE FUNCTION calendar_is_whole();

CREATE TABLE fx_rates (
  company_id uuid not null,
  currency character(3) not null,
  day date not null,
  rate numeric(20,10) not null,
  source text not null,
  constraint fx_rates_company_id_currency_day_pk PRIMARY KEY (company_id, currency, day),
  constraint fx_rates_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint fx_rates_positive CHECK ((rate > (0)::numeric))
);

CREATE TABLE goods_movements (
  id bigint generated always as identity not null,
  company_id uuid not null,
  note text not null,
  sku text not null,
  supplier text not null,
  day date not null,
  received numeric(24,6) not null,
  received_value bigint not null,
  invoiced numeric(24,6) not null,
  invoiced_value bigint not null,
  grni bigint not null,
  event_id bigint not null,
  constraint goods_movements_pkey PRIMARY KEY (id)
);
CREATE INDEX goods_movements_event ON public.goods_movements USING btree (event_id);
CREATE INDEX goods_movements_note ON public.goods_movements USING btree (company_id, note, sku);
CREATE TRIGGER goods_movements_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.goods_movements FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE granularities (
  connection_id uuid not null,
  from_date date not null,
  mode text not null,
  constraint granularities_connection_id_from_date_pk PRIMARY KEY (connection_id, from_date),
  constraint granularities_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint granularities_mode CHECK ((mode = ANY (ARRAY['per_order'::text, 'daily_summary'::text])))
);

CREATE TABLE inventory_groups (
  company_id uuid not null,
  number smallint not null,
  description text not null,
  stock_tracked boolean not null default true,
  sales_tax text,
  purchase_tax text,
  sales text,
  inventory text,
  cost_of_sales text,
  count_variance text,
  adjustment text,
  purchase_variance text,
  purchases text,
  constraint inventory_groups_company_id_number_pk PRIMARY KEY (company_id, number),
  constraint inventory_groups_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint inventory_groups_account CHECK (((inventory IS NOT NULL) OR (NOT stock_tracked))),
  constraint inventory_groups_number CHECK (((number >= 1) AND (number <= 999)))
);
CREATE TRIGGER inventory_groups_locked BEFORE DELETE OR UPDATE ON public.inventory_groups FOR EACH ROW EXECUTE FUNCTION inventory_group_locked();

CREATE TABLE invoice_allocations (
  id bigint generated always as identity not null,
  company_id uuid not null,
  debit bigint not null,
  credit bigint not null,
  fx bigint,
  date date not null,
  amount_tc bigint not null,
  debit_amount bigint not null,
  credit_amount bigint not null,
  undoes bigint,
  undone_by bigint,
  made_by text,
  made_at timestamp with time zone not null,
  constraint invoice_allocations_pkey PRIMARY KEY (id),
  constraint invoice_allocations_fx CHECK (((fx IS NULL) = (debit_amount = credit_amount))),
  constraint invoice_allocations_undo CHECK (((undoes IS NULL) = ((amount_tc > 0) OR ((amount_tc = 0) AND ((debit_amount + credit_amount) > 0)))))
);
CREATE INDEX invoice_allocations_credit ON public.invoice_allocations USING btree (credit);
CREATE INDEX invoice_allocations_date ON public.invoice_allocations USING btree (company_id, date);
CREATE INDEX invoice_allocations_debit ON public.invoice_allocations USING btree (debit);
CREATE INDEX invoice_allocations_fx ON public.invoice_allocations USING btree (fx) WHERE (fx IS NOT NULL);
CREATE UNIQUE INDEX invoice_allocations_undoes ON public.invoice_allocations USING btree (undoes) WHERE (undoes IS NOT NULL);
CREATE TRIGGER invoice_allocations_applied AFTER INSERT ON public.invoice_allocations REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION invoice_allocations_applied();
CREATE TRIGGER invoice_allocations_immutable BEFORE UPDATE ON public.invoice_allocations FOR EACH ROW EXECUTE FUNCTION invoice_allocations_updated();
CREATE TRIGGER invoice_allocations_kept BEFORE DELETE OR TRUNCATE ON public.invoice_allocations FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE invoice_event_changes (
  id bigint generated always as identity not null,
  company_id uuid not null,
  invoice_event bigint not null,
  field text not null,
  before text,
  after text,
  made_by text not null,
  made_at timestamp with time zone not null,
  constraint invoice_event_changes_pkey PRIMARY KEY (id)
);
CREATE INDEX invoice_event_changes_event ON public.invoice_event_changes USING btree (invoice_event);
CREATE TRIGGER invoice_event_changes_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON public.invoice_event_changes FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE invoice_events (
  id bigint generated always as identity not null,
  company_id uuid not null,
  account text not null,
  kind smallint not null,
  opening boolean not null default false,
  posting_date date not null,
  entry_id bigint not null,
  line_no smallint,
  amount bigint not null,
  amount_tc bigint not null,
  currency character(3) not null,
  party text,
  document text,
  reverses bigint,
  supersedes bigint,
  party_name text,
  shared_party boolean not null default false,
  reference text,
  description text not null,
  additional text,
  document_date date,
  due_date date,
  paused_for text,
  open bigint not null,
  open_tc bigint not null,
  constraint invoice_events_pkey PRIMARY KEY (id),
  constraint invoice_events_kind CHECK ((kind = ANY (ARRAY[0, 1]))),
  constraint invoice_events_line_or_opening CHECK (((line_no IS NOT NULL) OR (opening AND (kind = 0))))
);
CREATE INDEX invoice_events_date ON public.invoice_events USING btree (company_id, account, posting_date);
CREATE INDEX invoice_events_document ON public.invoice_events USING btree (company_id, document);
CREATE INDEX invoice_events_open ON public.invoice_events USING btree (company_id, account, party) WHERE ((open <> 0) OR (open_tc <> 0));
CREATE INDEX invoice_events_open_document ON public.invoice_events USING btree (company_id, document) WHERE ((open <> 0) OR (open_tc <> 0));
CREATE INDEX invoice_events_open_reference ON public.invoice_events USING btree (company_id, reference) WHERE ((open <> 0) OR (open_tc <> 0));
CREATE INDEX invoice_events_party ON public.invoice_events USING btree (company_id, party, id);
CREATE INDEX invoice_events_reverses ON public.invoice_events USING btree (reverses) WHERE (reverses IS NOT NULL);
CREATE UNIQUE INDEX invoice_events_line ON public.invoice_events USING btree (entry_id, line_no);
CREATE TRIGGER invoice_events_guarded BEFORE INSERT OR UPDATE ON public.invoice_events FOR EACH ROW EXECUTE FUNCTION invoice_events_guarded();
CREATE TRIGGER invoice_events_kept BEFORE DELETE OR TRUNCATE ON public.invoice_events FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE invoice_reminders (
  invoice_event bigint not null,
  level smallint not null,
  company_id uuid not null,
  reached_on date not null,
  sent_at timestamp with time zone,
  sent_by text,
  constraint invoice_reminders_invoice_event_level_pk PRIMARY KEY (invoice_event, level),
  constraint invoice_reminders_level CHECK (((level >= 1) AND (level <= 3)))
);
CREATE INDEX invoice_reminders_unsent ON public.invoice_reminders USING btree (company_id) WHERE (sent_at IS NULL);

CREATE TABLE issues (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  connection_id uuid,
  code text not null,
  fingerprint text not null,
  message text not null,
  subject text,
  state text not null default 'open'::text,
  opened_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  constraint issues_pkey PRIMARY KEY (id),
  constraint issues_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint issues_state CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text, 'ignored'::text])))
);
CREATE INDEX issues_company ON public.issues USING btree (company_id, state);
CREATE UNIQUE INDEX issues_open ON public.issues USING btree (company_id, fingerprint) WHERE (state = 'open'::text);

CREATE TABLE items (
  company_id uuid not null,
  sku text not null,
  group_number smallint not null,
  title text,
  quantity numeric(24,6) not null default '0'::numeric,
  value bigint not null default 0,
  average_quantity numeric(24,6),
  average_value bigint,
  last_cost numeric,
  last_received date,
  reorder_point numeric(24,6),
  reorder_quantity numeric(24,6),
  sales_tax text,
  purchase_tax text,
  constraint items_company_id_sku_pk PRIMARY KEY (company_id, sku),
  constraint items_group_number FOREIGN KEY (company_id, group_number) REFERENCES inventory_groups(company_id, number)
);
CREATE INDEX items_group ON public.items USING btree (company_id, group_number);

CREATE TABLE journal_entries (
  id bigint generated always as identity not null,
  company_id uuid not null,
  sequence bigint not null,
  fiscal_year text not null,
  number integer not null,
  entry_type character(3) not null,
  posting_date date not null,
  tax_point date not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  source_key text not null,
  content_hash text not null,
  memo text not null,
  line_count smallint not null,
  channel text,
  event_id bigint,
  reverses bigint,
  reversed_by bigint,
  previous_hash bytea not null,
  hash bytea not null,
  constraint journal_entries_pkey PRIMARY KEY (id),
  constraint journal_entries_number UNIQUE (company_id, fiscal_year, number),
  constraint journal_entries_sequence UNIQUE (company_id, sequence),
  constraint journal_entries_source UNIQUE (company_id, source_key),
  constraint journal_entries_hash CHECK ((octet_length(hash) = 32)),
  constraint journal_entries_type CHECK ((entry_type = ANY (ARRAY['OPN'::bpchar, 'SAL'::bpchar, 'RFD'::bpchar, 'DEP'::bpchar, 'RCT'::bpchar, 'PYT'::bpchar, 'FEE'::bpchar, 'FXC'::bpchar, 'FXR'::bpchar, 'DSP'::bpchar, 'INV'::bpchar, 'PUR'::bpchar, 'CSH'::bpchar, 'BNK'::bpchar, 'GEN'::bpchar, 'CLS'::bpchar])))
);
CREATE INDEX journal_entries_date ON public.journal_entries USING btree (company_id, posting_date);
CREATE INDEX journal_entries_event ON public.journal_entries USING btree (event_id) WHERE (event_id IS NOT NULL);
CREATE UNIQUE INDEX journal_entries_reverses ON public.journal_entries USING btree (reverses) WHERE (reverses IS NOT NULL);
CREATE TRIGGER journal_entries_appended AFTER INSERT ON public.journal_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_appended();
CREATE TRIGGER journal_entries_dated AFTER INSERT ON public.journal_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_dated();
CREATE TRIGGER journal_entries_detailed AFTER INSERT ON public.journal_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_detailed();
CREATE TRIGGER journal_entries_immutable BEFORE UPDATE ON public.journal_entries FOR EACH ROW EXECUTE FUNCTION journal_entries_updated();
CREATE TRIGGER journal_entries_kept BEFORE DELETE OR TRUNCATE ON public.journal_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
CREATE TRIGGER journal_entries_reversing AFTER INSERT ON public.journal_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_reversing();
CREATE TRIGGER journal_entries_stocked AFTER INSERT ON public.journal_entries REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION journal_entries_stocked();

CREATE TABLE journal_heads (
  company_id uuid not null,
  last_hash bytea not null,
  entries bigint not null,
  constraint journal_heads_pkey PRIMARY KEY (company_id),
  constraint journal_heads_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);
CREATE TRIGGER journal_heads_guarded BEFORE INSERT OR UPDATE ON public.journal_heads FOR EACH ROW EXECUTE FUNCTION journal_heads_guarded();
CREATE TRIGGER journal_heads_kept BEFORE DELETE OR TRUNCATE ON public.journal_heads FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE journal_lines (
  entry_id bigint not null,
  line_no smallint not null,
  company_id uuid not null,
  account text not null,
  posting_date date not null,
  debit bigint not null,
  credit bigint not null,
  currency character(3) not null,
  amount_tc bigint not null,
  role text not null,
  tax_code text,
  tax_kind text,
  party text,
  document text,
  constraint journal_lines_entry_id_line_no_pk PRIMARY KEY (entry_id, line_no),
  constraint journal_lines_side CHECK ((((debit > 0) AND (credit = 0)) OR ((credit > 0) AND (debit = 0)))),
  constraint journal_lines_tc CHECK ((amount_tc >= 0))
);
CREATE INDEX journal_lines_account ON public.journal_lines USING btree (company_id, account, posting_date, debit, credit);
CREATE TRIGGER journal_lines_appended AFTER INSERT ON public.journal_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_appended();
CREATE TRIGGER journal_lines_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal_lines FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
CREATE TRIGGER journal_lines_projected AFTER INSERT ON public.journal_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_projected();
CREATE TRIGGER journal_lines_summed AFTER INSERT ON public.journal_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION journal_lines_summed();

CREATE TABLE late_approvals (
  company_id uuid not null,
  event_id bigint not null,
  approved_at timestamp with time zone not null,
  approved_by text not null,
  reason text not null,
  constraint late_approvals_event_id_pk PRIMARY KEY (event_id),
  constraint late_approvals_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);
CREATE INDEX late_approvals_company ON public.late_approvals USING btree (company_id);

CREATE TABLE lock_dates (
  company_id uuid not null,
  sales date,
  purchases date,
  tax date,
  everything date,
  hard date,
  constraint lock_dates_pkey PRIMARY KEY (company_id),
  constraint lock_dates_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);
CREATE TRIGGER lock_dates_guarded BEFORE INSERT OR DELETE OR UPDATE ON public.lock_dates FOR EACH ROW EXECUTE FUNCTION lock_dates_guarded();
CREATE TRIGGER lock_dates_untruncated BEFORE TRUNCATE ON public.lock_dates FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE mapping_changes (
  id bigint generated always as identity not null,
  connection_id uuid not null,
  kind text not null,
  ours text not null,
  channel text not null,
  valid_from date not null,
  before text,
  after text not null,
  changed_at timestamp with time zone not null,
  constraint mapping_changes_pkey PRIMARY KEY (id),
  constraint mapping_changes_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id)
);
CREATE INDEX mapping_changes_connection ON public.mapping_changes USING btree (connection_id, id);

CREATE TABLE mappings (
  connection_id uuid not null,
  kind text not null,
  ours text not null,
  theirs text not null,
  channel text not null default ''::text,
  valid_from date not null default '0001-01-01'::date,
  constraint mappings_connection_id_kind_ours_channel_valid_from_pk PRIMARY KEY (connection_id, kind, ours, channel, valid_from),
  constraint mappings_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint mappings_kind CHECK ((kind = ANY (ARRAY['account'::text, 'tax'::text, 'party'::text, 'record'::text])))
);

CREATE TABLE number_series (
  company_id uuid not null,
  kind text not null,
  prefix text not null,
  last integer not null,
  constraint number_series_company_id_kind_prefix_pk PRIMARY KEY (company_id, kind, prefix),
  constraint number_series_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint number_series_last CHECK ((last > 0))
);

CREATE TABLE oauth_states (
  state_hash text not null,
  browser_hash text not null,
  company_id uuid not null,
  connector text not null,
  fields jsonb not null,
  code_verifier text,
  expires_at timestamp with time zone not null,
  constraint oauth_states_pkey PRIMARY KEY (state_hash),
  constraint oauth_states_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);
CREATE INDEX oauth_states_company ON public.oauth_states USING btree (company_id);

CREATE TABLE periods (
  company_id uuid not null,
  fiscal_year text not null,
  starts_on date not null,
  ends_on date not null,
  state text not null default 'open'::text,
  constraint periods_company_id_starts_on_pk PRIMARY KEY (company_id, starts_on),
  constraint periods_company_id_fiscal_year_fiscal_years_company_id_label_fk FOREIGN KEY (company_id, fiscal_year) REFERENCES fiscal_years(company_id, label),
  constraint periods_order CHECK ((ends_on >= starts_on)),
  constraint periods_state CHECK ((state = ANY (ARRAY['open'::text, 'soft_closed'::text, 'locked'::text, 'closed'::text])))
);
CREATE INDEX periods_year ON public.periods USING btree (company_id, fiscal_year);
CREATE TRIGGER periods_guarded BEFORE DELETE OR UPDATE ON public.periods FOR EACH ROW EXECUTE FUNCTION periods_guarded();
CREATE TRIGGER periods_untruncated BEFORE TRUNCATE ON public.periods FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();
CREATE TRIGGER periods_whole AFTER INSERT OR DELETE OR UPDATE OF starts_on, ends_on, fiscal_year ON public.periods FOR EACH ROW EXECUTE FUNCTION calendar_is_whole();

CREATE TABLE purchase_suggestions (
  id bigint generated always as identity not null,
  company_id uuid not null,
  sku text not null,
  on_hand numeric(24,6) not null,
  quantity numeric(24,6) not null,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint purchase_suggestions_pkey PRIMARY KEY (id),
  constraint purchase_suggestions_company_id_sku_items_company_id_sku_fk FOREIGN KEY (company_id, sku) REFERENCES items(company_id, sku)
);
CREATE INDEX purchase_suggestions_item ON public.purchase_suggestions USING btree (company_id, sku);
CREATE UNIQUE INDEX purchase_suggestions_open ON public.purchase_suggestions USING btree (company_id, sku) WHERE (closed_at IS NULL);

CREATE TABLE push_attempts (
  id bigint generated always as identity not null,
  company_id uuid not null,
  connection_id uuid not null,
  document_ids bigint[] not null,
  idempotency_key text not null,
  method text not null,
  path text not null,
  body bytea not null,
  sent_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  outcome text not null default 'sent'::text,
  detail text,
  constraint push_attempts_pkey PRIMARY KEY (id),
  constraint push_attempts_idempotency_key_unique UNIQUE (idempotency_key),
  constraint push_attempts_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint push_attempts_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint push_attempts_outcome CHECK ((outcome = ANY (ARRAY['sent'::text, 'answered'::text, 'unknown'::text, 'refused'::text])))
);
CREATE INDEX push_attempts_company ON public.push_attempts USING btree (company_id);
CREATE INDEX push_attempts_connection ON public.push_attempts USING btree (connection_id, id);
CREATE INDEX push_attempts_documents ON public.push_attempts USING gin (document_ids);

CREATE TABLE quotes (
  id bigint generated always as identity not null,
  company_id uuid not null,
  number text not null,
  date date not null,
  valid_until date not null,
  currency character(3) not null,
  customer jsonb not null,
  lines jsonb not null,
  memo text,
  state text not null,
  invoice_event bigint,
  created_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  constraint quotes_pkey PRIMARY KEY (id),
  constraint quotes_invoice UNIQUE (invoice_event),
  constraint quotes_number UNIQUE (company_id, number),
  constraint quotes_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint quotes_invoiced CHECK (((state = 'invoiced'::text) = (invoice_event IS NOT NULL))),
  constraint quotes_state CHECK ((state = ANY (ARRAY['draft'::text, 'sent'::text, 'accepted'::text, 'declined'::text, 'invoiced'::text]))),
  constraint quotes_valid CHECK ((valid_until >= date))
);

CREATE TABLE receipt_documents (
  id bigint generated always as identity not null,
  company_id uuid not null,
  summary_id bigint not null,
  event_id bigint not null,
  kind text not null,
  number text not null,
  payload jsonb not null,
  within_kind text,
  within text,
  constraint receipt_documents_pkey PRIMARY KEY (id),
  constraint receipt_documents_once UNIQUE (company_id, kind, number),
  constraint receipt_documents_summary_id_summaries_id_fk FOREIGN KEY (summary_id) REFERENCES summaries(id)
);
CREATE INDEX receipt_documents_event ON public.receipt_documents USING btree (event_id);
CREATE INDEX receipt_documents_summary ON public.receipt_documents USING btree (summary_id);

CREATE TABLE receipts (
  id bigint generated always as identity not null,
  company_id uuid not null,
  summary_id bigint not null,
  event_id bigint not null,
  source_key text not null,
  reverses text,
  reversed boolean not null default false,
  entry jsonb not null,
  constraint receipts_pkey PRIMARY KEY (id),
  constraint receipts_once UNIQUE (company_id, source_key),
  constraint receipts_summary_id_summaries_id_fk FOREIGN KEY (summary_id) REFERENCES summaries(id)
);
CREATE INDEX receipts_event ON public.receipts USING btree (event_id);
CREATE INDEX receipts_summary ON public.receipts USING btree (summary_id);

CREATE TABLE stock_movements (
  id bigint generated always as identity not null,
  company_id uuid not null,
  sku text not null,
  group_number smallint not null,
  kind text not null,
  quantity numeric(24,6) not null,
  value bigint not null,
  on_hand numeric(24,6) not null,
  on_hand_value bigint not null,
  event_id bigint,
  source_key text not null,
  line smallint not null,
  occurred_at timestamp with time zone not null,
  posting_date date not null,
  recorded_at timestamp with time zone not null,
  constraint stock_movements_pkey PRIMARY KEY (id),
  constraint stock_movements_kind CHECK ((kind = ANY (ARRAY['opening'::text, 'receipt'::text, 'issue'::text, 'return'::text, 'count'::text, 'adjustment'::text, 'revaluation'::text, 'correction'::text, 'transfer'::text])))
);
CREATE INDEX stock_movements_date ON public.stock_movements USING btree (company_id, posting_date);
CREATE INDEX stock_movements_event ON public.stock_movements USING btree (event_id) WHERE (event_id IS NOT NULL);
CREATE INDEX stock_movements_item ON public.stock_movements USING btree (company_id, sku, id);
CREATE UNIQUE INDEX stock_movements_once ON public.stock_movements USING btree (company_id, source_key, line);
CREATE TRIGGER stock_movements_immutable BEFORE DELETE OR UPDATE OR TRUNCATE ON public.stock_movements FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE summaries (
  id bigint generated always as identity not null,
  company_id uuid not null,
  connection_id uuid not null,
  journal text not null,
  day date not null,
  tax_point date not null,
  register text not null,
  version integer not null,
  state text not null default 'open'::text,
  due_at timestamp with time zone not null,
  source_key text,
  posted_at timestamp with time zone,
  constraint summaries_pkey PRIMARY KEY (id),
  constraint summaries_once UNIQUE (connection_id, journal, day, tax_point, register, version),
  constraint summaries_state CHECK ((state = ANY (ARRAY['open'::text, 'posted'::text])))
);
CREATE INDEX summaries_due ON public.summaries USING btree (company_id, due_at) WHERE (state = 'open'::text);
CREATE UNIQUE INDEX summaries_open ON public.summaries USING btree (connection_id, journal, day, tax_point, register) WHERE (state = 'open'::text);

CREATE TABLE tax_codes (
  company_id uuid not null,
  code text not null,
  rate numeric(9,4),
  label text not null,
  revenue text not null,
  reverse_charge boolean,
  boxes jsonb,
  constraint tax_codes_company_id_code_pk PRIMARY KEY (company_id, code),
  constraint tax_codes_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id)
);
CREATE TRIGGER tax_codes_fixed BEFORE UPDATE ON public.tax_codes FOR EACH ROW WHEN ((((old.company_id IS DISTINCT FROM new.company_id) OR (old.code IS DISTINCT FROM new.code)) OR (old.rate IS DISTINCT FROM new.rate))) EXECUTE FUNCTION tax_code_in_use();
CREATE TRIGGER tax_codes_kept BEFORE DELETE ON public.tax_codes FOR EACH ROW EXECUTE FUNCTION tax_code_in_use();
CREATE TRIGGER tax_codes_untruncated BEFORE TRUNCATE ON public.tax_codes FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE tax_returns (
  id bigint generated always as identity not null,
  company_id uuid not null,
  regime text not null,
  starts_on date not null,
  ends_on date not null,
  version integer not null,
  basis text not null,
  state text not null,
  figures jsonb not null,
  hash text not null,
  due bigint not null,
  codes text[] not null,
  entry_id bigint,
  locked_before date,
  made_at timestamp with time zone not null,
  filed_at timestamp with time zone,
  filed_by text,
  reason text,
  withdrawn_at timestamp with time zone,
  withdrawn_by text,
  withdrawn_reason text,
  constraint tax_returns_pkey PRIMARY KEY (id),
  constraint tax_returns_company_id_companies_id_fk FOREIGN KEY (company_id) REFERENCES companies(id),
  constraint tax_returns_basis CHECK ((basis = ANY (ARRAY['posting_period'::text, 'original_period'::text]))),
  constraint tax_returns_filed CHECK (((state = 'draft'::text) = (filed_at IS NULL))),
  constraint tax_returns_order CHECK ((ends_on >= starts_on)),
  constraint tax_returns_state CHECK ((state = ANY (ARRAY['draft'::text, 'filed'::text, 'withdrawn'::text]))),
  constraint tax_returns_withdrawn CHECK (((state = 'withdrawn'::text) = ((withdrawn_at IS NOT NULL) AND (withdrawn_reason IS NOT NULL))))
);
CREATE INDEX tax_returns_company ON public.tax_returns USING btree (company_id, ends_on);
CREATE UNIQUE INDEX tax_returns_draft ON public.tax_returns USING btree (company_id, regime, starts_on, ends_on) WHERE (state = 'draft'::text);
CREATE UNIQUE INDEX tax_returns_entry ON public.tax_returns USING btree (entry_id) WHERE (entry_id IS NOT NULL);
CREATE UNIQUE INDEX tax_returns_once ON public.tax_returns USING btree (company_id, regime, starts_on, ends_on, version) WHERE (state = 'filed'::text);
CREATE TRIGGER tax_returns_kept BEFORE INSERT OR DELETE OR UPDATE ON public.tax_returns FOR EACH ROW EXECUTE FUNCTION tax_returns_kept();
CREATE TRIGGER tax_returns_untruncated BEFORE TRUNCATE ON public.tax_returns FOR EACH STATEMENT EXECUTE FUNCTION journal_is_immutable();

CREATE TABLE tax_rules (
  id bigint generated always as identity not null,
  company_id uuid not null,
  channel text,
  name text,
  rate numeric(9,4),
  code text not null,
  constraint tax_rules_pkey PRIMARY KEY (id),
  constraint tax_rules_once UNIQUE NULLS NOT DISTINCT (company_id, channel, name, rate),
  constraint tax_rules_company_id_code_tax_codes_company_id_code_fk FOREIGN KEY (company_id, code) REFERENCES tax_codes(company_id, code)
);
CREATE INDEX tax_rules_code ON public.tax_rules USING btree (company_id, code);

CREATE TABLE todo (
  id bigint generated always as identity not null,
  company_id uuid not null,
  stage text not null,
  ref bigint not null,
  connection_id uuid,
  attempts integer not null default 0,
  due_at timestamp with time zone not null,
  held text,
  priority smallint not null default 0,
  constraint todo_pkey PRIMARY KEY (id),
  constraint todo_once UNIQUE (stage, ref),
  constraint todo_stage CHECK ((stage = ANY (ARRAY['normalize'::text, 'post'::text, 'push'::text])))
);
CREATE INDEX todo_connection ON public.todo USING btree (connection_id) WHERE (connection_id IS NOT NULL);
CREATE INDEX todo_due ON public.todo USING btree (stage, due_at) WHERE (held IS NULL);

CREATE TABLE token_sets (
  id uuid not null default gen_random_uuid(),
  connector text not null,
  key_id text not null,
  sealed bytea not null,
  access_expires_at timestamp with time zone,
  refresh_expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  constraint token_sets_pkey PRIMARY KEY (id)
);

CREATE TABLE undos (
  id uuid not null default gen_random_uuid(),
  company_id uuid not null,
  connection_id uuid not null,
  from_date date,
  to_date date,
  event_id bigint,
  state text not null default 'running'::text,
  reason text,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  reposted_at timestamp with time zone,
  constraint undos_pkey PRIMARY KEY (id),
  constraint undos_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint undos_scope CHECK (((event_id IS NULL) <> ((from_date IS NULL) AND (to_date IS NULL)))),
  constraint undos_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX undos_company ON public.undos USING btree (company_id, started_at);
CREATE INDEX undos_connection ON public.undos USING btree (connection_id) WHERE (reposted_at IS NULL);

CREATE TABLE webhook_secrets (
  id uuid not null default gen_random_uuid(),
  connector text not null,
  connection_id uuid,
  key_id text not null,
  sealed bytea not null,
  created_at timestamp with time zone not null,
  retired_at timestamp with time zone,
  constraint webhook_secrets_pkey PRIMARY KEY (id),
  constraint webhook_secrets_connection_id_connections_id_fk FOREIGN KEY (connection_id) REFERENCES connections(id)
);
CREATE INDEX webhook_secrets_connection ON public.webhook_secrets USING btree (connection_id);
CREATE INDEX webhook_secrets_connector ON public.webhook_secrets USING btree (connector);

CREATE OR REPLACE FUNCTION public.account_in_use()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM lock_journal(OLD.company_id);
  IF EXISTS (SELECT FROM journal_lines l WHERE l.company_id = OLD.company_id AND l.account = OLD.code) THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Account %s has posted lines; it cannot be deleted, renumbered or '
      'given another type. Map the role to another account instead.', OLD.code), OLD.code);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $function$;

CREATE OR REPLACE FUNCTION public.accounts_subledger_activated()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.bank_lines_stay()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM refuse('BANK_LINE_REFUSED', 'Lines of bank statements are never changed or deleted. Ignore a line with a reason.');
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.calendar_is_whole()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.cash_book_days_stay()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'CASH_BOOK_REFUSED: The first and last day of the cash book "%" stay as they are. Start another book.', old.name;
END $function$;

CREATE OR REPLACE FUNCTION public.cash_book_is_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  book record;
BEGIN
  SELECT name, starts_on, ends_on, archived_at INTO book FROM cash_books WHERE id = coalesce(new.book_id, old.book_id) FOR SHARE;
  IF book.archived_at IS NOT NULL THEN
    RAISE EXCEPTION 'CASH_BOOK_REFUSED: The cash book "%" is archived: it is only read.', book.name;
  END IF;
  IF new.date < book.starts_on OR new.date > book.ends_on THEN
    RAISE EXCEPTION 'CASH_BOOK_REFUSED: The cash book "%" is kept from % to %; % is not one of its days.',
      book.name, book.starts_on, book.ends_on, new.date;
  END IF;
  RETURN coalesce(new, old);
END $function$;

CREATE OR REPLACE FUNCTION public.cash_book_register_is_free()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  other record;
BEGIN
  PERFORM FROM companies WHERE id = new.company_id FOR NO KEY UPDATE;
  SELECT b.name, b.starts_on, b.ends_on INTO other
  FROM cash_books mine, cash_book_registers r JOIN cash_books b ON b.id = r.book_id
  WHERE mine.id = new.book_id AND r.company_id = new.company_id AND r.register = new.register AND b.id <> mine.id
    AND b.starts_on <= mine.ends_on AND mine.starts_on <= b.ends_on LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'CASH_BOOK_REFUSED: Register % is in the cash book "%" from % to %. Choose other days, or another register.',
      new.register, other.name, other.starts_on, other.ends_on;
  END IF;
  RETURN new;
END $function$;

CREATE OR REPLACE FUNCTION public.company_currency_in_use()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM lock_journal(OLD.id);
  IF EXISTS (SELECT FROM journal_heads h WHERE h.company_id = OLD.id AND h.entries > 0) THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('%s has entries in %s; a company keeps its currency.', OLD.name,
      OLD.currency), OLD.slug);
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.exports_are_immutable()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'ENTRY_IMMUTABLE: Rows of % are never changed or deleted. Make another export instead.', tg_table_name;
END $function$;

CREATE OR REPLACE FUNCTION public.fiscal_years_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.inventory_group_locked()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.company_id, OLD.number, OLD.inventory, OLD.stock_tracked)
      IS NOT DISTINCT FROM (NEW.company_id, NEW.number, NEW.inventory, NEW.stock_tracked) THEN RETURN NEW; END IF;
  END IF;
  IF (SELECT c.settings->>'inventoryIntegration' FROM companies c WHERE c.id = OLD.company_id) IS DISTINCT FROM 'periodic'
    AND EXISTS (SELECT FROM stock_movements m WHERE m.company_id = OLD.company_id AND m.group_number = OLD.number)
  THEN
    PERFORM refuse('GROUP_ACCOUNT_LOCKED', format('Inventory group %s has had stock on account %s: that account is fixed '
      'while stock is kept in the ledger. Make a new group with the other account and move the items to it.',
      OLD.number, OLD.inventory), OLD.number::text);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $function$;

CREATE OR REPLACE FUNCTION public.invoice_allocations_applied()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.invoice_allocations_updated()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  kept invoice_allocations := NEW;
BEGIN
  IF OLD.undone_by IS NULL AND pg_trigger_depth() > 1 THEN kept.undone_by := NULL; END IF;
  IF kept IS DISTINCT FROM OLD THEN
    PERFORM refuse('ENTRY_IMMUTABLE', 'Allocations are never changed. Undo this one and allocate again.', OLD.id::text);
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.invoice_events_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_entries_appended()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_entries_dated()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_entries_detailed()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_entries_reversing()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_entries_stocked()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
DECLARE
  bad record;
BEGIN
  SELECT n.source_key INTO bad FROM new_entries n
  WHERE n.entry_type = 'INV' AND n.reverses IS NULL AND n.source_key NOT LIKE 'inventory:switch:%'
    AND (SELECT m.id FROM stock_movements m WHERE m.company_id = n.company_id AND m.source_key = n.source_key LIMIT 1)
      IS NULL
    AND (SELECT g.id FROM goods_movements g WHERE g.event_id = n.event_id LIMIT 1) IS NULL
  LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('EVENT_INVALID', format('Entry %s is of type INV but moves no stock. That type is kept for inventory '
      'integration; use another.', bad.source_key), bad.source_key);
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.journal_entries_updated()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_heads_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'INSERT' AND (NEW.entries <> 0 OR NEW.last_hash <> sha256(convert_to(NEW.company_id::text, 'UTF8')))
    OR TG_OP = 'UPDATE' AND NEW IS DISTINCT FROM OLD AND pg_trigger_depth() < 2
  THEN
    PERFORM refuse('ENTRY_IMMUTABLE', 'The head of a journal starts empty and is moved by new entries alone.',
      NEW.company_id::text);
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.journal_is_immutable()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM refuse('ENTRY_IMMUTABLE', format('Rows of %s are never changed, deleted or truncated. Post a reversal '
    'instead.', TG_TABLE_NAME), TG_TABLE_NAME);
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.journal_lines_appended()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.journal_lines_projected()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
DECLARE
  touched bigint[];
BEGIN
  SELECT array_agg(DISTINCT l.entry_id) INTO touched FROM (
    SELECT u.company_id, u.account FROM (SELECT DISTINCT company_id, account FROM new_lines) u
    WHERE (SELECT a.subledger FROM accounts a WHERE a.company_id = u.company_id AND a.code = u.account) IS NOT NULL
  ) used JOIN new_lines l ON l.company_id = used.company_id AND l.account = used.account;
  IF touched IS NOT NULL THEN PERFORM project_invoice_events(touched); END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.journal_lines_summed()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.lock_dates_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM lock_journal(coalesce(NEW.company_id, OLD.company_id));
  IF TG_OP <> 'INSERT' AND OLD.hard IS NOT NULL AND (TG_OP = 'DELETE' OR NEW.hard IS NULL OR NEW.hard < OLD.hard
    OR NEW.company_id <> OLD.company_id)
  THEN
    PERFORM refuse('PERIOD_CLOSED', format('The hard lock date is %s and only moves forward.', OLD.hard),
      OLD.hard::text);
  END IF;
  RETURN coalesce(NEW, OLD);
END $function$;

CREATE OR REPLACE FUNCTION public.lock_journal(company uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  UPDATE journal_heads SET entries = entries WHERE company_id = company;
END $function$;

CREATE OR REPLACE FUNCTION public.periods_guarded()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.project_invoice_events(entries bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.rebuild_account_days(company uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse(code text, what text, subject text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = code || ': ' || what, DETAIL = coalesce(subject, '');
END $function$;

CREATE OR REPLACE FUNCTION public.tax_code_in_use()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM lock_journal(OLD.company_id);
  IF EXISTS (SELECT FROM journal_lines l WHERE l.company_id = OLD.company_id AND l.tax_code = OLD.code) THEN
    PERFORM refuse('ENTRY_IMMUTABLE', format('Tax code %s has posted lines; it cannot be deleted, renamed or given '
      'another rate. Add a new code instead.', OLD.code), OLD.code);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $function$;

CREATE OR REPLACE FUNCTION public.tax_returns_kept()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM lock_journal(coalesce(NEW.company_id, OLD.company_id));
  IF TG_OP = 'INSERT' OR OLD.state = 'draft' THEN RETURN coalesce(NEW, OLD); END IF;
  IF TG_OP = 'UPDATE' AND OLD.state = 'filed' AND NEW.state = 'withdrawn'
    AND to_jsonb(NEW) - ARRAY['state', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason']
      = to_jsonb(OLD) - ARRAY['state', 'withdrawn_at', 'withdrawn_by', 'withdrawn_reason']
  THEN RETURN NEW; END IF;
  PERFORM refuse('ENTRY_IMMUTABLE', format('The tax return of %s to %s is filed; take it back with a reason instead.',
    OLD.starts_on, OLD.ends_on), OLD.id::text);
END $function$;
