import { sum } from '@daybook/domain';
import type { Normalized } from '../../kit/contract.ts';
import { factOf, type Ground, looksUp, needs, PROCESSOR } from './ground.ts';
import { contradiction, instantOf, readCurrency, readMinor } from './money.ts';
import { amountsOf, categoryOf, factsAlong } from './movement.ts';
import type { Thing } from './payload.ts';
import { stageRevision } from './revisions.ts';

/** What the list of a payout's movements is called when it is read for it. */
export const MOVEMENTS = 'balance_transactions';

/**
 * One payout: an event once it is paid, with its lines where the movements behind it were read; a failed or cancelled
 * one takes it back with amount 0. With the lines come the fees they bear. Throws PAYLOAD_CONTRADICTS_ITSELF when the
 * lines do not come to the amount.
 */
export function payoutFacts(payout: Thing<'payout'>, ground: Ground): Normalized {
  const subject = `payout ${payout.id}`;
  const undone = payout.status === 'failed' || payout.status === 'canceled';
  if (payout.status !== 'paid' && !undone) return notPaidYet(payout, ground);
  if (undone) return { events: [payoutEvent(payout, ground, null, true)] };
  const movements = itemsOf(payout, ground);
  if (movements === null && isItemised(payout) && mustItemise(ground))
    return needs(MOVEMENTS, `${subject} can be itemised, and only the balance tells what is in it`);
  if (movements === null) return { events: [payoutEvent(payout, ground, null, false)] };
  const event = payoutEvent(payout, ground, movements, false);
  return { events: [event, ...movements.flatMap((movement) => factsAlong(movement, ground))] };
}

/** Before the bank has it a payout is no fact, but what it is reconciled with may bear fees that nothing else tells of. */
function notPaidYet(payout: Thing<'payout'>, ground: Ground): Normalized {
  const subject = `payout ${payout.id}`;
  const movements = itemsOf(payout, ground) ?? [];
  const isReconciled = ground.told.topic === 'payout.reconciliation_completed';
  if (movements.length === 0 && isReconciled && isItemised(payout) && ground.listed === null)
    return needs(MOVEMENTS, `${subject} is ${payout.status}, but only the balance tells what is in it`);
  const events = movements.flatMap((movement) => factsAlong(movement, ground));
  if (events.length > 0) return { events };
  return { ignored: `${subject} is ${payout.status}: not paid yet, it is booked once it is` };
}

/** Manual and instant payouts cannot be taken apart; automatic ones once Stripe has finished reconciling them. */
function isItemised(payout: Thing<'payout'>): boolean {
  return payout.automatic === true && (payout.reconciliation_status ?? 'completed') === 'completed';
}

/** The event of a finished reconciliation has no other news than the items. */
function mustItemise(ground: Ground): boolean {
  return looksUp(ground, MOVEMENTS) || ground.told.topic === 'payout.reconciliation_completed';
}

/** Movements behind a payout without its own, oldest first however they were listed; null when they were not read. */
function itemsOf(payout: Thing<'payout'>, { bag, listed }: Ground): Thing<'balance_transaction'>[] | null {
  const own = (each: Thing<'balance_transaction'>) =>
    each.id === payout.balance_transaction || each.source === payout.id;
  const order = ({ created, id }: Thing<'balance_transaction'>) => `${created.padStart(11, '0')} ${id}`;
  const movements = listed?.flatMap((id) => bag.get('balance_transaction', id) ?? []).filter((each) => !own(each));
  return movements?.sort((a, b) => (order(a) < order(b) ? -1 : 1)) ?? null;
}

function payoutEvent(
  payout: Thing<'payout'>,
  ground: Ground,
  movements: Thing<'balance_transaction'>[] | null,
  undone: boolean,
) {
  const subject = `payout ${payout.id}`;
  const currency = readCurrency(payout.currency, `${subject}, currency`);
  const amount = undone ? 0n : readMinor(payout.amount, currency, `${subject}, amount`);
  const lines = (movements ?? []).map((movement) => lineOf(movement, currency, subject));
  const net = sum(lines.map((line) => line.net));
  if (movements !== null && net !== amount)
    throw contradiction(subject, 'amount', { what: 'the movements in it', amount: net }, amount, currency);
  const revision = undone ? stageRevision('undone') : stageRevision('done', lines.length > 0);
  const fact = { type: 'payout', id: payout.id, revision, at: payout.arrival_date, currency } as const;
  const manual = payout.automatic === false && !undone;
  return factOf(ground, fact, payout.livemode, {
    processor: PROCESSOR,
    amount,
    arrivalDate: instantOf(payout.arrival_date).slice(0, 10),
    lines,
    memo: manual ? 'A payout made by hand: Stripe does not say what is in it.' : undefined,
  });
}

function lineOf(movement: Thing<'balance_transaction'>, currency: string, subject: string) {
  const { gross, fee, net, currency: own } = amountsOf(movement);
  if (own !== currency) {
    const found = { what: `balance transaction ${movement.id} in ${own}`, amount: net };
    throw contradiction(subject, 'currency', found, net, currency);
  }
  const category = categoryOf(movement);
  const isOwnFact = category === 'sale' || category === 'refund' || category === 'dispute' || category === 'payout';
  const source = isOwnFact ? (movement.source ?? movement.id) : movement.id;
  // An earlier payout that came back is paid out again: its sales are in the ledger and nothing has to be posted for
  // them, so the line is of their kind.
  return { kind: category === 'payout' ? 'sale' : category, gross, fee, net, source };
}
