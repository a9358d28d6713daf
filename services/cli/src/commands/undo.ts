import { formatMinor } from '@daybook/domain';
import {
  planUndo,
  repost,
  resumeUndo,
  startUndo,
  type Undo,
  type UndoPlan,
  UndoRefused,
  type UndoScope,
} from '@daybook/workers/undo/undos';
import type { Command } from 'commander';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  from?: string;
  to?: string;
  event?: string;
  dryRun?: boolean;
  resume?: boolean;
  repost?: boolean;
  json?: boolean;
}

const HELP = `
Payments and allocations come out before what they settle, newest first; the hub does the work and goes on over a crash.
Until --repost nothing of the scope is pushed. A refusal (a locked period) stops it with the reason; mend it, then --resume.
  daybook undo <connection> --from 2026-11-01 --to 2026-11-30 --dry-run
  daybook undo <undo> --repost`;

/** `daybook undo`: takes pushed documents out of the books again, and pushes them anew. */
export function registerUndo(root: Command, terminal: Terminal): void {
  root
    .command('undo')
    .description('take pushed documents out of one set of books again (void or delete), and push them anew')
    .argument('<id>', 'id of the books connection; of the undo with --resume, --repost')
    .option('--from <date>', 'documents dated from this day, YYYY-MM-DD')
    .option('--to <date>', 'documents dated up to this day')
    .option('--event <id>', 'or: the documents of this event')
    .option('--dry-run', 'print what would be taken out, change nothing')
    .option('--resume', 'go on with an undo that a refusal stopped')
    .option('--repost', 'push everything again that was taken out')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (id: string, options: Options) => {
      const done = await withDeps(terminal, async (deps) => {
        try {
          if (options.resume) return { undo: await resumeUndo(id, deps) };
          if (options.repost) return { undo: await repost(id, deps) };
          const scope = scopeOf(id, options);
          const plan = await planUndo(deps.sql, scope);
          return options.dryRun ? { plan } : { plan, undo: await startUndo(scope, deps) };
        } catch (error) {
          if (error instanceof UndoRefused) throw new UsageError(error.message);
          throw error;
        }
      });
      terminal.out(options.json ? json(done) : describe(done));
    });
}

function scopeOf(connectionId: string, { from, to, event }: Options): UndoScope {
  for (const day of [from, to])
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day))
      throw new UsageError(`"${day}" is not a date; write YYYY-MM-DD`);
  if (event !== undefined && !/^\d{1,18}$/.test(event)) throw new UsageError(`"${event}" is not an event id`);
  return { connectionId, from, to, eventId: event === undefined ? undefined : BigInt(event) };
}

function describe({ plan, undo }: { plan?: UndoPlan; undo?: Undo }): string {
  const lines = (plan?.amounts ?? []).map(
    ({ kind, currency, count, amount }) =>
      `${String(count).padStart(6)} × ${kind.replace('_', ' ')}, ${currency} ${formatMinor(amount, currency)}`,
  );
  if (plan) lines.unshift(`${plan.documents} documents${undo ? ' come out' : ' would come out'}:`);
  if (undo) {
    const pushed = undo.repostedAt === null ? '' : ', pushed again';
    lines.push(`Undo ${undo.id} is ${undo.state}${pushed}: ${undo.undone} taken out, ${undo.left} left.`);
    if (undo.reason !== null) lines.push(undo.reason);
  }
  return `${lines.join('\n')}\n`;
}
