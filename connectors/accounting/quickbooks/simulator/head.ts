import { amount, decimal, type Json } from './answer.ts';
import { today } from './instants.ts';
import { Refused } from './refusal.ts';
import { type Context, compact, day, member, shortText } from './request.ts';
import {
  type BookedDocument,
  type Company,
  DOCUMENT_ENTITIES,
  type DocumentEntity,
  numberKey,
  type Posting,
} from './world.ts';

/** What booking a body makes of it; ids, versions and times are added by the operation. */
export type Draft = Pick<
  BookedDocument,
  'number' | 'date' | 'currency' | 'rate' | 'party' | 'total' | 'tax' | 'lineTax' | 'links' | 'body'
> & { postings: Posting[] };

/** Parses a body of one kind of document. Throws Refused. */
export type Book = (body: unknown, existing: BookedDocument | null, context: Context) => Draft;

/** Sales forms, whose numbers QuickBooks draws from one sequence while custom numbers are off. */
const NUMBERED: readonly DocumentEntity[] = ['Invoice', 'CreditMemo', 'SalesReceipt', 'RefundReceipt', 'Purchase'];
/** Kinds that have a number, but where the same one twice is not minded. */
const LOOSELY_NUMBERED: readonly DocumentEntity[] = ['Deposit', 'JournalEntry'];
/** How "is assigned to TxnType=" spells them. */
const SPOKEN: Partial<Record<DocumentEntity, string>> = {
  CreditMemo: 'Credit Memo',
  SalesReceipt: 'Sales Receipt',
  RefundReceipt: 'Refund',
  Purchase: 'Expense',
};

/** The date, else the server's day. */
export function dateOf(body: unknown, context: Context): string {
  return day(body, 'TxnDate') ?? today(context.now);
}

/** The note that every document can have, up to 4000 characters. */
export function noteOf(body: unknown): string | null {
  return shortText(body, 'PrivateNote', 4000);
}

/**
 * DocNumber: what is said while custom numbers are on (none = blank), the next of QuickBooks' own while they are off,
 * whatever is said. Throws 6140 for one that another form of the kind has, unless the caller allows duplicates.
 */
export function numberOf(
  entity: DocumentEntity,
  body: unknown,
  existing: BookedDocument | null,
  context: Context,
): string | null {
  const said = shortText(body, 'DocNumber', 21);
  if (LOOSELY_NUMBERED.includes(entity)) return said;
  if (!NUMBERED.includes(entity)) return null;
  const { company } = context;
  if (!company.customNumbers && !existing) return nextNumber(context);
  if (said === 'AUTO_GENERATE' && (entity === 'Invoice' || entity === 'SalesReceipt')) return nextNumber(context);
  if (said === null || context.include.has('allowduplicatedocnum')) return said;
  const other = company.numbers.get(numberKey(entity, said))?.find((id) => id !== existing?.id);
  if (other === undefined) return said;
  throw new Refused(
    '6140',
    'Duplicate Document Number Error : You must specify a different number. This number has already been used. ' +
      `DocNumber=${said} is assigned to TxnType=${SPOKEN[entity] ?? entity} with TxnId=${other}`,
  );
}

/** From 1001, past numbers that somebody else has given. */
function nextNumber({ company, change }: Context): string {
  for (;;) {
    const number = String(1000 + change.next(`${company.realm} number`));
    const taken = DOCUMENT_ENTITIES.some((entity) => company.numbers.get(numberKey(entity, number))?.length);
    if (!taken) return number;
  }
}

/** What the answers of all kinds have in common, after what is theirs alone. */
export function headBody(body: unknown): Json {
  return compact({ PrivateNote: noteOf(body) });
}

/** Custom texts and addresses that are kept and answered as they came. */
export function echoed(body: unknown, names: readonly string[]): Json {
  return compact(Object.fromEntries(names.map((name) => [name, member(body, name)])));
}

/** Total in the document's currency and, where there are several, in the company's own. */
export function totalsBody(company: Company, total: bigint, home: bigint, currency: string): Json {
  return {
    TotalAmt: amount(total, currency),
    ...(company.enabledCurrencies.length > 1 ? { HomeTotalAmt: amount(home, company.currency) } : {}),
  };
}

/** Currency and rate of a document; the rate only where there are several currencies. */
export function currencyBody(company: Company, currency: string, rate: string): Json {
  const name = new Intl.DisplayNames('en', { type: 'currency' }).of(currency) ?? currency;
  return {
    CurrencyRef: { value: currency, name },
    ...(company.enabledCurrencies.length > 1 ? { ExchangeRate: decimal(rate) } : {}),
  };
}
