import { exponentOf, formatMinor, sum } from '@daybook/domain';
import type { Refusal } from './answer.ts';
import type { LineAmountTypes } from './arithmetic.ts';
import { today } from './dates.ts';
import { roundTo } from './decimal.ts';
import { dateOf, lineAmountTypes } from './documents.ts';
import { decimalOf, taxAt, taxRate } from './lines.ts';
import { lockErrors } from './locks.ts';
import type { BookedJournal, JournalSide } from './movements.ts';
import { list, text, type WriteContext } from './request.ts';
import type { Organisation } from './world.ts';

const STATUSES = ['DRAFT', 'POSTED', 'VOIDED', 'DELETED'] as const;
const FROM: Readonly<Record<string, readonly string[]>> = {
  none: ['DRAFT', 'POSTED'],
  DRAFT: ['DRAFT', 'POSTED', 'DELETED'],
  POSTED: ['POSTED', 'VOIDED'],
};

/** Books a journal in the base currency, or changes the one that a POST names. Only POSTED touches the ledger. */
export function writeJournal(element: unknown, context: WriteContext): BookedJournal | Refusal {
  const { organisation, now, change } = context;
  const known =
    context.method === 'POST'
      ? organisation.journals.get(text(element, 'ManualJournalID')?.toLowerCase() ?? '')
      : undefined;
  const errors: string[] = [];
  const wanted = text(element, 'Status') ?? known?.status ?? 'DRAFT';
  const status = STATUSES.find((each) => each === wanted) ?? 'DRAFT';
  if (!FROM[known?.status ?? 'none']?.includes(wanted)) {
    errors.push(`Manual journal with status ${known?.status ?? 'none'} cannot be set to ${wanted}.`);
  }
  const narration = text(element, 'Narration') ?? known?.narration ?? '';
  if (narration === '') errors.push('Narration must be specified.');
  const types = lineAmountTypes(element, known?.lineAmountTypes ?? 'NoTax', errors);
  const said = list(element, 'JournalLines');
  const lines = said ? said.map((each) => readSide(each, types, organisation, errors)) : (known?.lines ?? []);
  const date = dateOf(element, 'Date', errors) ?? known?.date ?? today(now, organisation.timeZone);
  errors.push(...balanceErrors(lines, types, organisation.currency));
  if (status !== 'DRAFT' || known?.status === 'POSTED') errors.push(...lockErrors(organisation, date));
  if (errors.length > 0) return { errors };
  const id = known?.id ?? change.newId('journal');
  const value = { id, narration, date, lineAmountTypes: types, lines, status, updatedAt: now.getTime() };
  change.put({ type: 'journal', tenant: organisation.tenantId, value });
  return value;
}

function readSide(line: unknown, types: LineAmountTypes, organisation: Organisation, errors: string[]): JournalSide {
  const exponent = exponentOf(organisation.currency);
  const said = decimalOf(line, 'LineAmount', errors);
  const amount = said === null ? 0n : roundTo(said, exponent);
  const code = text(line, 'AccountCode') ?? '';
  const account = organisation.accounts.get(code);
  const takes = account && account.type !== 'BANK' && !CONTROLLED.has(account.systemAccount ?? '');
  if (!takes || account.status !== 'ACTIVE')
    errors.push(`Account code '${code}' is not a valid code for this document.`);
  const taxType = types === 'NoTax' ? 'NONE' : (text(line, 'TaxType') ?? account?.taxType ?? 'NONE');
  const rate = taxRate(taxType, account ?? null, organisation, errors);
  const tax = types === 'NoTax' ? null : decimalOf(line, 'TaxAmount', errors);
  return {
    accountCode: code,
    description: text(line, 'Description') ?? '',
    taxType,
    amount,
    taxAmount: tax === null ? taxAt(rate, amount, types) : roundTo(tax, exponent),
  };
}

/** Accounts with books of their own behind them take no journals. */
const CONTROLLED: ReadonlySet<string> = new Set(['DEBTORS', 'CREDITORS', 'RETAINEDEARNINGS']);

function balanceErrors(lines: readonly JournalSide[], types: LineAmountTypes, currency: string): string[] {
  if (lines.length < 2) return ['At least two journal lines must be specified.'];
  const gross = lines.map(({ amount, taxAmount }) => amount + (types === 'Exclusive' ? taxAmount : 0n));
  const debits = sum(gross.filter((each) => each > 0n));
  const credits = sum(gross.filter((each) => each < 0n));
  if (debits + credits === 0n) return [];
  const money = (minor: bigint) => formatMinor(minor, currency);
  return [`The total debits (${money(debits)}) must equal total credits (${money(credits)})`];
}
