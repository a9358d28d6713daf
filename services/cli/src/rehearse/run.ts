import { openDatabase } from '@daybook/platform/db';
import { silentLog } from '@daybook/platform/logger';
import { openQueues } from '@daybook/platform/queue';
import { newKey, openSealer } from '@daybook/platform/secrets';
import type { WorkerDeps } from '@daybook/workers/deps';
import { rebuild } from '@daybook/workers/rebuild/rebuild';
import { configOf } from '../config.ts';
import { assembleHub } from '../hub.ts';
import type { Terminal } from '../terminal.ts';
import { openThrowAway } from '../throw-away.ts';
import type { Difference } from './compare.ts';
import type { Month } from './month-file.ts';
import { negativeDifferences } from './negative.ts';
import { eventsOf, rehearse } from './rehearse.ts';
import { reversalDifferences } from './reversal.ts';
import { shuffled } from './shuffled.ts';

/** What a run of `daybook rehearse` found. */
export interface Outcome {
  ok: boolean;
  differences: Difference[];
  /** Figures of the file that contradict other figures of the file; they count as no difference. */
  contradictions: Difference[];
  reports: Record<string, unknown>;
}

/** Takes the month through a throw-away company, once as delivered and `orders` times shuffled; compares, rebuilds, tries. */
export async function runRehearsal(
  month: Month,
  { orders, seed }: { orders: number; seed: number },
  terminal: Terminal,
): Promise<Outcome> {
  const about = (what: string) => terminal.live && terminal.err(`\r\u001b[K${what} …`);
  const config = configOf(terminal);
  const throwAway = await openThrowAway(config.databaseUrl, 'rehearse');
  try {
    return await withDepsOn(throwAway.url, terminal, month, async (deps) => {
      const given = month.deliveries ?? eventsOf(month).map((event) => event.id);
      const told = await rehearse(month, given, deps, { slug: 'rehearsal', about: (what) => about(what) });
      const found = [...told.differences];
      for (let turn = 0; turn < orders; turn += 1) {
        const order = shuffled(given, seed + turn);
        const again = await rehearse(month, order, deps, {
          slug: `rehearsal-${turn + 2}`,
          about: (what) => about(`order ${turn + 2}: ${what}`),
        });
        found.push(
          ...again.differences.map((each) => ({ ...each, where: `order of seed ${seed + turn}: ${each.where}` })),
        );
      }
      about('rebuilding it from its inbox');
      found.push(...(await rebuiltDifferences(told.companyId, deps)));
      about('trying what must be refused');
      found.push(...(await negativeDifferences(month, told.companyId, deps)));
      found.push(...(await reversalDifferences(month, told.companyId, deps)));
      if (terminal.live) terminal.err('\r\u001b[K');
      const { contradictions, reports } = told;
      return { ok: found.length === 0, differences: found, contradictions, reports };
    });
  } finally {
    await throwAway.remove();
  }
}

/** The journal must follow from the inbox, entry by entry. */
async function rebuiltDifferences(companyId: string, deps: WorkerDeps): Promise<Difference[]> {
  const { differences, otherwise } = await rebuild(companyId, 'rebuilt', deps);
  return [
    ...otherwise.map(({ fact, says }) => ({ where: `rebuild.${fact}`, expected: 'the same fact', found: says })),
    ...differences.map(({ sourceKey, problem }) => ({
      where: `rebuild.${sourceKey}`,
      expected: 'the same entry',
      found: problem,
    })),
  ];
}

/** Everything the workers need, on a database of its own and with a clock that stands shortly after the month. */
async function withDepsOn<Result>(
  url: string,
  terminal: Terminal,
  month: Month,
  work: (deps: WorkerDeps) => Promise<Result>,
): Promise<Result> {
  const config = configOf({ ...terminal, env: { ...terminal.env, REDIS_URL: undefined } });
  const database = openDatabase(url, { max: 4, name: 'daybook-rehearse' });
  const queues = await openQueues({ databaseUrl: url, redisUrl: undefined, prefix: 'rehearse', log: silentLog });
  try {
    const now = afterMonth(month);
    const { deps } = assembleHub({
      config,
      database,
      queues,
      log: silentLog,
      apiKey: null,
      sealer: openSealer(newKey('rehearsal')),
      apps: {},
      hosts: {},
      publicUrl: () => '',
      clock: () => now,
    });
    return await work(deps);
  } finally {
    await queues.close();
    await database.close();
  }
}

/** A week after the last thing that happened. */
function afterMonth(month: Month): Date {
  const times = [month.company.period_end, ...eventsOf(month).map((event) => event.occurred_at)].map((text) =>
    Date.parse(text),
  );
  return new Date(Math.max(...times) + 7 * 86_400_000);
}
