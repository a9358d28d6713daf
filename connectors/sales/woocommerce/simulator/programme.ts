import { type Random, random } from '../../../kit/random.ts';
import type { Order } from './order.ts';
import { administration, type Script, scripts, wayKinds } from './scripts.ts';
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
 * Plays the step. The first steps go through every kind once, the plainest first, the others in an order the seed
 * decides; later ones are chosen at random for ever. A step depends on seed, step number, time and known orders only.
 */
export function playStep(context: StepContext): StepResult {
  const chance = random(context.seed, context.site.account, 'step', context.step);
  const what = kindOf(context, chance);
  const played = perform(context, chance, what, scripts[what]!);
  if (!wayKinds.has(what)) disturb(played.beats, chance);
  return played;
}

/** Something an administrator does to the newest order, in place of a step. */
export function playAdministration(context: StepContext, what: keyof typeof administration): StepResult {
  const newest = context.orders.at(-1);
  if (newest === undefined) throw new Error('The store has no order yet.');
  const chance = random(context.seed, context.site.account, 'step', context.step);
  return perform(context, chance, what, (on) => {
    administration[what](on, newest);
    on.run();
  });
}

function perform(context: StepContext, chance: Random, what: string, script: Script): StepResult {
  const { site, now, nextId: firstId, orders } = context;
  const on = stage({ site, chance, now, firstId });
  const reachable = chance.shuffle(orders.slice(-WITHIN_REACH));
  script(on, (fits) => reachable.find(fits));
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
