import { abs, type BookJournal, formatMinor, type JournalDocumentLine, plainDecimal } from '@daybook/domain';
import { z } from 'zod';
import { subjectOf } from '../../kit/book-documents.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { Api, BooksMapping, PreparedRequest, SendResult } from '../../kit/contract.ts';
import { type Element, elementsIn, isLive, numberIn, refusedTexts } from './answer.ts';
import { anyOf, exchange, inParts, jsonOf } from './client.ts';
import { conversionNumber } from './conversions.ts';
import { type Attempt, failure, refusal, unreadable } from './errors.ts';
import { listPages } from './lists.ts';
import { EXCHANGE, isBankLine } from './movements.ts';
import { toJson } from './wire.ts';

/** Sends one request for one document, as `send` does. */
type SendOne = (request: PreparedRequest, document: BookJournal, key: string) => Promise<SendResult>;

/**
 * Books the entries of a journal that are not there yet, then the journal: where it is found, all of it is there, and
 * whatever a lost answer left behind is taken up by the next attempt. All or nothing: what is refused takes the others
 * out again.
 */
export async function sendConverted(
  request: PreparedRequest,
  bodies: readonly string[],
  journal: BookJournal,
  key: string,
  api: Api,
  sendOne: SendOne,
): Promise<SendResult> {
  const there = await conversionsOf(journal, api);
  for (const [index, body] of bodies.entries()) {
    const number = conversionNumber(journal, index);
    if (there.some((each) => numberOf(each) === number)) continue;
    const path = '/BankTransactions?summarizeErrors=false';
    const entry: PreparedRequest = { method: 'PUT', path, body: `{"BankTransactions":[${body}]}` };
    const result = await sendOne(entry, { ...journal, number }, `${key}-fx${index + 1}`);
    if (!result.ok) return takenBack(journal, result, api);
  }
  const result = await sendOne(request, journal, key);
  return result.ok ? result : takenBack(journal, result, api);
}

/** Only a refusal says that nothing was booked; anything else is looked up and tried again as it stands. */
async function takenBack(journal: BookJournal, result: SendResult & { ok: false }, api: Api): Promise<SendResult> {
  if (result.error.kind !== 'rejected' || result.error.ambiguous) return result;
  try {
    await takeConversions(journal, { what: `Taking back ${subjectOf(journal)}`, writes: true }, api);
    return result;
  } catch (cause) {
    const message =
      `${subjectOf(journal)} was refused by Xero, and it is not known whether the bank entries made for it were taken ` +
      'out again. Daybook looks them up and tries again.';
    throw new ConnectorError('retryable', message, { code: 'OUTCOME_UNKNOWN', ambiguous: true, cause });
  }
}

/** Live entries of a journal, by their references: whatever its accounts are mapped to now. */
async function conversionsOf(journal: BookJournal, api: Api): Promise<Element[]> {
  const numbers = journal.lines.map((_, index) => conversionNumber(journal, index));
  const path = (part: string[]) => `/BankTransactions?where=${anyOf(part.map((each) => `Reference=="${each}"`))}`;
  const found: Element[] = [];
  for (const part of inParts(numbers, path)) found.push(...(await listPages('BankTransactions', path(part), api)));
  return found.filter((each) => isLive(each) && numbers.includes(numberOf(each)));
}

function numberOf(element: Element): string {
  return String(numberIn('BankTransactions', element));
}

/** Takes the entries of a journal out. Throws what the provider refuses. */
export async function takeConversions(journal: BookJournal, attempt: Attempt, api: Api): Promise<void> {
  for (const element of await conversionsOf(journal, api)) {
    const { BankTransactionID } = element;
    if (typeof BankTransactionID !== 'string') throw unreadable(attempt, 'Xero does not name the bank entry');
    const body = toJson({ BankTransactions: [{ BankTransactionID, Status: 'DELETED' }] });
    const response = await exchange(api, {
      ...attempt,
      method: 'POST',
      path: `/BankTransactions/${BankTransactionID}`,
      body,
    });
    if (response.status === 404) continue;
    if (response.status < 200 || response.status > 299) throw failure(response, attempt);
    const [ended] = elementsIn('BankTransactions', jsonOf(response, attempt), attempt);
    const texts = ended ? refusedTexts(ended) : null;
    if (texts !== null) throw refusal(journal, texts);
    if (!ended || isLive(ended)) throw unreadable(attempt, 'it is as it was');
  }
}

/** A line of a journal that names the exchange account there, and the code of the bank account its money is on. */
export interface Converted {
  exchange: string;
  code: string;
  amount: bigint;
}

const entry = z.object({
  Type: z.string(),
  Total: z.string(),
  BankAccount: z.object({ AccountID: z.string() }).optional(),
});

/** Those lines of a journal whose entry stands in the books as it was sent. */
export async function convertedLines(journal: BookJournal, mapping: BooksMapping, api: Api): Promise<Converted[]> {
  const lines = journal.lines.filter((line) => isBankLine(line, mapping));
  if (lines.length === 0) return [];
  const exchange = mapping.account(EXCHANGE.role, EXCHANGE.account);
  const there = await conversionsOf(journal, api);
  return lines.flatMap((line, index) => {
    const element = there.find((each) => numberOf(each) === conversionNumber(journal, index));
    const isWhole = element !== undefined && isOfLine(element, line, journal, mapping);
    return isWhole ? [{ exchange, code: mapping.account(line.role, line.account), amount: line.amount }] : [];
  });
}

function isOfLine(
  element: Element,
  { role, account, amount, amountTc = 0n }: JournalDocumentLine,
  journal: BookJournal,
  mapping: BooksMapping,
): boolean {
  const { remoteId, currency = journal.currency } = mapping.remoteAccount(role, account);
  const moved = currency === journal.currency ? amount : amountTc;
  const { success, data } = entry.safeParse(element);
  return (
    success &&
    data.Type === (moved < 0n ? 'SPEND' : 'RECEIVE') &&
    plainDecimal(data.Total) === plainDecimal(formatMinor(abs(moved), currency)) &&
    (data.BankAccount?.AccountID ?? remoteId) === remoteId
  );
}
