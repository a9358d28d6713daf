import { formatMinor } from '@daybook/domain';
import { openItemOf } from '@daybook/ledger/invoice-ledger/allocations';
import { editItem } from '@daybook/ledger/invoice-ledger/details';
import { markReminderSent, type Reminder, remindersOf } from '@daybook/ledger/invoice-ledger/reminders';
import type { Tx } from '@daybook/platform/db';
import type { Command } from 'commander';
import { companyNamed, withDatabase } from '../database.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { refusable } from './allocate.ts';

interface Options {
  company: string;
  all?: boolean;
  sent?: string;
  pause?: string;
  resume?: boolean;
  by?: string;
  json?: boolean;
}

/** `daybook reminders`: which reminders overdue invoices have reached, which were sent, which rest. */
export function registerReminders(root: Command, terminal: Terminal): void {
  root
    .command('reminders')
    .description('list reminders to send, note one as sent, or let those of a disputed invoice rest')
    .argument('[document]', 'number of the open invoice that --sent, --pause or --resume is about')
    .requiredOption('--company <slug>', 'whose books')
    .option('--all', 'list those sent, settled and resting too')
    .option('--sent <level>', 'this reminder (1, 2 or 3) was sent')
    .option('--pause <reason>', 'remind nobody of it, and say why')
    .option('--resume', 'remind again')
    .option('--by <name>', 'who does it; the user of this computer without it')
    .option('--json', 'print JSON')
    .action(async (document: string | undefined, options: Options) => {
      const list = await withDatabase(terminal, ({ sql }) =>
        refusable(() =>
          sql.begin(async (tx: Tx) => {
            const { id } = await companyNamed({ sql: tx }, options.company);
            const by = options.by ?? terminal.env.USER ?? 'command line';
            if (document !== undefined) await change(tx, { companyId: id, document, by }, options);
            return remindersOf(tx, id, { all: options.all ?? false });
          }),
        ),
      );
      terminal.out(options.json ? json({ reminders: list }) : describe(list));
    });
}

async function change(
  tx: Tx,
  { companyId, document, by }: { companyId: string; document: string; by: string },
  { sent, pause, resume }: Options,
): Promise<void> {
  const item = await openItemOf(tx, companyId, document, 0);
  const who = { madeBy: by, now: new Date() };
  if (sent !== undefined) {
    if (!/^[123]$/.test(sent)) throw new UsageError(`"${sent}" is no reminder; there is 1, 2 and 3`);
    await markReminderSent(tx, companyId, { item, level: Number.parseInt(sent, 10) }, who);
  }
  if (pause !== undefined) await editItem(tx, companyId, item, { pausedFor: pause }, who);
  if (resume) await editItem(tx, companyId, item, { pausedFor: null }, who);
}

function describe(list: readonly Reminder[]): string {
  if (list.length === 0) return 'No reminder is to be sent.\n';
  const lines = list.map(({ level, partyName, document, dueDate, currency, openTc, sentAt, pausedFor }) => {
    const amount = `${currency} ${formatMinor(openTc, currency)}`;
    const state = sentAt ? `, sent ${sentAt.toISOString().slice(0, 10)}` : '';
    return `${level}  ${partyName}: ${document}, ${amount}, due ${dueDate}${state}${pausedFor ? `, rests: ${pausedFor}` : ''}`;
  });
  return `${lines.join('\n')}\n`;
}
