import { readFile } from 'node:fs/promises';
import { ConnectorError } from '@daybook/connectors/kit/connector-error';
import { salesConnectors } from '@daybook/connectors/registry';
import type { Command } from 'commander';
import { json, type Terminal, UsageError } from '../terminal.ts';

interface Options {
  topic: string;
  header: string[];
  setting: string[];
  fetched: string[];
}

const collect = (value: string, earlier: string[]) => [...earlier, value];

/** `daybook normalize`: one raw payload in, canonical events out. Needs no database and no network. */
export function registerNormalize(root: Command, terminal: Terminal): void {
  root
    .command('normalize')
    .description('print the canonical events of one raw payload')
    .argument('<channel>', `one of: ${salesConnectors.map((each) => each.id).join(', ')}`)
    .argument('<file>', 'the payload, or - for standard input')
    .requiredOption('--topic <topic>', 'topic of the webhook, or plural name of the polled resource')
    .option('--header <k=v>', 'a header of the request', collect, [])
    .option('--setting <k=v>', 'a setting of the connection, e.g. records=settlements, currency=GBP', collect, [])
    .option('--fetched <name=file>', 'what a thin webhook makes the connector re-read', collect, [])
    .option('--json', 'the output is JSON anyway')
    .action(async (channel: string, file: string, options: Options) => {
      terminal.out(json(await normalize(channel, file, options, terminal)));
    });
}

async function normalize(channel: string, file: string, options: Options, terminal: Terminal): Promise<unknown> {
  const connector = salesConnectors.find((each) => each.id === channel);
  if (!connector) {
    throw new UsageError(
      `unknown channel "${channel}"; there is: ${salesConnectors.map((each) => each.id).join(', ')}`,
    );
  }
  const headers = Object.fromEntries(
    pairs(options.header, '--header').map(([name, value]) => [name.toLowerCase(), value]),
  );
  const fetched: Record<string, string> = {};
  for (const [name, path] of pairs(options.fetched, '--fetched')) fetched[name] = await read(path, terminal);
  const body = Buffer.from(await read(file, terminal));
  try {
    const settings = Object.fromEntries(pairs(options.setting, '--setting'));
    const normalized = connector.normalize({ topic: options.topic, headers, body }, { settings, fetched });
    return 'events' in normalized ? { events: normalized.events } : { ignored: normalized.ignored };
  } catch (error) {
    if (error instanceof ConnectorError) throw new UsageError(`${file}: ${error.message} [${error.code}]`);
    throw error;
  }
}

function pairs(values: string[], option: string): [string, string][] {
  return values.map((value) => {
    const cut = value.indexOf('=');
    if (cut < 1) throw new UsageError(`${option} "${value}" must look like name=value`);
    return [value.slice(0, cut), value.slice(cut + 1)];
  });
}

async function read(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return terminal.read();
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
