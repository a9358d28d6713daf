import type { BookDocument } from '@daybook/domain';
import { z } from 'zod';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, RemoteAccount } from '../../kit/contract.ts';
import { FOREIGN_BANK, readFinancial } from './books.ts';
import { readOne } from './client.ts';
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
 * Keys of the exchange rates a document needs: one a currency and day, as the books themselves have it, so that it
 * stays what it was when the document is sent again. Pure.
 */
export function recordsFor(document: BookDocument, mapping: BooksMapping): string[] {
  return isForeign(document, mapping) ? [rateKey(document)] : [];
}

function rateKey({ currency, date }: BookDocument): string {
  return `rate:${currency}:${date}`;
}

/** Reads the rates; leaves out what the books do not allow, which is then told about the document that needs it. */
export async function ensureRecords(keys: string[], api: Api): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const settings = keys.length > 0 ? await readFinancial(api) : null;
  if (!settings?.multi_currency_enabled) return made;
  for (const key of new Set(keys)) {
    const currency = key.split(':')[1] ?? '';
    const found = await readOne(
      api,
      `Reading the rate of ${currency}`,
      `/exchange_rates/${encodeURIComponent(currency)}`,
    );
    const parsed = exchangeRate.safeParse(found);
    if (parsed.success) made.set(key, parsed.data.rate);
  }
  return made;
}

/**
 * Currency and rate for a document that is not in the books' own currency: a payment without a rate would count one to
 * one (provider section 2). Throws BOOKS_CURRENCY_REFUSED where the books have no such currency.
 */
export function foreignFields(document: BookDocument, mapping: BooksMapping): Foreign {
  if (!isForeign(document, mapping)) return {};
  try {
    return { currency_id: document.currency, exchange_rate: decimal(mapping.record(rateKey(document))) };
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
