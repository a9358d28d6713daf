import { composeSoldLines, DomainError, documentForm, grossOf, type QuoteForm, sum } from '@daybook/domain';
import { loadBooks } from '@daybook/ledger/company';
import { nextNumber } from '@daybook/ledger/number-series';
import type { Queryable, Sql, Tx } from '@daybook/platform/db';
import type { WorkerDeps } from '../deps.ts';
import { wake } from '../post-events.ts';
import { type DocumentEntered, enterDocument } from './enter-document.ts';

/** How far a quote has come; `invoiced` only through its invoice. */
export type QuoteState = 'draft' | 'sent' | 'accepted' | 'declined' | 'invoiced';

/** A quote as it stands. Nothing is booked for it (accounting.md C13). */
export interface Quote {
  number: string;
  date: string;
  validUntil: string;
  currency: string;
  customer: QuoteForm['customer'];
  lines: QuoteForm['lines'];
  memo: string | null;
  state: QuoteState;
  invoiceEvent: bigint | null;
}

const COLUMNS = (sql: Queryable) =>
  sql`number, date, valid_until as "validUntil", currency, customer, lines, memo, state, invoice_event as "invoiceEvent"`;

/** A company's quotes, newest first. */
export async function quotesOf(sql: Queryable, companyId: string): Promise<Quote[]> {
  return sql<Quote[]>`
    select ${COLUMNS(sql)} from quotes where company_id = ${companyId} order by date desc, id desc limit 1000`;
}

/** The quote of a number, its row locked in a transaction. Throws DOCUMENT_UNKNOWN. */
async function lockedQuote(tx: Tx, companyId: string, number: string): Promise<Quote> {
  const [quote] = await tx<Quote[]>`
    select ${COLUMNS(tx)} from quotes where company_id = ${companyId} and number = ${number} for update`;
  if (quote) return quote;
  throw new DomainError('DOCUMENT_UNKNOWN', `There is no quote "${number}". List them: GET /api/v1/quotes.`, number);
}

/**
 * Writes a quote, numbered where nobody did; `total` is what its invoice would come to, minor units. Throws
 * DOCUMENT_FIXED for a number that is taken, and INVALID_AMOUNT_SCALE and TAX_UNRESOLVED as an invoice would.
 */
export async function writeQuote(
  companyId: string,
  form: QuoteForm,
  { sql, clock }: { sql: Sql; clock(): Date },
): Promise<{ number: string; net: bigint; total: bigint }> {
  return sql.begin(async (tx) => {
    const books = await loadBooks(tx, companyId);
    const currency = form.currency ?? books.functionalCurrency;
    const place = { books, number: '', revision: '', sale: null };
    const lines = composeSoldLines(form.lines, currency, place);
    const numbered = { kind: 'quote', date: form.date, settings: books.settings };
    const isTaken = async (each: string) =>
      (await tx`select 1 from quotes where company_id = ${companyId} and number = ${each}`).length > 0;
    const number = form.number ?? (await nextNumber(tx, companyId, numbered, isTaken));
    const made = await tx`
      insert into quotes (company_id, number, date, valid_until, currency, customer, lines, memo, state, created_at, changed_at)
      values (${companyId}, ${number}, ${form.date}, ${form.validUntil}, ${currency}, ${tx.json({ ...form.customer })},
              ${tx.json(form.lines.map((line) => ({ ...line })))}, ${form.memo ?? null}, 'draft', ${clock()}, ${clock()})
      on conflict (company_id, number) do nothing returning id`;
    if (made.length === 0) throw new DomainError('DOCUMENT_FIXED', `There is a quote ${number} already.`, number);
    return { number, net: sum(lines.map((line) => line.net)), total: grossOf(lines) };
  });
}

/** Notes how far a quote has come. Throws DOCUMENT_UNKNOWN, and DOCUMENT_FIXED once it is invoiced. */
export async function markQuote(
  companyId: string,
  number: string,
  state: Exclude<QuoteState, 'invoiced'>,
  { sql, clock }: { sql: Sql; clock(): Date },
): Promise<void> {
  await sql.begin(async (tx) => {
    const quote = await lockedQuote(tx, companyId, number);
    if (quote.state === 'invoiced') throw new DomainError('DOCUMENT_FIXED', `Quote ${number} is invoiced.`, number);
    await tx`
      update quotes set state = ${state}, changed_at = ${clock()} where company_id = ${companyId} and number = ${number}`;
  });
}

/** When a quote's invoice is of and falls due. */
export interface QuoteInvoice {
  date: string;
  dueDate?: string | undefined;
  termsDays?: number | undefined;
}

/**
 * Books the invoice of a quote, once: both in one transaction under the quote's lock. Throws DOCUMENT_UNKNOWN,
 * DOCUMENT_FIXED where it is declined or invoiced already, and what the books refuse.
 */
export async function invoiceQuote(
  companyId: string,
  number: string,
  asked: QuoteInvoice,
  deps: WorkerDeps,
): Promise<DocumentEntered> {
  const done = await deps.sql.begin(async (tx) => {
    const { state, currency, customer, lines } = await lockedQuote(tx, companyId, number);
    if (state === 'invoiced' || state === 'declined') {
      throw new DomainError('DOCUMENT_FIXED', `Quote ${number} is ${state}; it cannot be invoiced.`, number);
    }
    const form = documentForm.parse({ type: 'invoice', key: `quote:${number}`, currency, customer, lines, ...asked });
    const invoice = await enterDocument(tx, companyId, form, deps);
    await tx`
      update quotes set state = 'invoiced', invoice_event = ${invoice.eventId}, changed_at = ${deps.clock()}
      where company_id = ${companyId} and number = ${number}`;
    return invoice;
  });
  await wake(companyId, done.posted, deps);
  return done;
}
