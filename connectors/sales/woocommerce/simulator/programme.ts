import { type Random, random } from '../../../kit/random.ts';
import type { Order } from './order.ts';
import { scripts, wayKinds } from './scripts.ts';
import type { Site } from './site.ts';
import { stage } from './stage.ts';
import type { Beat } from './state.ts';

/** What a step did, and the ids it used up. */
export interface StepResult {
  what: string;
  beats: Beat[];
  nextId: number;
}

export interface StepContext {
  seed: number;
  site: Site;
  /** Counted from 0. */
  step: number;
  /** Milliseconds. */
  now: number;
  /** Orders of the store, oldest first. */
  orders: readonly Order[];
  nextId: number;
}

/** How many of the newest orders a step looks at when it wants to change one. */
const WITHIN_REACH = 60;

/**
 * Plays the step. The first steps go through every kind once, in an order the seed decides, beginning with the plainest;
 * later ones are chosen at random for ever. A step depends on seed, step number, time and known orders only.
 */
export function playStep(context: StepContext): StepResult {
  const { seed, site, step, orders } = context;
  const chance = random(seed, site.account, 'step', step);
  const what = kindOf(context, chance);
  const on = stage({ site, chance, now: context.now, firstId: context.nextId });
  const reachable = chance.shuffle(orders.slice(-WITHIN_REACH));
  scripts[what]!(on, (fits) => reachable.find(fits));
  if (!wayKinds.has(what)) disturb(on.beats, chance);
  return { what, beats: on.beats, nextId: on.nextId() };
}

function kindOf({ seed, site, step }: StepContext, chance: Random): string {
  const [plain, ...others] = Object.keys(scripts);
  if (step === 0) return plain!;
  const opening = random(seed, site.account, 'opening').shuffle(others);
  if (step <= opening.length) return opening[step - 1]!;
  return chance.chance(4, 10) ? plain! : chance.pick(Object.keys(scripts));
}

/** Now and then one change fires its webhook more often than once, or they go out in another order. */
function disturb(beats: Beat[], chance: Random): void {
  for (const beat of beats) {
    if (chance.chance(1, 10)) beat.hooks = chance.shuffle(beat.hooks);
    if (beat.hooks.length > 0 && chance.chance(1, 10)) beat.hooks.push(chance.pick(beat.hooks));
  }
}
