import { type CanonicalEvent, makeEvent, type Payout, sum } from '@daybook/domain';
import { contradiction, readCurrency, readMinor } from './money.ts';
import { type Around, amountsOf, categoryOf, movementFacts, PROCESSOR, refundOf } from './movement.ts';
import type { BalanceMovement, PayoutPayload } from './payload.ts';

type PayoutLine = Payout['lines'][number];
export type PayoutOutcome = { events: CanonicalEvent[] } | { ignored: string };

/** Retried payouts are sales of a payout that came back and took itself out of the books: nothing is posted for them. */
const SUMMARY_KINDS: readonly [field: string, kind: PayoutLine['kind']][] = [
  ['charges', 'sale'],
  ['refunds', 'refund'],
  ['adjustments', 'adjustment'],
  ['reserved_funds', 'reserve'],
  ['advances', 'transfer'],
  ['retried_payouts', 'sale'],
];

const FAILED = ['failed', 'canceled', 'cancelled'];

/**
 * One payout: an event once it is paid; a failed or cancelled one takes it back with amount 0. Shopify gives payouts
 * no version, so the state is the revision. With its movements it is itemised, and the facts that only they tell come
 * along; without them its lines are the parts of its summary. Throws when the lines do not come to the amount.
 */
export function normalizePayout(
  payout: PayoutPayload,
  movements: readonly BalanceMovement[] | undefined,
  around: Around,
): PayoutOutcome {
  const subject = `payout ${payout.id}`;
  const failed = FAILED.includes(payout.status);
  if (payout.status !== 'paid' && !failed) {
    return { ignored: `${subject} is ${payout.status}: not paid yet, it is booked once it is paid` };
  }
  const currency = readCurrency(payout.currency, `${subject}, currency`);
  const own = ownMovements(payout, movements ?? []);
  const along = own.flatMap((movement) => movementFacts(movement, around));
  if (failed) return { events: [payoutEvent(payout, currency, 0n, [], own), ...along] };
  const amount = signedAmount(payout, currency);
  const isItemised = own.length > 0;
  const lines = isItemised
    ? own.map((each) => lineOf(each, currency, subject, around))
    : summaryLines(payout, currency);
  const net = sum(lines.map((line) => line.net));
  if (lines.length > 0 && net !== amount) {
    const what = isItemised ? 'its balance transactions' : 'the parts of its summary';
    throw contradiction(subject, 'amount', { what, amount: net }, amount, currency);
  }
  return { events: [payoutEvent(payout, currency, amount, lines, own), ...along] };
}

/** The movements a payout consists of; a list may hold those of others, and the payout's own transfer to the bank. */
export function ownMovements(payout: PayoutPayload, movements: readonly BalanceMovement[]): BalanceMovement[] {
  return movements.filter((each) => (each.payout_id ?? payout.id) === payout.id && categoryOf(each) !== 'payout');
}

/** Negative when the bank is debited, whether the amount says so or only the direction does. */
export function signedAmount(payout: PayoutPayload, currency: string): bigint {
  const amount = readMinor(payout.amount, currency, `payout ${payout.id}, amount`);
  return payout.transaction_type === 'withdrawal' && amount > 0n ? -amount : amount;
}

function payoutEvent(
  payout: PayoutPayload,
  currency: string,
  amount: bigint,
  lines: PayoutLine[],
  movements: readonly BalanceMovement[],
): CanonicalEvent {
  const paid = movements.length > 0 ? '1-paid+lines' : '1-paid';
  return makeEvent({
    version: 1,
    type: 'payout',
    channel: 'shopify',
    id: payout.id,
    revision: FAILED.includes(payout.status) ? `2-${payout.status}` : paid,
    occurredAt: `${payout.date}T00:00:00Z`,
    currency,
    // A payout bears no mark of its own: it is a test when all that it pays out is.
    test: movements.length > 0 && movements.every(({ test }) => test === true),
    processor: PROCESSOR,
    amount,
    arrivalDate: payout.date,
    lines,
  });
}

function lineOf(movement: BalanceMovement, currency: string, subject: string, around: Around): PayoutLine {
  const { currency: own, gross, fee, net } = amountsOf(movement);
  if (own !== currency) {
    const found = { what: `balance transaction ${movement.id} in ${own}`, amount: net };
    throw contradiction(subject, 'currency', found, net, currency);
  }
  const category = categoryOf(movement);
  const kind = category === 'returned' || category === 'payout' ? 'sale' : category;
  if (kind === 'fee') return { kind, gross: net, fee: 0n, net, source: movement.id };
  const sources: Partial<Record<typeof category, string | null | undefined>> = {
    sale: movement.source_order_id,
    refund: refundOf(movement, around),
    dispute: movement.source_id,
  };
  const source = sources[category];
  return { kind, gross, fee, net, ...(source ? { source } : {}) };
}

function summaryLines(payout: PayoutPayload, currency: string): PayoutLine[] {
  const read = (field: string) =>
    readMinor(payout.summary?.[field] ?? '0', currency, `payout ${payout.id}, summary.${field}`);
  return SUMMARY_KINDS.map(([field, kind]) => {
    const gross = read(`${field}_gross_amount`);
    const fee = read(`${field}_fee_amount`);
    return { kind, gross, fee, net: gross - fee };
  }).filter((line) => line.gross !== 0n || line.fee !== 0n);
}
