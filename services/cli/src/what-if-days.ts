import { sum } from '@daybook/domain';
import { type Difference, difference, type Effect, type Effects, sizeOf } from './what-if-effects.ts';

/** Where an entry or document of an order went, when its channel was booked per day. */
export interface Part {
  /** Connection and its label. */
  connectionId: string;
  channel: string;
  /** Business date of the posting, YYYY-MM-DD. */
  day: string;
  /** The summary's entry or document it is in: source key, or kind and number. */
  whole: string;
}

/** By source key of the order's entry, or kind and number of its document. */
export type Parts = ReadonlyMap<string, Part>;

/** What would have moved in the summaries of one channel and day: together, and receipt by receipt. */
export interface SummarisedDay extends Difference {
  channel: string;
  day: string;
  /** How many receipts the day has; those that nothing moves in are not listed. */
  receiptCount: number;
  /** The largest first; over all of them the amounts come to those of the day. */
  receipts: (Difference & { receipt: string })[];
}

/** The summarised days in which something would be another, oldest first. Pure. */
export function summarisedDays(before: Effects, after: Effects, parts: Parts): SummarisedDay[] {
  const [one, two] = [byDay(before, parts), byDay(after, parts)];
  const days = [...new Map([...one, ...two]).keys()].sort();
  return days.flatMap((key) => {
    const [was, becomes] = [one.get(key), two.get(key)];
    const { channel, day } = (was ?? becomes) as Day;
    const whole = difference(was?.effects ?? [], becomes?.effects ?? []);
    const receipts = receiptsOf(was?.effects ?? [], becomes?.effects ?? []);
    const isMoved = receipts.list.length > 0;
    return isMoved ? [{ channel, day, ...whole, receiptCount: receipts.count, receipts: receipts.list }] : [];
  });
}

interface Day {
  channel: string;
  day: string;
  effects: Effect[];
}

function byDay(effects: Effects, parts: Parts): Map<string, Day> {
  const days = new Map<string, Day>();
  for (const [key, effect] of effects) {
    const part = parts.get(key);
    if (part === undefined) continue;
    const { channel, day, connectionId } = part;
    const name = `${day} ${channel} ${connectionId}`;
    const known = days.get(name);
    if (known) known.effects.push(effect);
    else days.set(name, { channel, day, effects: [effect] });
  }
  return days;
}

function receiptsOf(before: readonly Effect[], after: readonly Effect[]) {
  const [one, two] = [Map.groupBy(before, ({ event }) => event), Map.groupBy(after, ({ event }) => event)];
  const events = [...new Set([...one.keys(), ...two.keys()])];
  const list = events
    .map((receipt) => ({ receipt, ...difference(one.get(receipt) ?? [], two.get(receipt) ?? []) }))
    .filter(({ accounts, taxes }) => accounts.length + taxes.length > 0)
    .sort((a, b) => (weight(a) === weight(b) ? (a.receipt < b.receipt ? -1 : 1) : weight(a) > weight(b) ? -1 : 1));
  return { count: events.length, list };
}

function weight({ accounts, taxes }: Difference): bigint {
  return sum([...accounts, ...taxes].map(sizeOf));
}
