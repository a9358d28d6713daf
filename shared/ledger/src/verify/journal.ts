import { type Check, type Looked, one } from './check.ts';

const trialBalance: Check = {
  name: 'debits equal credits, in the books and in every currency',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with sums as (
        select currency, count(*) as lines, sum(debit - credit) as difference,
          sum(case when debit > 0 then amount_tc else -amount_tc end) as difference_tc
        from journal_lines where company_id = ${companyId} group by currency
      )
      select coalesce(sum(lines), 0)::int as rows, coalesce(
        case when sum(difference) <> 0 then format('debits and credits differ by %s minor units', sum(difference)) end,
        min(format('lines in %s differ by %s minor units of it', currency, difference_tc))
          filter (where difference_tc <> 0)) as bad
      from sums`),
};

const entriesBalance: Check = {
  name: 'every entry has all its lines and balances',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with currencies as (
        select entry_id, count(*) as lines, max(line_no) as last, sum(debit - credit) as difference,
          sum(case when debit > 0 then amount_tc else -amount_tc end) as difference_tc
        from journal_lines where company_id = ${companyId} group by entry_id, currency
      ), sums as (
        select entry_id, sum(lines) as lines, max(last) as last, sum(difference) as difference,
          bool_or(difference_tc <> 0) as uneven
        from currencies group by entry_id
      ), bad as (
        select format('entry %s/%s (%s): %s of %s lines, debits and credits differ by %s', e.fiscal_year, e.number,
          e.source_key, coalesce(s.lines, 0), e.line_count, coalesce(s.difference, 0)) as what
        from journal_entries e left join sums s on s.entry_id = e.id
        where e.company_id = ${companyId} and (s.lines is null or s.lines <> e.line_count or s.last <> e.line_count
          or s.lines < 2 or s.difference <> 0 or s.uneven)
        order by e.sequence limit 1
      )
      select (select count(*) from journal_entries where company_id = ${companyId})::int as rows,
        (select what from bad) as bad`),
};

const linesBelong: Check = {
  name: 'every line belongs to its entry, an account and a tax code',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with bad as (
        select format('line %s of entry %s on account %s', l.line_no, coalesce(e.fiscal_year || '/' || e.number,
          l.entry_id || ', which does not exist'), l.account) as what
        from journal_lines l
        left join journal_entries e on e.id = l.entry_id and e.company_id = l.company_id
          and e.posting_date = l.posting_date
        left join accounts a on a.company_id = l.company_id and a.code = l.account
        left join tax_codes t on t.company_id = l.company_id and t.code = l.tax_code
        where l.company_id = ${companyId} and (e.id is null or a.code is null
          or (l.tax_code is not null and t.code is null))
        order by l.entry_id, l.line_no limit 1
      )
      select (select count(*) from journal_lines where company_id = ${companyId})::int as rows,
        (select what from bad) as bad`),
};

const numbersRun: Check = {
  name: 'numbers run 1..N in every fiscal year',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with counted as (
        select label, last_number, (select count(*) from journal_entries e where e.company_id = y.company_id
          and e.fiscal_year = y.label) as entries
        from fiscal_years y where company_id = ${companyId}
      ), gap as (
        select format('entry %s/%s should be number %s', fiscal_year, number, due) as what from (
          select fiscal_year, number, row_number() over (partition by fiscal_year order by sequence) as due
          from journal_entries where company_id = ${companyId}
        ) numbered where number <> due order by fiscal_year, due limit 1
      )
      select coalesce(sum(entries), 0)::int as rows, coalesce((select what from gap),
        min(format('fiscal year %s counts %s entries but has %s', label, last_number, entries))
          filter (where last_number <> entries)) as bad
      from counted`),
};

const reversalsPair: Check = {
  name: 'every reversal mirrors its original, and both name each other',
  look: (tx, companyId) =>
    one(tx<Looked[]>`
      with linked as (
        select e.*, o.id as original, coalesce(o.reversed_by = e.id, false) as answered
        from journal_entries e left join journal_entries o on o.id = e.reverses and o.company_id = e.company_id
        where e.company_id = ${companyId} and e.reverses is not null
      ), bad as (
        select sequence, format('entry %s/%s (%s) does not mirror what it reverses, or is not named by it',
          fiscal_year, number, source_key) as what
        from linked l where original is null or not answered or exists (
          select from journal_lines s where s.entry_id in (l.id, l.original)
          group by s.account, s.currency, s.tax_code, s.tax_kind having sum(s.debit - s.credit) <> 0
            or sum(case when s.debit > 0 then s.amount_tc else -s.amount_tc end) <> 0)
        union all
        select e.sequence, format('entry %s/%s (%s) says it is reversed, but nothing reverses it', e.fiscal_year,
          e.number, e.source_key)
        from journal_entries e left join journal_entries r on r.id = e.reversed_by and r.reverses = e.id
        where e.company_id = ${companyId} and e.reversed_by is not null and r.id is null
      )
      select (select count(*) from linked)::int as rows, (select what from bad order by sequence limit 1) as bad`),
};

/** What the rows of the journal say about themselves. */
export const journalChecks: readonly Check[] = [trialBalance, entriesBalance, linesBelong, numbersRun, reversalsPair];
