import { z } from 'zod';
import type { Books } from './chart.ts';
import { minor, text } from './event/parts.ts';
import type { CashDay } from './events.ts';
import { isReverseCharge } from './posting/tax-codes.ts';
import { taxInGross } from './tax.ts';

const note = z.string().nullable().optional();

/**
 * What a clerk enters of a day (accounting.md F2), amounts in minor units; a draft may lack anything. Of an expense the
 * amount is what left the drawer; its tax is worked out from the code where the receipt's own is not given (A7).
 */
export const cashDraft = z.strictObject({
  receiptNumber: text.optional(),
  openingBalance: minor.optional(),
  revenueShould: minor.optional(),
  revenueActual: minor.optional(),
  salesNonCash: minor.optional(),
  revaluation: minor.optional(),
  devaluation: minor.optional(),
  bankDeposit: minor.optional(),
  withdrawal: minor.optional(),
  withdrawalIntoDrawer: z.boolean().optional(),
  expenditures: z
    .array(
      z.strictObject({
        account: text.optional(),
        role: text.optional(),
        amount: minor,
        taxCode: text.optional(),
        tax: minor.optional(),
        note: z.string().optional(),
        receipt: z.string().optional(),
      }),
    )
    .optional(),
  reason: note,
  openingReason: note,
});

export type CashDraft = z.output<typeof cashDraft>;

/** Where and when a day belongs, and who tells of it. */
export interface CashDayPlace {
  book: string;
  register: string;
  date: string;
  currency: string;
  tolerance: bigint;
  clerk: string;
  /** Sorts after the revisions before. */
  revision: string;
  /** Instant at which the day was told. */
  occurredAt: string;
}

/** The channel of days that are entered in the cash book. */
const CHANNEL = 'cash-book';

/** The event of a finished draft; `makeEvent` says what it lacks. */
export function cashDayInput(draft: CashDraft, place: CashDayPlace, books: TaxCodes): Record<string, unknown> {
  const { expenditures = [], ...figures } = draft;
  const { register, date, book } = place;
  return {
    ...figures,
    ...place,
    version: 1,
    type: 'cash_day',
    channel: CHANNEL,
    id: `${register}:${date}`,
    test: false,
    memo: `Cash book ${book}: ${register} ${date}`,
    expenditures: expenditures.map((line) => spent(line, books)),
  };
}

type TaxCodes = Pick<Books, 'taxCodes'>;

function spent({ amount, tax, ...line }: NonNullable<CashDraft['expenditures']>[number], books: TaxCodes) {
  const own = tax ?? containedTax(amount, line.taxCode, books);
  return { ...line, net: amount - own, tax: own };
}

function containedTax(amount: bigint, taxCode: string | undefined, books: TaxCodes): bigint {
  const rate = taxCode === undefined ? undefined : books.taxCodes.get(taxCode)?.rate;
  if (taxCode === undefined || rate === undefined || isReverseCharge(taxCode, { books })) return 0n;
  return taxInGross(amount, rate);
}

/** A booked day as the draft of its correction. */
export function cashDraftOf(day: CashDay): CashDraft {
  const { receiptNumber, openingBalance, revenueShould, revenueActual, salesNonCash, reason, openingReason } = day;
  const { revaluation, devaluation, bankDeposit, withdrawal, withdrawalIntoDrawer } = day;
  return {
    receiptNumber,
    openingBalance,
    revenueShould,
    revenueActual,
    salesNonCash,
    revaluation,
    devaluation,
    bankDeposit,
    withdrawal,
    withdrawalIntoDrawer,
    expenditures: day.expenditures.map(({ net, tax, ...line }) => ({ ...line, amount: net + tax, tax })),
    reason,
    openingReason,
  };
}
