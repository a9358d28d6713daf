import { formatMinor } from '@daybook/domain';
import type { Config } from '@daybook/platform/config';
import type { Sql } from '@daybook/platform/db';
import { silentLog } from '@daybook/platform/logger';
import { openQueues } from '@daybook/platform/queue';
import { planReplay, type ReplayFilter, type ReplayPlan, replay } from '@daybook/workers/replay';
import { type Command, Option } from 'commander';
import { type CommandDatabase, companyNamed, withDatabase } from '../database.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  event?: string;
  delivery?: string;
  document?: string;
  failed?: boolean;
  filter: string[];
  company?: string;
  dryRun?: boolean;
  json?: boolean;
}

const HELP = `
The plan is printed first: how many, and how much money per currency. A delivery is read again from its raw bytes, so its
money is known afterwards. Each stage then runs as always: a document whose fate is unknown is looked up in the books
before anything is sent. The work itself is done by the hub, at once or when it next runs.`;

/** `daybook replay`: does failed work again. Prints the plan first; an empty filter is refused. */
export function registerReplay(root: Command, terminal: Terminal): void {
  root
    .command('replay')
    .description('do failed work again: what is booked or pushed already stays once')
    .option('--event <id>', 'this event')
    .option('--delivery <id>', 'this delivery, from its raw bytes on')
    .option('--document <id>', 'this document')
    .option('--failed', 'everything that failed, waits for a person or was refused')
    .addOption(
      new Option('--filter <code=CODE>', 'only failures with this code of docs/errors.md')
        .argParser((value: string, all: string[]) => [...all, value])
        .default([], 'none'),
    )
    .option('--company <slug>', 'only this company')
    .option('--dry-run', 'print the plan, change nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const filter = filterOf(options);
      await withDatabase(terminal, async (database, config) => {
        const company = options.company === undefined ? null : await companyNamed(database, options.company);
        const plan = await planReplay(database.sql, { ...filter, companyId: company?.id });
        const dryRun = options.dryRun === true;
        const scope = await scopeOf(database.sql, plan);
        const done = total(plan) === 0 ? await whyNothing(database.sql, filter, company?.id) : null;
        if (!options.json) terminal.out(describe(scope, dryRun, done));
        if (!dryRun && total(plan) > 0) await start(database, config, plan);
        if (options.json) terminal.out(json({ dryRun, ...scope }));
      });
    });
}

async function start(database: CommandDatabase, config: Config, plan: ReplayPlan): Promise<void> {
  const { databaseUrl, redisUrl, prefix } = {
    databaseUrl: database.url,
    redisUrl: config.redisUrl,
    prefix: config.queuePrefix,
  };
  const queues = await openQueues({ databaseUrl, redisUrl, prefix, log: silentLog });
  try {
    await replay({ sql: database.sql, queues, log: silentLog, clock: () => new Date() }, plan);
  } finally {
    await queues.close();
  }
}

function filterOf(options: Options): ReplayFilter {
  const code = codeOf(options.filter);
  const ids = {
    eventId: idOf(options.event, '--event'),
    deliveryId: idOf(options.delivery, '--delivery'),
    documentId: idOf(options.document, '--document'),
  };
  const named = Object.values(ids).some((id) => id !== undefined);
  const several = options.failed === true || code !== undefined;
  if (named && several)
    throw new UsageError('name either one delivery, event or document, or a filter (--failed, --filter); not both');
  if (!named && !several) {
    throw new UsageError(
      'say what to replay: --event, --delivery, --document, --failed or --filter code=…; an empty filter is not everything',
    );
  }
  return { ...ids, failed: several, code };
}

function codeOf(filters: string[]): string | undefined {
  const codes = filters.map((filter) => {
    const code = /^code=([A-Z_]+)$/.exec(filter)?.[1];
    if (code === undefined) throw new UsageError(`--filter "${filter}" must look like code=MAPPING_MISSING`);
    return code;
  });
  if (codes.length > 1)
    throw new UsageError(`--filter was given ${codes.length} times; replay one code after the other`);
  return codes[0];
}

function idOf(text: string | undefined, option: string): bigint | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,18}$/.test(text)) throw new UsageError(`${option} "${text}" is not an id; ids are whole numbers`);
  return BigInt(text);
}

interface Part {
  count: number;
  /** Minor units per currency; none for deliveries, whose money is known once they are read. */
  money: { currency: string; amount: bigint }[];
  ids: bigint[];
}
type Scope = Record<keyof ReplayPlan, Part>;

/** Count and sum of what the plan would do again (product.md 17). */
async function scopeOf(sql: Sql, plan: ReplayPlan): Promise<Scope> {
  const list = (ids: bigint[]) => sql`any(${ids.map(String)}::bigint[])`;
  const events = await sql<Part['money']>`
    select payload->>'currency' as currency,
      sum(coalesce(payload->>'total', payload->>'amount', '0')::numeric)::bigint as amount
    from events where id = ${list(plan.events)} group by 1 order by 1`;
  const documents = await sql<Part['money']>`
    select currency, sum(amount)::bigint as amount from documents where id = ${list(plan.documents)}
    group by currency order by currency`;
  const part = (ids: bigint[], money: Part['money']): Part => ({ count: ids.length, money: [...money], ids });
  return {
    deliveries: part(plan.deliveries, []),
    events: part(plan.events, events),
    documents: part(plan.documents, documents),
  };
}

function total(plan: ReplayPlan): number {
  return plan.deliveries.length + plan.events.length + plan.documents.length;
}

/** Why a named piece of work is not in the plan. Throws UsageError when there is no such thing. */
async function whyNothing(sql: Sql, filter: ReplayFilter, companyId: string | undefined): Promise<string | null> {
  const named = [
    { what: 'event', table: 'events', id: filter.eventId },
    { what: 'delivery', table: 'deliveries', id: filter.deliveryId },
    { what: 'document', table: 'documents', id: filter.documentId },
  ].flatMap(({ id, ...each }) => (id === undefined ? [] : [{ ...each, id }]));
  const reasons: string[] = [];
  for (const { what, table, id } of named) {
    const [row] = await sql<{ state: string; companyId: string }[]>`
      select state, company_id as "companyId" from ${sql(table)} where id = ${id}`;
    if (!row || (companyId !== undefined && row.companyId !== companyId))
      throw new UsageError(`there is no ${what} ${id}${companyId === undefined ? '' : ' in this company'}`);
    reasons.push(`${what} ${id} is ${row.state}`);
  }
  return reasons.length === 0 ? null : reasons.join(', ');
}

function describe(scope: Scope, dryRun: boolean, done: string | null): string {
  const money = (part: Part) =>
    part.money.length === 0
      ? ''
      : ` (${part.money.map(({ currency, amount }) => `${currency} ${formatMinor(amount, currency)}`).join(', ')})`;
  const parts = (['deliveries', 'events', 'documents'] as const).map(
    (name) => `${scope[name].count} ${name}${money(scope[name])}`,
  );
  const nothing = Object.values(scope).every(({ count }) => count === 0);
  if (nothing) return `Nothing to replay${done === null ? '' : `: ${done}`}.\n`;
  return dryRun
    ? `Would replay ${parts.join(', ')}. Nothing was changed.\n`
    : `Replaying ${parts.join(', ')}. \`daybook status\` shows how it goes.\n`;
}
