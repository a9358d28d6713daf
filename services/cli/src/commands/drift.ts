import { type Drift, DriftRefused, listDrifts, settleDrift } from '@daybook/workers/drift/settle-drift';
import type { Command } from 'commander';
import { drawTable } from '../table.ts';
import { FoundError, json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  accept?: string;
  restore?: string;
  ignore?: string;
  json?: boolean;
}

/** `daybook drift`: pushed documents that somebody changed in the books, and what to do about them. */
export function registerDrift(root: Command, terminal: Terminal): void {
  root
    .command('drift')
    .description(
      'pushed documents that were changed, voided or deleted in the books by hand; exit code 1 when any is open',
    )
    .option('--accept <id>', 'what stands there is right from now on')
    .option('--restore <id>', 'take theirs out and push ours again')
    .option('--ignore <id>', 'do not tell again unless it changes')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const how = (['accept', 'restore', 'ignore'] as const).find((each) => options[each] !== undefined);
      const drifts = await withDeps(terminal, async (deps) => {
        try {
          if (how !== undefined) return [await settleDrift(options[how] as string, how, deps)];
          return (await listDrifts(deps.sql, undefined)).filter(({ state }) => state === 'open');
        } catch (error) {
          if (error instanceof DriftRefused) throw new UsageError(error.message);
          throw error;
        }
      });
      terminal.out(options.json ? json({ drifts }) : table(drifts));
      if (how === undefined && drifts.length > 0) throw new FoundError('');
    });
}

function table(drifts: readonly Drift[]): string {
  if (drifts.length === 0) return 'The books stand as we left them.\n';
  const rows = drifts.map((each) => [
    each.id,
    `${each.documentKind.replace('_', ' ')} ${each.number}`,
    each.kind,
    JSON.stringify(each.ours),
    each.theirs === null ? '' : JSON.stringify(each.theirs),
    each.state,
  ]);
  return drawTable(['Id', 'Document', 'What', 'Ours', 'Theirs', 'State'], rows, []);
}
