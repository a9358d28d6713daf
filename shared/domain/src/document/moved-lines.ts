import type { DocumentLine } from '../documents.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { abs, allocate, sum } from '../money.ts';
import { isReverseCharge } from '../posting/tax-codes.ts';

/** Whether the line is on the account that a processor's or a till's money leaves and reaches. */
export function isMoney({ role }: ResolvedLine): boolean {
  return role.startsWith('clearing.') || role.startsWith('cash.drawer');
}

/** Whether the line is money that only changes its account. */
export function isTransferred({ role }: ResolvedLine): boolean {
  return role.startsWith('bank.') || role.startsWith('processor.reserve');
}

/** Whether the line is a fee or its tax. */
export function isFee(line: ResolvedLine): boolean {
  return line.role.startsWith('fees.') || isInput(line);
}

const isInput = ({ taxKind }: ResolvedLine) => taxKind === 'tax_in';

/** Tax owed and recovered at once: the books work it out themselves from the code of the fee. */
export function isSelfAssessed({ taxKind, taxCode }: ResolvedLine): boolean {
  return (taxKind === 'tax_in' || taxKind === 'tax_out') && taxCode !== undefined && isReverseCharge(taxCode);
}

/**
 * Lines of a bank entry, positive = spent: each amount with the input tax of its code. Where several amounts share a
 * code, its tax is split by amount.
 */
export function paidLines(lines: readonly ResolvedLine[]): DocumentLine[] {
  const taxes = taxShares(lines);
  return lines
    .filter((line) => !isInput(line))
    .map((line) => ({
      description: wordsFor(line.role),
      role: line.role,
      account: line.account,
      taxCode: line.taxCode ?? null,
      net: line.amountTc,
      tax: taxes.get(line) ?? 0n,
      quantity: '1',
    }));
}

/** Input tax of each line that bears one. */
function taxShares(lines: readonly ResolvedLine[]): Map<ResolvedLine, bigint> {
  const bearers = Map.groupBy(
    lines.filter((line) => line.taxKind === 'net_in'),
    (line) => line.taxCode,
  );
  const shares = [...bearers].flatMap(([code, own]) => {
    const tax = sum(lines.filter((line) => isInput(line) && line.taxCode === code).map((line) => line.amountTc));
    const weights = own.map(({ amountTc }) => (amountTc > 0n === tax > 0n ? abs(amountTc) : 0n));
    const parts = allocate(tax, weights);
    return own.map((line, index) => [line, parts[index] ?? 0n] as const);
  });
  return new Map(shares);
}

/**
 * Whether a difference does not tell which amount moved from where to where: money on two accounts or in two
 * currencies, one tax code on two accounts, or an amount and its tax that moved in opposite directions.
 */
export function saidSeparately(all: readonly ResolvedLine[], difference: readonly ResolvedLine[]): boolean {
  const moving = all.filter((line) => line.amountTc !== 0n && !isSelfAssessed(line));
  const distinct = (values: readonly string[]) => new Set(values).size;
  if (distinct(moving.filter(isMoney).map((line) => line.account)) > 1) return true;
  if (distinct(moving.map((line) => line.currency)) > 1) return true;
  const codes = new Set(moving.flatMap((line) => (isInput(line) ? [line.taxCode] : [])));
  const bearers = moving.filter((line) => line.taxKind === 'net_in' && codes.has(line.taxCode));
  if (distinct(bearers.map((line) => `${line.taxCode} ${line.account}`)) > codes.size) return true;
  const kept = difference.filter((line) => !isMoney(line) && !isSelfAssessed(line));
  return paidLines(kept).some(({ net, tax }) => tax !== 0n && net > 0n !== tax > 0n);
}

/** What a line is for, by the start of its role; the first match wins. */
const WORDS: readonly (readonly [role: string, words: string])[] = [
  ['fees.dispute', 'Dispute fee'],
  ['fees.', 'Processing fee'],
  ['dispute.held', 'Disputed amount'],
  ['chargeback.loss', 'Dispute lost'],
  ['suspense', 'Not explained by the processor'],
  ['cash.over', 'Cash over'],
  ['cash.short', 'Cash short'],
  ['cash.transit', 'Cash taken to the bank'],
  ['cash.revaluator', 'Cash out of the top-up machine'],
  ['storedvalue.', 'Cards topped up'],
  ['expense.', 'Cash expenses'],
  ['clearing.', 'Converted by the processor'],
  ['fx.', 'Exchange difference'],
  ['sales.returns', 'Dispute lost, as a refund'],
  ['tax.marketplace', 'Tax collected by the channel'],
  ['tax.', 'Tax'],
];

/** Words for a line that people read in the books. */
export function wordsFor(role: string): string {
  return WORDS.find(([start]) => role.startsWith(start))?.[1] ?? role;
}
