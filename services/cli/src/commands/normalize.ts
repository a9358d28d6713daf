import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import type { Normalized, SalesConnector } from '@daybook/connectors/kit/contract';
import { salesConnectors } from '@daybook/connectors/registry';
import { DomainError, isCurrency } from '@daybook/domain';
import type { Command } from 'commander';
import { readInput } from '../input.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  topic: string;
  header: string[];
  setting: string[];
  fetched: string[];
}

const collect = (value: string, earlier: string[]) => [...earlier, value];
const channels = () => salesConnectors.map((each) => each.id).join(', ');

/** `daybook normalize`: one raw payload in, canonical events out. Needs no database and no network. */
export function registerNormalize(root: Command, terminal: Terminal): void {
  root
    .command('normalize')
    .description('print the canonical events of one raw payload; needs no database and no network')
    .argument('<channel>', `one of: ${channels()}`)
    .argument('<file>', 'the payload, or - for standard input')
    .requiredOption('--topic <topic>', 'topic of the webhook, or plural name of the polled resource')
    .option('--header <k=v>', 'a header of the request; can be repeated', collect, [])
    .option('--setting <k=v>', 'a setting of the connection, e.g. records=settlements, currency=GBP', collect, [])
    .option('--fetched <name=file>', 'what a thin webhook makes the connector re-read', collect, [])
    .option('--json', 'the output is JSON anyway')
    .addHelpText(
      'after',
      '\nPrints {"events": [ … ]} or {"ignored": "why"}, with exit code 0 for both. Money is in minor units, as integers;\n' +
        'above 2^53 as a string of digits. A payload that contradicts itself is refused with exit code 2.',
    )
    .action(async (channel: string, file: string, options: Options) => {
      terminal.out(json(await normalize(channel, file, options, terminal)));
    });
}

async function normalize(channel: string, file: string, options: Options, terminal: Terminal): Promise<unknown> {
  const connector = salesConnectors.find((each) => each.id === channel);
  if (!connector) throw new UsageError(`there is no channel "${channel}"; there is: ${channels()}`);
  if (options.topic.trim() === '') throw new UsageError('--topic is empty; name the webhook topic, or a resource');
  const named = pairs(options.header, '--header').map(([name, value]) => [name.toLowerCase(), value] as const);
  const settings = settingsOf(connector, options.setting);
  const sources = pairs(options.fetched, '--fetched');
  if ([file, ...sources.map(([, path]) => path)].filter((path) => path === '-').length > 1)
    throw new UsageError('standard input (-) can be read once only; give the other payloads as files');
  const fetched: Record<string, string> = {};
  for (const [name, path] of sources) fetched[name] = (await readInput(path, terminal)).toString();
  const delivery = { topic: options.topic, headers: Object.fromEntries(named), body: await readInput(file, terminal) };
  const normalized = understand(connector, delivery, { settings, fetched }, file);
  return 'events' in normalized ? { events: normalized.events } : { ignored: normalized.ignored };
}

/** What the connector makes of it; its refusal is about the input, and so is a fact that cannot be made. */
function understand(
  connector: SalesConnector,
  delivery: Parameters<SalesConnector['normalize']>[0],
  context: Parameters<SalesConnector['normalize']>[1],
  file: string,
): Normalized {
  try {
    return connector.normalize(delivery, context);
  } catch (error) {
    if (!(error instanceof ConnectorError || error instanceof DomainError)) throw error;
    const name = file === '-' ? 'standard input' : file;
    throw new UsageError(`${name}: ${error.message} [${error.code}, see docs/errors.md]`);
  }
}

/** Checked as they are when a connection is made; those that a connector does not know have no effect. */
function settingsOf(connector: SalesConnector, given: string[]): Record<string, string> {
  const settings = Object.fromEntries(pairs(given, '--setting'));
  const parsed = connector.settings.safeParse(settings);
  const [problem] = parsed.error?.issues ?? [];
  if (problem) {
    const name = problem.path.join('.');
    const why = problem.code === 'invalid_value' ? `is neither ${problem.values.join(' nor ')}` : problem.message;
    throw new UsageError(`--setting ${name}=${settings[name] ?? ''} ${why}`);
  }
  if (settings.currency !== undefined && !isCurrency(settings.currency))
    throw new UsageError(`--setting currency=${settings.currency} is not an ISO 4217 currency code, such as GBP`);
  return settings;
}

function pairs(values: string[], option: string): [string, string][] {
  return values.map((value) => {
    const cut = value.indexOf('=');
    if (cut < 1) throw new UsageError(`${option} "${value}" must look like name=value`);
    return [value.slice(0, cut), value.slice(cut + 1)];
  });
}
