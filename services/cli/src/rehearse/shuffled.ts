import { random } from '@daybook/connectors/kit/random';

/** The same deliveries in another order, about every third of them twice; the same seed gives the same order. */
export function shuffled(deliveries: readonly string[], seed: number): string[] {
  const { chance, shuffle } = random(seed, 'deliveries');
  return shuffle(deliveries.flatMap((id) => (chance(1, 3) ? [id, id] : [id])));
}
