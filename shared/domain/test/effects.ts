import type { BookDocument } from '../src/documents.ts';
import type { ResolvedLine } from '../src/journal-entry.ts';
import type { Booked } from './posted-books.ts';

/** What is done to accounts: "role currency" or, by journals, "role journal" → signed amount, debit positive. */
export type Effects = Map<string, bigint>;

/**
 * What documents without a customer do to accounts in the books: a transfer moves its amount, a bank entry its total on
 * one account against its lines and their input tax, a journal what it says in the company's currency.
 */
export function effectsOfDocuments(documents: readonly BookDocument[]): Effects {
  const effects: Effects = new Map();
  for (const each of documents) {
    if (each.kind === 'transfer') {
      put(effects, each.from.role, each.currency, -each.amount);
      put(effects, each.to.role, each.currency, each.amount);
    } else if (each.kind === 'bank_entry') {
      const sign = each.direction === 'spend' ? 1n : -1n;
      put(effects, each.role, each.currency, -sign * each.total);
      for (const line of each.lines) {
        put(effects, line.role, each.currency, sign * line.net);
        put(effects, 'input tax', each.currency, sign * line.tax);
      }
    } else if (each.kind === 'journal') {
      for (const line of each.lines) put(effects, line.role, 'journal', line.amount);
    }
  }
  return withoutZeros(effects);
}

/**
 * What the ledger does to accounts, told the same way. Left out is what books find by themselves: tax under reverse
 * charge, which is owed and recovered at once, and exchange differences of what is not a journal.
 */
export function effectsOfEntries(booked: readonly Booked[]): Effects {
  const effects: Effects = new Map();
  for (const { event, entries } of booked) {
    const isLoss = event.type === 'dispute' && event.status === 'lost';
    for (const line of entries.flatMap((entry) => entry.lines)) {
      const isCharge = /^(clearing|fees)\./.test(line.role) || line.taxKind === 'tax_in' || isSelfAssessed(line);
      if (event.type === 'settlement' || (isLoss && !isCharge)) put(effects, line.role, 'journal', line.amount);
      else if (!isSelfAssessed(line)) {
        put(effects, line.taxKind === 'tax_in' ? 'input tax' : line.role, line.currency, line.amountTc);
      }
    }
  }
  return withoutZeros(effects);
}

function isSelfAssessed({ taxKind, taxCode }: ResolvedLine): boolean {
  return taxCode === 'RC20' && taxKind !== 'net_in';
}

function put(effects: Effects, role: string, currency: string, amount: bigint): void {
  const key = `${role} ${currency}`;
  effects.set(key, (effects.get(key) ?? 0n) + amount);
}

function withoutZeros(effects: Effects): Effects {
  return new Map([...effects].filter(([, amount]) => amount !== 0n).sort(([a], [b]) => (a < b ? -1 : 1)));
}
