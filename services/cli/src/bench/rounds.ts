/** Fewer rounds have no median worth the name. */
const LEAST_ROUNDS = 3;

/** One way of doing the work. */
export interface Shape<Result> {
  name: string;
  run(round: number): Promise<Result>;
}

/**
 * Runs A B C, A B C … so that a machine that grows slower or faster during the run does so for all of them; a ratio is
 * then taken within each round. The first round only warms up and is thrown away. When the time is used up no further
 * round is begun, but LEAST_ROUNDS are made whatever they take.
 */
export async function interleave<Result>(
  shapes: readonly Shape<Result>[],
  { rounds, limitMs }: { rounds: number; limitMs: number },
  tell: (line: string) => void,
): Promise<Map<string, Result[]>> {
  const started = performance.now();
  const results = new Map<string, Result[]>(shapes.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    if (round > LEAST_ROUNDS && performance.now() - started > limitMs) break;
    for (const shape of shapes) {
      tell(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}: ${shape.name}`);
      const result = await shape.run(round);
      if (round > 0) results.get(shape.name)?.push(result);
    }
  }
  return results;
}

/** The middle value; of an even number of values the mean of the middle two. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** The value that `share` (0 to 1) of the values do not exceed. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** A ratio measured within each round. */
export interface Ratio {
  median: number;
  least: number;
  most: number;
}

/** Ratio of two series, round by round. */
export function ratio(values: readonly number[], floor: readonly number[]): Ratio {
  const each = values.map((value, index) => value / (floor[index] ?? Number.NaN));
  return { median: median(each), least: Math.min(...each), most: Math.max(...each) };
}
