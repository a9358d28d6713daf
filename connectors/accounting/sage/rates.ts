import type { BookDocument } from '@daybook/domain';
import { z } from 'zod';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { FOREIGN_BANK, readFinancial } from './books.ts';
import { readOne } from './client.ts';
import { isQuote, QUOTE, quoted, quoteOf } from './quote.ts';
import { accountOf } from './resources.ts';
import { decimal, type Foreign } from './wire.ts';

const exchangeRate = z.object({ rate: z.string().regex(/^\d+(\.\d+)?$/) });

/** Whether a document is in another currency than the books, as the accounts it names tell. */
function isForeign(document: BookDocument, mapping: BooksMapping): boolean {
  switch (document.kind) {
    case 'invoice':
    case 'credit_note':
      return document.lines.some((line) => differs(document, accountOf(line, mapping)));
    case 'payment':
      return differs(document, accountOf(document, mapping));
    default:
      return false;
  }
}

function differs({ currency }: BookDocument, account: RemoteAccount): boolean {
  return account.type === FOREIGN_BANK || account.currency !== currency;
}

/**
 * Keys of what a document's rate is worked out from: the books' own rate, one a currency and day, so that it stays what
 * it was when the document is sent again; and, until it is known, which way round the provider says rates, told by the
 * ledger's rate of the document. Pure.
 */
export function recordsFor(document: BookDocument, mapping: BooksMapping): string[] {
  if (!isForeign(document, mapping)) return [];
  const { currency, date, rate } = document;
  if (rate === undefined) return [rateKey(document)];
  return known(QUOTE, mapping) === undefined ? [rateKey(document), `${QUOTE}:${currency}:${date}:${rate}`] : [];
}

function rateKey({ currency, date }: BookDocument): string {
  return `rate:${currency}:${date}`;
}

function known(key: string, mapping: BooksMapping): string | undefined {
  try {
    return mapping.record(key);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'MAPPING_MISSING') return undefined;
    throw error;
  }
}

/**
 * Reads the rates and learns from them, once for all documents, which way round they are said. Leaves out what the
 * books do not allow or do not tell: the one is told about the document that needs it, the other is asked again.
 */
export async function ensureRecords(keys: string[], api: Api): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const settings = keys.length > 0 ? await readFinancial(api) : null;
  if (!settings?.multi_currency_enabled) return made;
  const theirs = await ratesOf(keys, api);
  const told = new Set<string>();
  for (const key of keys) {
    const [what, currency = '', date = '', ours = ''] = key.split(':');
    const rate = theirs.get(currency);
    if (rate === undefined) continue;
    const isFresh = settings.use_live_exchange_rates === true && isRecent(date, api.now());
    if (what === QUOTE) told.add(quoteOf(ours, rate, isFresh) ?? '');
    else made.set(key, rate);
  }
  const [quote, ...others] = [...told].filter((each) => each !== '');
  if (quote !== undefined && others.length === 0) made.set(QUOTE, quote);
  return made;
}

/** Days in which no currency that is worth about as much as the books' own moves by a tenth. */
const RECENT_DAYS = 30;

function isRecent(date: string, now: Date): boolean {
  return now.getTime() - Date.parse(date) <= RECENT_DAYS * 24 * 60 * 60_000;
}

async function ratesOf(keys: readonly string[], api: Api): Promise<Map<string, string>> {
  const rates = new Map<string, string>();
  for (const currency of new Set(keys.map((key) => key.split(':')[1] ?? ''))) {
    const path = `/exchange_rates/${encodeURIComponent(currency)}`;
    const parsed = exchangeRate.safeParse(await readOne(api, `Reading the rate of ${currency}`, path));
    if (parsed.success) rates.set(currency, parsed.data.rate);
  }
  return rates;
}

/**
 * Currency and rate for a document that is not in the books' own currency: a payment without a rate would count one to
 * one (provider section 2). The ledger's rate, so that both come to the same amounts; the books' own where the ledger
 * has none, or as long as it is not known which way round they want it. Throws BOOKS_CURRENCY_REFUSED where the books
 * have no such currency.
 */
export function foreignFields(document: BookDocument, mapping: BooksMapping): Foreign {
  if (!isForeign(document, mapping)) return {};
  return { currency_id: document.currency, exchange_rate: decimal(rateFor(document, mapping)) };
}

function rateFor(document: BookDocument, mapping: BooksMapping): string {
  const quote = known(QUOTE, mapping);
  if (document.rate !== undefined && isQuote(quote)) return quoted(document.rate, quote);
  try {
    return mapping.record(rateKey(document));
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'MAPPING_MISSING') throw error;
    throw wrongCurrency(document, `the books have no exchange rate for ${document.currency}`, TURN_ON, error);
  }
}

const TURN_ON = 'Turn on foreign currency in Sage (Settings, Currencies) and give it a rate, then replay.';

/** Throws BOOKS_CURRENCY_REFUSED where an account is kept in another currency than the document. */
export function checkCurrency(document: BookDocument, account: RemoteAccount): void {
  if (account.currency === undefined || account.currency === document.currency) return;
  const why = `the account ${account.code} ${account.name} is kept in ${account.currency}`;
  throw wrongCurrency(document, why, `Map it to a bank account in ${document.currency}, then replay.`);
}

function wrongCurrency(document: BookDocument, why: string, todo: string, cause?: unknown): ConnectorError {
  const message = `${subjectOf(document)} was not sent to Sage: ${why}. ${todo}`;
  return new ConnectorError('rejected', message, { code: 'BOOKS_CURRENCY_REFUSED', cause });
}
