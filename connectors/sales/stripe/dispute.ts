import { type CanonicalEvent, sum } from '@daybook/domain';
import type { Normalized } from '../../kit/contract.ts';
import { factOf, type Ground, looksUp, needs, onlySettles, PROCESSOR } from './ground.ts';
import { contradiction, instantOf } from './money.ts';
import { amountsOf } from './movement.ts';
import type { Thing } from './payload.ts';
import { saleOfCharge } from './refund.ts';

/** One step of a dispute. Amount and fee as the domain counts them: fee negative when given back. */
interface Stage {
  status: 'opened' | 'won' | 'lost';
  amount: bigint;
  fee: bigint;
  currency: string;
  /** Epoch seconds. */
  at: string;
  revision: string;
}

/**
 * The steps of a dispute that moved money, by its movements on the balance: withdrawn when it opened, given back when
 * it was won. Lost is told by its status, with what was withdrawn and not given back. Inquiries move nothing.
 */
export function disputeFacts(dispute: Thing<'dispute'>, ground: Ground): Normalized {
  const subject = `dispute ${dispute.id}`;
  const movements = dispute.balance_transactions ?? [];
  if (movements.length === 0) {
    const isInquiry = dispute.status.startsWith('warning_');
    const why = isInquiry ? 'is an inquiry: no money was withdrawn' : 'has moved no money yet';
    return { ignored: `${subject} (${dispute.status}) ${why}` };
  }
  if (looksUp(ground, 'payment') && !onlySettles(ground))
    return needs('payment', `${subject} does not say what its charge paid`);
  const events = stagesOf(dispute, movements, ground).map((stage) => eventOf(dispute, stage, ground));
  return { events };
}

function stagesOf(dispute: Thing<'dispute'>, movements: Thing<'balance_transaction'>[], ground: Ground): Stage[] {
  const moved = movements.map((movement) => ({ ...amountsOf(movement), at: movement.created }));
  const [first] = moved;
  for (const each of moved) {
    if (first && each.currency !== first.currency)
      throw contradiction(
        `dispute ${dispute.id}`,
        'balance_transactions',
        { what: `movements in ${each.currency}`, amount: each.gross },
        first.gross,
        first.currency,
      );
  }
  const opened = stageOf(
    'opened',
    moved.filter(({ gross }) => gross <= 0n),
  );
  const won = stageOf(
    'won',
    moved.filter(({ gross }) => gross > 0n),
  );
  const lost = dispute.status === 'lost' && opened ? [lostOf(opened, won, dispute, ground)] : [];
  return [...(opened ? [opened] : []), ...(won ? [won] : []), ...lost];
}

type Moved = ReturnType<typeof amountsOf> & { at: string };

function stageOf(status: 'opened' | 'won', moved: Moved[]): Stage | null {
  const newest = moved.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  if (!newest) return null;
  const gross = sum(moved.map((each) => each.gross));
  const amount = status === 'opened' ? -gross : gross;
  const { currency, at } = newest;
  const revision = `${status === 'opened' ? '1' : '2'}-${status}-${instantOf(at)}`;
  return { status, amount, fee: sum(moved.map(({ fee }) => fee)), currency, at, revision };
}

/** A dispute does not say when it was closed: only the event of its closing does, which is the later revision. */
function lostOf(opened: Stage, won: Stage | null, dispute: Thing<'dispute'>, { told }: Ground): Stage {
  const closed = told.topic === 'charge.dispute.closed' && told.id === dispute.id ? told.at : null;
  const at = closed ?? opened.at;
  const amount = opened.amount - (won?.amount ?? 0n);
  return { ...opened, status: 'lost', amount, fee: 0n, at, revision: `3-lost-${closed ? instantOf(closed) : '0'}` };
}

function eventOf(dispute: Thing<'dispute'>, stage: Stage, ground: Ground): CanonicalEvent {
  const { status, amount, fee, currency, at, revision } = stage;
  return factOf(ground, { type: 'dispute', id: dispute.id, revision, at, currency }, dispute.livemode, {
    status,
    amount,
    fee,
    processor: PROCESSOR,
    sale: dispute.charge ? { id: saleOfCharge(dispute.charge, ground).id } : undefined,
  });
}
