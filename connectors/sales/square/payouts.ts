import { type CanonicalEvent, makeEvent, type Payout, sum } from '@daybook/domain';
import { activityOf } from './activities.ts';
import { contradiction, currencyOf, instantOf, isStated, minor, revisionOf, type Scope, unreadable } from './money.ts';
import type { Surroundings } from './order.ts';
import type { PayoutEntryPayload, PayoutPayload } from './payload.ts';
import { common, type Outcome, placed } from './sale.ts';
import { PROCESSOR } from './tenders.ts';

type PayoutLine = Payout['lines'][number];

/**
 * A payout once it is paid, with the fees that only its entries tell; a failed one takes it back with amount 0. `entries`
 * are its own; a payout of the type SIMPLE has none. Throws `rejected` when they do not come to the amount.
 */
export function normalizePayout(
  payout: PayoutPayload,
  entries: readonly PayoutEntryPayload[] | undefined,
  around: Surroundings,
): Outcome {
  const subject = `payout ${payout.id}`;
  const scope = { subject, currency: currencyOf(subject, [payout.amount_money], around.currency) };
  if (payout.status === 'SENT') return { ignored: `${subject} is not paid yet: it is on its way to the bank` };
  if (payout.status === 'FAILED') return { events: [payoutEvent(payout, 0n, [], scope, around)] };
  if (payout.status !== 'PAID')
    throw unreadable(subject, 'status', `"${payout.status}" is not one that Square documents`);
  if (!isStated(payout.amount_money)) throw unreadable(subject, 'amount_money', 'is missing');
  const amount = minor(payout.amount_money, scope, 'amount_money');
  if (payout.type === 'SIMPLE') return { events: [payoutEvent(payout, amount, [], scope, around)] };
  if (entries === undefined) {
    return { ignored: `needs payout_entries: ${subject} does not say what it consists of`, needs: 'payout_entries' };
  }
  const own = entries.filter((entry) => !entry.payout_id || entry.payout_id === payout.id);
  const parts = own.map((entry) => entryPart(entry, payout, scope, around));
  const all = [...parts, ...transferFees(payout, amount, parts, scope, around)];
  const lines = all.map(({ line }) => line);
  const net = sum(lines.map((line) => line.net));
  if (lines.length > 0 && net !== amount) {
    throw contradiction(scope, 'amount_money', { what: 'its entries', amount: net }, amount);
  }
  return { events: [payoutEvent(payout, amount, lines, scope, around), ...all.flatMap(({ fees }) => fees)] };
}

/** A line of the payout and the fees that nothing else tells. */
interface Part {
  line: PayoutLine;
  fees: CanonicalEvent[];
}

function entryPart(entry: PayoutEntryPayload, payout: PayoutPayload, scope: Scope, around: Surroundings): Part {
  const entryScope = { ...scope, subject: `${scope.subject}, entry ${entry.id}` };
  const gross = minor(entry.gross_amount_money, entryScope, 'gross_amount_money');
  const fee = minor(entry.fee_amount_money, entryScope, 'fee_amount_money');
  const net = minor(entry.net_amount_money, entryScope, 'net_amount_money');
  if (gross - fee !== net) {
    throw contradiction(entryScope, 'net_amount_money', { what: 'gross less fee', amount: gross - fee }, net);
  }
  const { kind, told } = activityOf(entry.type, entry.about.payment_id);
  const sale = saleOf(entry, around);
  const feeOf = (id: string, amount: bigint) =>
    feeEvent({ id, amount, at: entry.effective_at, what: entry.type, sale }, payout, scope, around);
  if (told === 'here') {
    return { line: { kind, gross: net, fee: 0n, net, source: entry.id }, fees: [feeOf(entry.id, -net)] };
  }
  const sources: Partial<Record<PayoutLine['kind'], string | null | undefined>> = {
    sale,
    refund: entry.about.refund_id,
    dispute: entry.about.dispute_id,
  };
  const source = sources[kind];
  const named = source ? { source } : {};
  if (kind === 'sale' || kind === 'refund') return { line: { kind, gross, fee, net, ...named }, fees: [] };
  if (kind !== 'dispute') return { line: { kind, gross: net, fee: 0n, net }, fees: [] };
  // A dispute tells what it withdraws, not what that costs.
  return { line: { kind, gross, fee, net, ...named }, fees: fee === 0n ? [] : [feeOf(`${entry.id}:fee`, fee)] };
}

/** The sale's id in our sense, where the payment of an entry was read. */
function saleOf(entry: PayoutEntryPayload, { payments }: Surroundings): string | undefined {
  const payment = payments.find(({ id }) => id === entry.about.payment_id);
  return payment && (payment.order_id ?? payment.id);
}

/** What a transfer cost, where the payout takes it off the amount and no entry of its own tells it. */
function transferFees(
  payout: PayoutPayload,
  amount: bigint,
  parts: readonly Part[],
  scope: Scope,
  around: Surroundings,
): Part[] {
  const cost = payout.payout_fee.map((fee) => minor(fee.amount_money, scope, 'payout_fee'));
  const net = sum(parts.map(({ line }) => line.net));
  if (parts.length === 0 || net - sum(cost) !== amount) return [];
  return payout.payout_fee.map((fee, index) => {
    const id = [payout.id, fee.type, fee.effective_at].join(':');
    const paid = cost[index] ?? 0n;
    const event = { id, amount: paid, at: fee.effective_at, what: fee.type ?? 'TRANSFER_FEE', sale: undefined };
    const kind = fee.type === 'TAX_ON_TRANSFER_FEE' ? 'tax' : 'fee';
    return {
      line: { kind, gross: -paid, fee: 0n, net: -paid, source: id },
      fees: [feeEvent(event, payout, scope, around)],
    };
  });
}

interface FeeFact {
  id: string;
  amount: bigint;
  at: string | null | undefined;
  /** Square's word for it. */
  what: string;
  sale: string | undefined;
}

function feeEvent(
  { id, amount, at, what, sale }: FeeFact,
  payout: PayoutPayload,
  scope: Scope,
  around: Surroundings,
): CanonicalEvent {
  return makeEvent({
    ...common(scope, around),
    type: 'fee',
    id,
    revision: revisionOf(scope.subject, payout.version, payout.updated_at, payout.created_at),
    occurredAt: instantOf(scope.subject, 'effective_at', at, payout.created_at),
    ...placed(payout),
    memo: `Square ${what.toLowerCase().replaceAll('_', ' ')}`,
    processor: PROCESSOR,
    amount,
    payout: { id: payout.id },
    ...(sale ? { sale: { id: sale } } : {}),
  });
}

function payoutEvent(
  payout: PayoutPayload,
  amount: bigint,
  lines: PayoutLine[],
  scope: Scope,
  around: Surroundings,
): CanonicalEvent {
  const arrivalDate = payout.arrival_date ?? payout.created_at?.slice(0, 10);
  const revision = revisionOf(scope.subject, payout.version, payout.updated_at, payout.created_at);
  return makeEvent({
    ...common(scope, around),
    type: 'payout',
    id: payout.id,
    // The same state told with its entries says more.
    revision: lines.length > 0 ? `${revision}+entries` : revision,
    occurredAt: instantOf(scope.subject, 'created_at', payout.created_at, payout.updated_at),
    ...placed(payout),
    processor: PROCESSOR,
    amount,
    arrivalDate,
    lines,
  });
}
