import { DomainError, formatMinor, localDate, parseMinor } from '@daybook/domain';
import { allocateOpen, type Proposal, proposals } from '@daybook/ledger/invoice-ledger/allocate-open';
import { openItemOf, undoAllocation } from '@daybook/ledger/invoice-ledger/allocations';
import { itemHistory } from '@daybook/ledger/invoice-ledger/detail';
import { allocateInvoice } from '@daybook/workers/allocate-invoice';
import type { WorkerDeps } from '@daybook/workers/deps';
import type { Command } from 'commander';
import { type CompanyRow, companyNamed } from '../database.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  company: string;
  payment?: string;
  amount?: string;
  writeOffRest?: boolean;
  undo?: string;
  confirm?: boolean;
  by?: string;
  json?: boolean;
}

const HELP = `
Without a document it shows what unallocated payments and credit notes would settle; --confirm does it.
  daybook allocate INV-0103 --company harbour --amount 102.00
  daybook allocate --company harbour --undo 17`;

/** `daybook allocate`: sets payments against invoices by hand, and takes that back. */
export function registerAllocate(root: Command, terminal: Terminal): void {
  root
    .command('allocate')
    .description('settle open invoices with unallocated payments and credit notes, or show what would settle what')
    .argument('[document]', 'number of the open invoice')
    .requiredOption('--company <slug>', 'whose books')
    .option('--payment <id>', 'the payment or credit note, by its id in the invoice ledger; else what is unallocated')
    .option('--amount <amount>', 'in major units of its currency, "102.00"; else as much as fits')
    .option('--write-off-rest', "write off what is left, up to the company's tolerance")
    .option('--undo <allocation>', 'take this allocation back')
    .option('--confirm', 'allocate everything that is proposed')
    .option('--by <name>', 'who does it; the user of this computer without it')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (document: string | undefined, options: Options) => {
      const done = await withDeps(terminal, async (deps) => {
        const company = await companyNamed(deps, options.company);
        const by = options.by ?? terminal.env.USER ?? 'command line';
        return refusable(() => act(document, options, { company, by, deps }));
      });
      terminal.out(options.json ? json(done) : describe(done));
    });
}

interface Place {
  company: CompanyRow;
  by: string;
  deps: WorkerDeps;
}

interface Done {
  allocations?: bigint[];
  writtenOff?: bigint;
  undone?: string;
  allocated?: number;
  proposals?: Proposal[];
}

async function act(document: string | undefined, options: Options, { company, by, deps }: Place): Promise<Done> {
  const who = { madeBy: by, now: deps.clock() };
  if (options.undo !== undefined) {
    const today = localDate(who.now.toISOString(), company.timeZone);
    const id = idOf(options.undo);
    await deps.sql.begin((tx) => undoAllocation(tx, company.id, id, today, who));
    return { undone: options.undo };
  }
  if (document !== undefined) return settle(document, options, { company, by, deps });
  if (options.confirm) return { allocated: await deps.sql.begin((tx) => allocateOpen(tx, company.id, who)) };
  return { proposals: await proposals(deps.sql, company.id) };
}

async function settle(document: string, options: Options, { company, by, deps }: Place): Promise<Done> {
  const against = await openItemOf(deps.sql, company.id, document, 0);
  const { item } = await itemHistory(deps.sql, company.id, against);
  const asked = {
    against,
    item: options.payment === undefined ? undefined : idOf(options.payment),
    amountTc: options.amount === undefined ? undefined : parseMinor(options.amount, item.currency),
    writeOffRest: options.writeOffRest ?? false,
  };
  return allocateInvoice(company.id, asked, by, deps);
}

function idOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new UsageError(`"${text}" is not an id`);
  return BigInt(text);
}

/** What the books refuse is wrong input here. */
export async function refusable<Result>(work: () => Promise<Result>): Promise<Result> {
  return work().catch((error: unknown) => {
    if (error instanceof DomainError) throw new UsageError(`${error.code}: ${error.message}`);
    throw error;
  });
}

function describe({ allocations, writtenOff = 0n, undone, allocated, proposals: proposed }: Done): string {
  if (undone !== undefined) return `Allocation ${undone} is taken back; both items are open again.\n`;
  if (allocated !== undefined) return `${allocated} allocations made.\n`;
  if (allocations) {
    const rest = writtenOff > 0n ? `; ${writtenOff} minor units written off` : '';
    return `Allocated (${allocations.join(', ')})${rest}.\n`;
  }
  if (!proposed || proposed.length === 0) return 'Nothing is unallocated that could settle an open invoice.\n';
  const lines = proposed.map(({ item, document, againstDocument, party, currency, amountTc }) => {
    const amount = `${currency} ${formatMinor(amountTc, currency)}`;
    return `${amount} of ${document ?? `item ${item}`} on ${againstDocument} (${party})`;
  });
  return `${lines.join('\n')}\nDo it with --confirm.\n`;
}
