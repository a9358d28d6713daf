import { type ItemAllocation, type LiveAllocation, later, type Move, type OpenItem } from '@daybook/domain';
import type { Tx } from '@daybook/platform/db';
import { asDomainError } from '../refusal.ts';
import { type Append, type ExchangeEvents, exchangeEntries, postExchange } from './exchange.ts';

export type { Append } from './exchange.ts';

/** Who allocates in whose books, and how differences are posted. */
export interface Allocating {
  companyId: string;
  recordedAt: Date;
  /** Null where it follows from a posting. */
  madeBy: string | null;
  append: Append;
}

interface Row extends Omit<ItemAllocation, 'date'> {
  date: string;
  fx: bigint | null;
  undoes: bigint | null;
}

/**
 * Writes what was decided: allocations and their undos, and the entries of exchange differences that they realise or
 * take back (accounting.md C18). `items` are the items the moves are about. Answers the allocations' ids in order.
 * Throws DomainError ALLOCATION_EXCEEDS_OPEN and what posting an exchange difference throws.
 */
export async function applyMoves(
  tx: Tx,
  by: Allocating,
  moves: readonly Move[],
  items: readonly OpenItem[],
): Promise<bigint[]> {
  if (moves.length === 0) return [];
  const exchange = await postExchange(tx, by, await exchangeEntries(tx, by, moves, items));
  const rows = [...moves.map((move) => rowOf(move, exchange)), ...exchange.pairs.map(plainRow)];
  return insertAllocations(tx, by, rows).catch((error: unknown) => {
    throw asDomainError(error);
  });
}

function rowOf(move: Move, exchange: ExchangeEvents): Row {
  if ('undo' in move) return undoRow(move.undo, move.date);
  const { allocate } = move;
  const event = exchange.of.get(allocate);
  if (event === undefined) return plainRow(allocate);
  return { ...plainRow(allocate), fx: event.id, date: later(event.date, allocate.date) };
}

function plainRow(allocation: ItemAllocation): Row {
  return { ...allocation, fx: null, undoes: null };
}

function undoRow(undo: LiveAllocation, date: string): Row {
  return {
    ...undo,
    date,
    amountTc: -undo.amountTc,
    debitAmount: -undo.debitAmount,
    creditAmount: -undo.creditAmount,
    undoes: undo.id,
  };
}

async function insertAllocations(tx: Tx, by: Allocating, rows: readonly Row[]): Promise<bigint[]> {
  const column = (pick: (row: Row) => bigint | string | null) =>
    rows.map((row) => {
      const value = pick(row);
      return value === null ? null : String(value);
    });
  const made = await tx<{ id: bigint }[]>`
    insert into invoice_allocations (company_id, made_by, made_at, debit, credit, fx, date, amount_tc, debit_amount,
      credit_amount, undoes)
    select ${by.companyId}, ${by.madeBy}, ${by.recordedAt}, g.debit, g.credit, g.fx, g.date, g.amount_tc, g.debit_amount,
      g.credit_amount, g.undoes
    from unnest(${column((row) => row.debit)}::bigint[], ${column((row) => row.credit)}::bigint[],
      ${column((row) => row.fx)}::bigint[], ${column((row) => row.date)}::date[], ${column((row) => row.amountTc)}::bigint[],
      ${column((row) => row.debitAmount)}::bigint[], ${column((row) => row.creditAmount)}::bigint[],
      ${column((row) => row.undoes)}::bigint[]) with ordinality
      as g(debit, credit, fx, date, amount_tc, debit_amount, credit_amount, undoes, place)
    order by g.place returning id`;
  return made.map(({ id }) => id);
}
