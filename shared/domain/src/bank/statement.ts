import { exponentOf } from '../currency.ts';
import { DomainError } from '../domain-error.ts';
import { formatMoney, parseMinor, sum } from '../money.ts';

/**
 * One movement as the bank tells it; `amount` in minor units of the account's currency, above zero where it came
 * in.
 */
export interface BankLine {
  /** Day the bank booked it, YYYY-MM-DD. */
  bookedOn: string;
  /** Day it counts for interest; null where the file does not say. */
  valueOn: string | null;
  amount: bigint;
  /** Who paid or was paid, and their account. */
  counterparty: string | null;
  counterpartyAccount: string | null;
  /** Reference of the account's owner: of a payment order, a cheque. */
  reference: string | null;
  /** What the payer wrote. */
  text: string;
  /** The bank's own id of the movement. */
  bankId: string | null;
  endToEndId: string | null;
}

/** A statement of one account. Balances are null where the format has none. */
export interface BankStatement {
  /** IBAN or number; null where the file does not say. */
  account: string | null;
  /** Null where the file does not say (CSV). */
  currency: string | null;
  number: string | null;
  opening: bigint | null;
  closing: bigint | null;
  /** Last day it covers; null where the file does not say. */
  closesOn: string | null;
  lines: BankLine[];
}

/** A file that cannot be read as statements: what is wrong, where, and what to do. */
export function unreadable(problem: string, subject?: string): DomainError {
  return new DomainError('BANK_FILE_INVALID', `${problem} Nothing was imported.`, subject);
}

/** Refuses a statement whose lines do not lead from its opening to its closing balance. Throws BANK_FILE_INVALID. */
export function checkBalances(statement: BankStatement): BankStatement {
  const { opening, closing, lines, account, number, currency } = statement;
  if (opening === null || closing === null || currency === null) return statement;
  const found = opening + sum(lines.map((line) => line.amount));
  if (found === closing) return statement;
  const show = (minor: bigint) => formatMoney({ minor, currency });
  const name = `Statement ${number ?? ''} of account ${account ?? '(not named)'}`.replace('  ', ' ');
  throw unreadable(
    `${name} opens with ${show(opening)}, its ${lines.length} lines lead to ${show(found)}, but it closes with ` +
      `${show(closing)}: ${show(closing - found)} is missing. Download it once more, whole.`,
  );
}

/** Minor units of an amount with `decimal` between its parts; thousands' separators and blanks are dropped. */
export function bankAmount(text: string, currency: string, decimal: '.' | ',', where: string): bigint {
  const thousands = decimal === '.' ? /[,'’\s\u00a0\u202f]/g : /[.'’\s\u00a0\u202f]/g;
  const plain = text.trim().replace(thousands, '').replace(decimal, '.').replace(/^\+/, '');
  const moved = plain.replace(/^(.+)-$/, '-$1').replace(/^\((.+)\)$/, '-$1');
  try {
    return parseMinor(moved, currency);
  } catch {
    const places = exponentOf(currency);
    throw unreadable(
      `${where}: "${text}" is not an amount in ${currency} (${places} decimals, "${decimal}" before them).`,
    );
  }
}

/** Refuses text that is no day of the calendar; answers it. */
export function bankDay(text: string, where: string): string {
  const parsed = new Date(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(parsed.getTime());
  if (isDay && parsed.toISOString().startsWith(text)) return text;
  throw unreadable(`${where}: "${text}" is not a day.`);
}

/** Text in one line without blanks around it; null when nothing is left. */
export function wording(text: string | undefined | null): string | null {
  const plain = (text ?? '').replace(/\s+/g, ' ').trim();
  return plain === '' || /^(NONREF|NOTPROVIDED)$/i.test(plain) ? null : plain;
}
