import { abs, type BookJournal } from '@daybook/domain';
import { subjectOf } from '../../kit/book-documents.ts';
import type { Api, BooksMapping } from '../../kit/contract.ts';
import { type Booked, bookedIn, minor } from './answer.ts';
import { callJson, quoted, recordIn, requestIdOf, select } from './client.ts';
import { conversionNumber, EXCHANGE, isForeign } from './conversions.ts';
import { NAMES } from './entities.ts';
import type { Attempt } from './errors.ts';
import { isNoteOf } from './head.ts';
import { accountOf } from './records.ts';
import { read, remove } from './remove.ts';

/** Conversions of a journal that are in the books, by their place among them. */
export type Conversions = ReadonlyMap<number, Booked>;

/**
 * Books the conversions of a booked journal that are not there yet. Request ids are made from the journal's id, so that
 * a repeat is the same request whoever makes it. Throws what the provider refuses.
 */
export async function convert(
  journal: BookJournal,
  id: string,
  bodies: readonly string[],
  api: Api,
  there: Conversions = new Map(),
): Promise<void> {
  const attempt = { what: `Moving the foreign money of ${subjectOf(journal)}`, writes: true };
  for (const [index, body] of bodies.entries()) {
    if (there.has(index)) continue;
    const requestId = requestIdOf(`convert:${id}:${body}`);
    const answer = await callJson(api, { ...attempt, method: 'POST', path: '/transfer', body, requestId });
    recordIn(answer, NAMES.transfer, attempt);
  }
}

/** Looks the conversions of a journal up, by the day and their notes: transfers have no other field of ours. */
export async function conversionsOf(journal: BookJournal, api: Api): Promise<Conversions> {
  const found = new Map<number, Booked>();
  // Whatever its accounts are mapped to now, only foreign money was ever converted.
  if (journal.lines.every(({ currency }) => currency === undefined)) return found;
  const attempt: Attempt = { what: `Looking up the conversions of ${subjectOf(journal)}`, writes: false };
  const rows = await select(api, attempt.what, NAMES.transfer, `TxnDate = ${quoted(journal.date)}`);
  for (const record of rows.map((row) => bookedIn(row, attempt))) {
    const note = record.PrivateNote ?? '';
    const place = journal.lines.findIndex((_, index) => isNoteOf(note, conversionNumber(journal, index)));
    if (place >= 0) found.set(place, record);
  }
  return found;
}

/** Takes the conversions of a journal out. */
export async function takeConversions(journal: BookJournal, attempt: Attempt, api: Api): Promise<void> {
  for (const { Id } of (await conversionsOf(journal, api)).values()) {
    const there = await read('transfer', Id, attempt.what, api);
    if (there) await remove('transfer', there.found, attempt, api, there.text);
  }
}

/** A line of a journal that names the exchange account there, and the code of the account its money was moved to. */
export interface Converted {
  /** Id of the exchange account. */
  exchange: string;
  code: string;
  amount: bigint;
}

/** Those lines of a journal whose conversion is in the books as it was sent. */
export async function convertedLines(journal: BookJournal, mapping: BooksMapping, api: Api): Promise<Converted[]> {
  const lines = journal.lines.filter((line) => isForeign(line, journal, mapping));
  if (lines.length === 0) return [];
  const exchange = accountOf(EXCHANGE, mapping).remoteId;
  const conversions = await conversionsOf(journal, api);
  return lines.flatMap((line, index) => {
    const { currency = '', amountTc = 0n, amount } = line;
    const record = conversions.get(index);
    const isWhole = record?.CurrencyRef?.value === currency && minor(record.Amount, currency) === abs(amountTc);
    return isWhole ? [{ exchange, code: accountOf(line, mapping).code, amount }] : [];
  });
}
