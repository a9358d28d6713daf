import { DomainError, type EventInput, makeEvent, parseMinor } from '@daybook/domain';
import { inventoryGroupsOf, putInventoryGroup } from '@daybook/ledger/inventory';
import { allocateItems, openItemOf } from '@daybook/ledger/invoice-ledger/allocations';
import type { WorkerDeps } from '@daybook/workers/deps';
import { enterEvents, importEvents } from '@daybook/workers/enter';
import { approve, CLERK } from './cash-books.ts';
import type { Difference } from './compare.ts';
import type { Month, MonthEvent } from './month-file.ts';
import { eventsOf } from './rehearse.ts';
import { contextOf, translate } from './translate.ts';

/** Where an attempt is made: the books of a month that has been taken through. */
interface Books {
  month: Month;
  companyId: string;
  deps: WorkerDeps;
}

/** What a file may ask to be tried, by the words it says it in. Each throws what the books refuse. */
type Attempt = (books: Books, words: string[]) => Promise<unknown>;

const ATTEMPTS: readonly [words: RegExp, attempt: Attempt][] = [
  [/redeliver (\S+) byte for byte/, redeliver],
  [/redeliver (\S+) under the same source_key with tender (\d+)/, redeliverChanged],
  [/manual journal Dr (\S+) (\d+) \/ Cr (\S+) (\d+)/, journalOf],
  [/manual journal dated (\d{4}-\d{2}-\d{2})/, journalDated],
  [/manual journal line on (\S+) without party and document/, journalWithoutDetail],
  [/update or delete any line of a posted entry/, changePosted],
  [/allocate (\d+) explicitly to (\S+)/, allocateTooMuch],
  [/clerk of cash book (\S+) approves/, approveOwnDay],
  [/change inventory account of inventory group (\d+) from (\S+) to (\S+)/, changeGroupAccount],
  [/submit (\S+) with reason null/, submitWithoutReason],
  [/amount ([\d.]+) in ([A-Z]{3})(?:, or ([\d.]+) in a currency with exponent (\d))?/, amountTooFine],
];

/** Tries what must be refused; what is not refused, or with another code, is a difference. */
export async function negativeDifferences(month: Month, companyId: string, deps: WorkerDeps): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const { id, attempt, expected } of month.negative_cases) {
    const outcome = await tried(attempt, { month, companyId, deps });
    if (outcome !== expected) found.push({ where: `negative_cases.${id}`, expected, found: outcome });
  }
  return found;
}

async function tried(words: string, books: Books): Promise<string> {
  for (const [pattern, attempt] of ATTEMPTS) {
    const match = pattern.exec(words);
    if (match) return outcomeOf(books, () => attempt(books, match.slice(1)));
  }
  return `nobody knows how to try "${words}"`;
}

/** The code of the refusal; without one whether the journal grew. */
async function outcomeOf({ companyId, deps }: Books, work: () => Promise<unknown>): Promise<string> {
  const entries = async () => {
    const [head] = await deps.sql<{ entries: bigint }[]>`
      select entries from journal_heads where company_id = ${companyId}`;
    return head?.entries;
  };
  const before = await entries();
  try {
    await work();
    return (await entries()) === before ? 'no_new_entry' : 'accepted, and posted';
  } catch (error) {
    return codeOf(error);
  }
}

/** What the database refuses names its code before the colon. */
function codeOf(error: unknown): string {
  if (error instanceof DomainError) return error.code;
  const [code = ''] = (error as Error).message.split(':');
  if (/^[A-Z_]+$/.test(code)) return code;
  throw error;
}

async function redeliver(books: Books, [id = '']: string[]): Promise<void> {
  await importEvents(books.companyId, translate(eventNamed(books, id), contextOf(books.month)), books.deps);
}

/** The tender says another amount, and so does the order: a tip more or less, so that only the key contradicts. */
async function redeliverChanged(books: Books, [id = '', amount = '0']: string[]): Promise<void> {
  const event = eventNamed(books, id);
  const [tender, ...others] = event.tenders;
  const changed = {
    ...event,
    tip: (event.tip ?? 0n) + BigInt(amount) - (tender?.amount ?? 0n),
    tenders: [{ kind: 'card', ...tender, amount: BigInt(amount) }, ...others],
  };
  await importEvents(books.companyId, translate(changed, contextOf(books.month)), books.deps);
}

async function journalOf(
  books: Books,
  [debited = '', debit = '0', credited = '', credit = '0']: string[],
): Promise<void> {
  await enterJournal(books, books.month.company.period_end, [
    { account: debited, amount: BigInt(debit) },
    { account: credited, amount: -BigInt(credit) },
  ]);
}

async function journalDated(books: Books, [date = '']: string[]): Promise<void> {
  const [one = '', other = one] = plainAccounts(books);
  await enterJournal(books, date, [
    { account: one, amount: 1000n },
    { account: other, amount: -1000n },
  ]);
}

async function journalWithoutDetail(books: Books, [account = '']: string[]): Promise<void> {
  const [plain = ''] = plainAccounts(books);
  await enterJournal(books, books.month.company.period_end, [
    { account, amount: 1000n },
    { account: plain, amount: -1000n },
  ]);
}

/** Accounts that a journal may use without saying more. */
function plainAccounts({ month }: Books): string[] {
  return month.accounts.filter(({ type }) => type === 'expense' || type === 'income').map(({ code }) => code);
}

async function enterJournal(books: Books, date: string, lines: { account: string; amount: bigint }[]): Promise<void> {
  const { companyId, month, deps } = books;
  const journal: EventInput = {
    version: 1,
    type: 'journal',
    channel: 'ledger',
    id: `attempt:${date}:${lines.map((line) => `${line.account} ${line.amount}`).join(' ')}`,
    revision: '1',
    occurredAt: `${date}T12:00:00Z`,
    currency: month.company.functional_currency,
    test: false,
    date,
    lines,
  };
  await enterEvents(companyId, [makeEvent(journal)], deps);
}

async function changePosted({ companyId, deps }: Books): Promise<void> {
  const refused: unknown[] = [];
  const attempts = [
    () => deps.sql`update journal_lines set debit = debit + 1 where company_id = ${companyId}`,
    () => deps.sql`delete from journal_lines where company_id = ${companyId}`,
    () => deps.sql`update journal_entries set memo = '' where company_id = ${companyId}`,
    () => deps.sql`delete from journal_entries where company_id = ${companyId}`,
  ];
  for (const attempt of attempts) await attempt().catch((error: unknown) => refused.push(error));
  if (refused.length < attempts.length) return;
  const [first] = refused;
  throw first;
}

/** A receipt of the same customer is set against the invoice with more than is open of it. */
async function allocateTooMuch({ companyId, deps }: Books, [amount = '0', document = '']: string[]): Promise<void> {
  await deps.sql.begin(async (tx) => {
    const against = await openItemOf(tx, companyId, document, 0);
    const [payment] = await tx<{ id: bigint }[]>`
      select p.id from invoice_events p join invoice_events i on i.company_id = p.company_id and i.party = p.party
      where i.id = ${against} and p.kind = 1 and p.account = i.account order by p.id limit 1`;
    const asked = { item: payment?.id ?? against, against, amountTc: BigInt(amount) };
    await allocateItems(tx, companyId, asked, { madeBy: 'rehearsal', now: deps.clock() });
  });
}

async function approveOwnDay({ companyId, month, deps }: Books, [register = '']: string[]): Promise<void> {
  const day = month.events.find((event) => event.type === 'cash_close' && event.register === register);
  if (!day) throw new DomainError('EVENT_INVALID', `The file has no day of register ${register}.`, register);
  await approve(day, CLERK, companyId, deps);
}

async function changeGroupAccount({ companyId, deps }: Books, [number = '0', , to = '']: string[]): Promise<void> {
  const groups = await inventoryGroupsOf(deps.sql, companyId);
  const group = groups.find((each) => each.number === Number(number));
  if (!group) throw new DomainError('EVENT_INVALID', `The company has no inventory group ${number}.`, number);
  await deps.sql.begin((tx) => putInventoryGroup(tx, companyId, { ...group, inventory: to }));
}

/** A newer version of the same day: what is booked of it stays as it is. */
async function submitWithoutReason(books: Books, [id = '']: string[]): Promise<void> {
  const [day] = translate({ ...eventNamed(books, id), reason: null }, contextOf(books.month));
  await enterEvents(books.companyId, [makeEvent({ ...day, revision: '2' })], books.deps);
}

async function amountTooFine(_: Books, [text = '', currency = '', other, exponent]: string[]): Promise<void> {
  const codes: Record<string, string> = { '0': 'JPY', '2': 'EUR', '3': 'KWD', '4': 'CLF' };
  const attempts = [() => parseMinor(text, currency)];
  if (other !== undefined) attempts.push(() => parseMinor(other, codes[exponent ?? '0'] ?? 'JPY'));
  const refused: unknown[] = [];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch (error) {
      refused.push(error);
    }
  }
  if (refused.length === attempts.length) throw refused[0];
}

function eventNamed({ month }: Books, id: string): MonthEvent {
  const event = eventsOf(month).find((each) => each.id === id);
  if (!event) throw new DomainError('EVENT_INVALID', `The file has no event ${id}.`, id);
  return event;
}
