import { durableLog } from '../../../kit/simulator.ts';
import { uuidFrom } from '../../../kit/simulator-ids.ts';
import { apply, type Fact } from './facts.ts';
import type { World } from './world.ts';

/** Facts that belong together: all become true, or none. */
export interface Change {
  /** Makes a fact true at once, so that the next element of the same request sees it. */
  put(fact: Fact): void;
  /** A fresh id, the same in every run with this seed. */
  newId(what: string): string;
  /** Takes everything back; nothing was written. */
  rollback(): void;
  /** Writes the facts to the log. Only after this may anyone be told. */
  commit(): void;
}

export interface Store {
  world: World;
  begin(): Change;
}

/** One line of the log. */
interface Entry {
  issued: number;
  facts: readonly Fact[];
}

/** Opens the world as it was when the process last ended; `file` undefined keeps it in memory only. */
export function openStore(world: World, file: string | undefined): Store {
  const log = durableLog<Entry>(file);
  for (const entry of log.past) {
    world.issued = entry.issued;
    for (const fact of entry.facts) apply(world, fact);
  }
  // The text of past lines is not needed again.
  log.past.length = 0;
  return { world, begin: () => beginChange(world, (entry) => log.append(entry)) };
}

function beginChange(world: World, append: (entry: Entry) => void): Change {
  const facts: Fact[] = [];
  const undo: (() => void)[] = [];
  const rollback = () => {
    for (const step of undo.splice(0).reverse()) step();
    facts.length = 0;
  };
  return {
    put: (fact) => {
      facts.push(fact);
      undo.push(apply(world, fact));
    },
    newId: (what) => {
      world.issued += 1;
      return uuidFrom(world.seed, what, world.issued);
    },
    rollback,
    commit: () => {
      if (facts.length === 0) return;
      try {
        append({ issued: world.issued, facts: facts });
      } catch (cause) {
        rollback();
        throw cause;
      }
    },
  };
}
