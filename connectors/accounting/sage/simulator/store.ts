import { durableLog } from '../../../kit/simulator.ts';
import { idFrom } from './ids.ts';
import type { Business, Consent, Contact, Row, StoredAnswer, World } from './world.ts';

/** Something that became true. */
export type Fact =
  | { type: 'row'; business: string; value: Row }
  | { type: 'contact'; business: string; value: Contact }
  | { type: 'answer'; business: string; key: string; value: StoredAnswer }
  | { type: 'lockdown'; business: string; value: string }
  | { type: 'suspended'; business: string; value: boolean }
  | { type: 'consent'; value: Consent };

export interface Store {
  world: World;
  /** Writes the facts to the log in one line, then makes them true. Only after this may anyone be told. */
  commit(...facts: Fact[]): void;
  /** The next number of a sequence, from 1, the same in every run with this seed. */
  next(sequence: string): number;
  /** An id that nothing else has. */
  newId(kind: string): string;
}

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
  const next = (sequence: string) => {
    const number = (world.issued[sequence] ?? 0) + 1;
    world.issued[sequence] = number;
    return number;
  };
  return {
    world,
    next,
    newId: (kind) => idFrom(world.seed, kind, next(kind)),
    commit: (...facts) => {
      log.append({ issued: world.issued, facts: facts });
      for (const fact of facts) apply(world, fact);
    },
  };
}

function apply(world: World, fact: Fact): void {
  if (fact.type === 'consent') return void world.consents.set(fact.value.id, fact.value);
  const business = businessOf(world, fact.business);
  switch (fact.type) {
    case 'row':
      return void business.rows.set(fact.value.id, fact.value);
    case 'contact':
      return void business.contacts.set(fact.value.id, fact.value);
    case 'answer':
      return void business.answers.set(fact.key, fact.value);
    case 'lockdown':
      business.lockdown = fact.value;
      return;
    case 'suspended':
      business.suspended = fact.value;
  }
}

/** The business of that id. Throws where the world has none. */
export function businessOf(world: World, id: string): Business {
  const business = world.businesses.get(id);
  if (!business) throw new Error(`The simulated Sage has no business ${id}.`);
  return business;
}
