import {
  type Books,
  DomainError,
  dayAfter,
  formatMinor,
  journalLines,
  type ResolvedEntry,
  type ResolvedLine,
  reversalOf,
  translate,
} from '@daybook/domain';
import type { Sql, Tx } from '@daybook/platform/db';
import { loadBooks } from './books.ts';
import { ensureFiscalYears } from './calendar.ts';
import { seenIn } from './closing-filter.ts';
import { postEntries } from './post.ts';

/** Accounts whose foreign balances are money to come or to pay (accounting.md A6); all others keep their rate. */
const MONETARY = '^(bank|cash|clearing)\\.|^(processor\\.reserve|dispute\\.held|ar\\.control|ap\\.control)';

/** A foreign balance of an account, of one document where the account follows documents; debit positive. */
interface ForeignBalance {
  account: string;
  role: string;
  currency: string;
  party: string | null;
  document: string | null;
  amount: bigint;
  amountTc: bigint;
}

/** A balance that was put to the closing rate: what it was carried at and what it is worth; minor units. */
export interface Revalued extends ForeignBalance {
  worth: bigint;
}

export interface Revaluation {
  /** Last day of the period. */
  date: string;
  /** The entry and its reversal on the next day; null when every balance has the closing rate already. */
  posted: { sourceKey: string; number: number; fiscalYear: string; reversalNumber: number } | null;
  balances: Revalued[];
}

/**
 * Puts foreign monetary balances to the closing rate of the period of a day (accounting.md A6): the unrealised
 * difference is posted on its last day (FXR) and reversed on the first day of the next period, in one transaction.
 * Doing it again posts only what has changed since, so it can be repeated whenever late facts came.
 *
 * Throws RATE_MISSING naming currency and day, ACCOUNT_UNRESOLVED, and PERIOD_CLOSED when either day is not open.
 */
export async function revalue(sql: Sql, companyId: string, day: string, { now }: { now: Date }): Promise<Revaluation> {
  return sql.begin(async (tx) => {
    await tx`select 1 from journal_heads where company_id = ${companyId} for update`;
    const date = await periodEnd(tx, companyId, day);
    await ensureFiscalYears(tx, companyId, dayAfter(date));
    const books = await loadBooks(tx, companyId);
    const balances = (await foreignBalances(tx, companyId, date)).map((each) => ({
      ...each,
      worth: worthOf(each, date, books),
    }));
    const lines = balances.flatMap((each) => revaluationLines(each, books));
    if (lines.length === 0) return { date, posted: null, balances };
    const entry = await entryFor(tx, companyId, date, lines);
    const next = dayAfter(date);
    const back = { ...reversalOf(entry, next), taxPoint: next };
    const toPost = [entry, back].map((each) => ({ entry: each, eventId: null }));
    const [made, reversal] = await postEntries(tx, companyId, toPost, now);
    if (!made || !reversal) throw new Error('The revaluation was not posted.');
    const { number, fiscalYear } = made;
    const posted = { sourceKey: entry.sourceKey, number, fiscalYear, reversalNumber: reversal.number };
    return { date, posted, balances };
  });
}

async function periodEnd(tx: Tx, companyId: string, day: string): Promise<string> {
  const [period] = await tx<{ endsOn: string }[]>`
    select ends_on as "endsOn" from periods where company_id = ${companyId} and ${day}::date between starts_on and ends_on`;
  if (period) return period.endsOn;
  throw new DomainError('PERIOD_CLOSED', `The company has no period for ${day}. Create its fiscal year first.`, day);
}

async function foreignBalances(tx: Tx, companyId: string, date: string): Promise<ForeignBalance[]> {
  return tx<ForeignBalance[]>`
    with monetary as (
      select account, min(role) as role, bool_or(role ~ '^(ar|ap)\\.control') as detailed from account_roles
      where company_id = ${companyId} and role ~ ${MONETARY} group by account
    )
    select l.account, m.role, l.currency, case when m.detailed then l.party end as party,
      case when m.detailed then l.document end as document, sum(l.debit - l.credit)::bigint as amount,
      sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end)::bigint as "amountTc"
    from journal_lines l join monetary m using (account) join companies c on c.id = l.company_id
    where l.company_id = ${companyId} and l.currency <> c.currency and l.posting_date <= ${date}::date
      and ${seenIn(tx, companyId, 'operations')}
    group by 1, 2, 3, 4, 5 having sum(l.debit - l.credit) <> 0
      or sum(case when l.debit > 0 then l.amount_tc else -l.amount_tc end) <> 0
    order by 1, 3, 4, 5`;
}

function worthOf({ account, currency, amountTc }: ForeignBalance, date: string, books: Books): bigint {
  const rate = books.rate(currency, date);
  if (rate !== undefined) return translate(amountTc, currency, books.functionalCurrency, rate);
  throw new DomainError(
    'RATE_MISSING',
    `Account ${account} holds ${currency} ${formatMinor(amountTc, currency)}, and the rate table has no ${currency} rate ` +
      `for ${date}. Add the closing rate, then revalue again.`,
    `${currency} ${date}`,
  );
}

/** The difference on the account and against gain or loss; in the balance's currency, of which nothing moves. */
function revaluationLines({ worth, amount, ...balance }: Revalued, books: Books): ResolvedLine[] {
  const difference = worth - amount;
  if (difference === 0n) return [];
  const { account, role, currency, party, document } = balance;
  const line = { account, role, currency, amountTc: 0n, amount: difference };
  const counter = difference > 0n ? 'fx.gain' : 'fx.loss';
  const counterAccount = books.roles.get(counter);
  if (counterAccount === undefined) {
    const message = `No account plays the role ${counter}. Choose one in the account mapping, then revalue again.`;
    throw new DomainError('ACCOUNT_UNRESOLVED', message, counter);
  }
  const detail = { party: party ?? undefined, document: document ?? undefined };
  return [
    { ...line, ...detail },
    { ...line, role: counter, account: counterAccount, amount: -difference },
  ];
}

/** Later ones of a day say only what changed: they have keys of their own. */
async function entryFor(tx: Tx, companyId: string, date: string, lines: ResolvedLine[]): Promise<ResolvedEntry> {
  const [before] = await tx<{ count: number }[]>`
    select count(*)::int as count from journal_entries where company_id = ${companyId} and entry_type = 'FXR'
      and posting_date = ${date}::date and source_key like ${`revaluation:${date}%`} and reverses is null`;
  const version = (before?.count ?? 0) + 1;
  return {
    entryType: 'FXR',
    sourceKey: version === 1 ? `revaluation:${date}` : `revaluation:${date}:v${version}`,
    postingDate: date,
    taxPoint: date,
    occurredAt: `${date}T00:00:00.000Z`,
    memo: `Foreign balances at the closing rate of ${date}`,
    lines: journalLines(lines, `Revaluation ${date}`),
  };
}
