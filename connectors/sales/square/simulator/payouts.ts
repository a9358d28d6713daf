import { assessFee, awaitsFee, move, netOf } from './balance.ts';
import type { Location } from './cafe.ts';
import { capitalId, uuid } from './ids.ts';
import type { Stage } from './stage.ts';
import { tellPayout } from './tell.ts';
import { type ProcessingFee, usd } from './wire.ts';
import type { ActivityType, Movement, Payout } from './wire-money.ts';

/** A movement that arises with the payout that carries it: reserves, adjustments and fees that no payment shows. */
export interface Extra {
  type: ActivityType;
  /** Cents; negative takes money off the seller. */
  gross: bigint;
  details?: Record<string, string>;
}

/** What a payout is sent with. `instant` costs a fee and goes to a debit card. */
export interface Sending {
  extras?: (waiting: readonly Movement[]) => Extra[];
  instant?: boolean;
}

const INSTANT_FEE = 95n;

/** What a location has on its balance that no payout has carried yet; fees still to come are worked out first. */
export function waiting(on: Stage, location: Location): Movement[] {
  for (const payment of on.list('payments').filter(awaitsFee)) {
    if (payment.location_id === location.id) assessFee(on, payment);
  }
  return on.list('movements').filter((each) => each.location_id === location.id && each.payout_id === undefined);
}

/** Everything that waits goes to the bank (or, when it is negative, is drawn from it); null when that is nothing. */
export function send(on: Stage, location: Location, { extras, instant = false }: Sending = {}): Payout | null {
  const id = `po_${uuid(on.chance)}`;
  const before = waiting(on, location);
  if (before.length === 0 || (instant && netOf(before) <= INSTANT_FEE)) return null;
  const at = on.tick(before.at(-1)!.effective_at);
  const fees: Extra[] = instant ? [{ type: 'DEPOSIT_FEE', gross: -INSTANT_FEE, details: { payout_id: id } }] : [];
  const added = [...(extras?.(before) ?? []), ...fees].map((extra) =>
    move(on, { ...extra, locationId: location.id, at }),
  );
  const carried = [...before, ...added];
  if (netOf(carried) === 0n) return null;
  for (const each of carried) on.keep('movements', { ...each, payout_id: id });
  const transfer: ProcessingFee = { effective_at: at, type: 'INITIAL', amount_money: usd(INSTANT_FEE) };
  const payout: Payout = {
    id,
    status: 'SENT',
    location_id: location.id,
    created_at: `${at.slice(0, 19)}Z`,
    updated_at: at,
    amount_money: usd(netOf(carried)),
    destination: instant
      ? { type: 'CARD', id: `ccof:${capitalId(on.chance, 19)}` }
      : { type: 'BANK_ACCOUNT', id: location.bankAccount },
    version: 1,
    type: 'BATCH',
    ...(instant ? { payout_fee: [{ ...transfer, type: 'TRANSFER_FEE' as const }] } : {}),
    arrival_date: arrivalDate(on, at, instant),
    end_to_end_id: `L${on.chance.digits(10)}`,
  };
  tellPayout(on, on.keep('payouts', payout));
  return payout;
}

/** The bank has it. */
export function pay(on: Stage, payout: Payout): Payout {
  return settled(on, payout, 'PAID');
}

/** The bank sends it back: the money is on the balance again and goes into a later payout. */
export function fail(on: Stage, payout: Payout): Payout {
  const failed = settled(on, payout, 'FAILED');
  const { location_id: locationId, amount_money, updated_at: at } = failed;
  move(on, { type: 'RETURNED_PAYOUT', locationId, gross: amount_money.amount, at });
  return failed;
}

function settled(on: Stage, payout: Payout, status: 'PAID' | 'FAILED'): Payout {
  const updated_at = on.tick(payout.updated_at);
  const next = on.keep('payouts', { ...payout, status, updated_at, version: payout.version + 1 });
  tellPayout(on, next);
  return next;
}

/** The day in the seller's zone on which the money arrives: the next one, or the same for an instant transfer. */
function arrivalDate(on: Stage, at: string, instant: boolean): string {
  const day = new Date(Date.parse(at) + (instant ? 0 : 24 * 3_600_000));
  return new Intl.DateTimeFormat('en-CA', { timeZone: on.cafe.timeZone }).format(day);
}
