import { type Rebuilt, rebuild } from '@daybook/workers/rebuild/rebuild';
import type { Command } from 'commander';
import { companiesNamed, companyNamed } from '../database.ts';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

const HELP = `
Makes a company like the first one but empty, replays everything that channels sent and people entered, in the order it was
posted, and compares the two journals. Nothing is asked of channels and nothing is pushed to books. Interrupted, the same
command goes on. Entries that no fact made (year-ends, filed returns, revaluations) are not rebuilt, only counted.
  daybook rebuild --company tea --into tea-rebuilt`;

/** `daybook rebuild`: proves that the journal follows from the raw inbox. */
export function registerRebuild(root: Command, terminal: Terminal): void {
  root
    .command('rebuild')
    .description('replay the raw inbox of a company into an empty one and compare the journals')
    .requiredOption('--company <slug>', 'the company whose inbox is replayed')
    .requiredOption('--into <slug>', 'the company to make, or to go on with')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (options: { company: string; into: string; json?: boolean }) => {
      const result = await withDeps(terminal, async (deps) => {
        const { id } = await companyNamed(deps, options.company);
        if (options.into === options.company) throw new UsageError('--into must name another company than --company');
        if (!/^[a-z0-9][a-z0-9-]*$/.test(options.into))
          throw new UsageError(`"${options.into}" is no slug: a–z, 0–9 and dashes`);
        await refuseStrangers(deps, options.into, id);
        return rebuild(id, options.into, deps, progress(terminal));
      });
      if (terminal.live) terminal.err('\r\u001b[K');
      terminal.out(options.json ? json(result) : describe(result));
      if (!isSame(result))
        throw new FoundError(`daybook: ${options.into} is not ${options.company}: ${firstOf(result)}`);
    });
}

/** A company that holds other facts than the first one's is not ours to go on with. */
async function refuseStrangers(deps: Parameters<typeof companiesNamed>[0], into: string, from: string): Promise<void> {
  const found = (await companiesNamed(deps, undefined)).find((each) => each.slug === into);
  if (!found) return;
  const [stranger] = await deps.sql`
    select 1 from deliveries d join connections c on c.id = d.connection_id where d.company_id = ${found.id} and not exists (
      select from deliveries o join connections oc on oc.id = o.connection_id
      where o.company_id = ${from} and oc.connector = c.connector and oc.account = c.account and o.topic = d.topic
        and o.event_id = d.event_id and o.body_hash = d.body_hash) limit 1`;
  const [live] = await deps.sql`
    select 1 from connections where company_id = ${found.id} and (kind = 'accounting' or state <> 'disconnected') limit 1`;
  if (stranger || live) throw new UsageError(`the company "${into}" is in use; name one that does not exist`);
}

function progress(terminal: Terminal) {
  return (done: number, of: number) => {
    if (terminal.live && (done % 25 === 0 || done === of)) terminal.err(`\r\u001b[K${done} of ${of} facts …`);
  };
}

function isSame({ differences, otherwise }: Rebuilt): boolean {
  return differences.length === 0 && otherwise.length === 0;
}

function firstOf({ differences, otherwise }: Rebuilt): string {
  const [unlike] = otherwise;
  if (unlike) return `${unlike.fact}: ${unlike.says}`;
  const [difference] = differences;
  return difference ? `entry ${difference.sourceKey} is ${difference.problem}` : '';
}

function describe(result: Rebuilt): string {
  const { facts, fromBytes, hashes, notFromInbox, differences, otherwise } = result;
  const reread = facts - fromBytes - otherwise.length;
  return [
    `${facts} facts: ${fromBytes} made of their bytes, ${reread} with what was re-read from the channel then.`,
    ...(notFromInbox > 0
      ? [`${notFromInbox} entries are not from the inbox (year-ends, filings) and were not rebuilt.`]
      : []),
    ...otherwise.map(({ fact, says }) => `  ${fact}: ${says}`),
    ...differences.map(({ sourceKey, problem }) => `  ${sourceKey}: ${problem}`),
    isSame(result)
      ? `The journals are the same: ${hashes.from}`
      : `The journals differ: ${hashes.from}, ${hashes.into}`,
    '',
  ].join('\n');
}
