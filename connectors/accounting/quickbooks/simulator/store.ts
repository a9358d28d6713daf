import { durableLog } from '../../../kit/simulator.ts';
import { apply, type Fact } from './facts.ts';
import type { World } from './world.ts';

/** Facts that belong together: all become true, or none. */
export interface Change {
  /** Makes a fact true at once, so that what follows in the same request sees it. */
  put(fact: Fact): void;
  /** The next number of a sequence, from 1, the same in every run with this seed. */
  next(sequence: string): number;
  /** How far the change has come, for `rollback`. */
  mark(): number;
  /** Takes back everything since the mark, or all of it; nothing of that was written. */
  rollback(to?: number): void;
  /** Writes the facts to the log. Only after this may anyone be told. */
  commit(): void;
}

export interface Store {
  world: World;
  begin(): Change;
  /** Called with the facts of every change after it was committed. */
  onCommit(listener: (facts: readonly Fact[]) => void): void;
}

/** One line of the log. */
interface Entry {
  issued: Record<string, number>;
  facts: readonly Fact[];
}

/** Opens the world as it was when the process last ended; `file` undefined keeps it in memory only. */
export function openStore(world: World, file: string | undefined): Store {
  const log = durableLog<Entry>(file);
  for (const entry of log.past) {
    Object.assign(world.issued, entry.issued);
    for (const fact of entry.facts) apply(world, fact);
  }
  // The text of past lines is not needed again.
  log.past.length = 0;
  const listeners: ((facts: readonly Fact[]) => void)[] = [];
  const committed = (facts: readonly Fact[]) => {
    for (const listener of listeners) listener(facts);
  };
  return {
    world,
    begin: () => beginChange(world, log.append, committed),
    onCommit: (listener) => void listeners.push(listener),
  };
}

function beginChange(
  world: World,
  append: (entry: Entry) => void,
  committed: (facts: readonly Fact[]) => void,
): Change {
  const facts: Fact[] = [];
  const undo: (() => void)[] = [];
  const issued: Record<string, number> = {};
  const rollback = (to = 0) => {
    for (const step of undo.splice(to).reverse()) step();
    facts.length = to;
  };
  return {
    put: (fact) => {
      facts.push(fact);
      undo.push(apply(world, fact));
    },
    next: (sequence) => {
      const number = (world.issued[sequence] ?? 0) + 1;
      world.issued[sequence] = number;
      issued[sequence] = number;
      return number;
    },
    mark: () => facts.length,
    rollback,
    commit: () => {
      if (facts.length === 0) return;
      try {
        append({ issued, facts: facts });
      } catch (cause) {
        rollback();
        throw cause;
      }
      committed(facts);
    },
  };
}
