import { type CashDraft, cashDraft, formatMinor } from '@daybook/domain';
import { archiveCashBook } from '@daybook/ledger/cash-book/archive';
import { type CashBook, createCashBook, findCashBook, searchCashBooks } from '@daybook/ledger/cash-book/books';
import { type CashDayState, cashDayStates } from '@daybook/ledger/cash-book/day-states';
import { approveDay, type CashPlace, cashDay, putDraft, rejectDay } from '@daybook/ledger/cash-book/days';
import { nextDay } from '@daybook/ledger/cash-book/prefill';
import { cashPlace, companyToday, enterCashDay } from '@daybook/workers/cash-days';
import type { WorkerDeps } from '@daybook/workers/deps';
import type { Command } from 'commander';
import { z } from 'zod';
import { companyNamed } from '../database.ts';
import { parseExactJson, readInput } from '../input.ts';
import { drawTable } from '../table.ts';
import { json, type Terminal, UsageError } from '../terminal.ts';
import { withDeps } from '../with-deps.ts';

interface Options {
  company: string;
  register?: string;
  by?: string;
  comment?: string;
  file?: string;
  from?: string;
  to?: string;
  archived?: boolean;
}

/** What an action is done with. */
interface Asked {
  options: Options;
  book: string;
  date: string;
  companyId: string;
  deps: WorkerDeps;
  terminal: Terminal;
}

const HELP = `
Amounts of a file are minor units (1250 for 12.50). Of an open file: name, startsOn, endsOn, tolerance, companyCode,
site, registers [{register, account}], auditor, clerk, costCentre. Of a day's file: receiptNumber, openingBalance,
revenueShould, revenueActual, salesNonCash, revaluation, devaluation, bankDeposit, withdrawal, withdrawalIntoDrawer,
expenditures [{account or role, amount, taxCode, tax, note, receipt}], reason, openingReason.
  daybook cash-book open --company harbour --file book.json
  daybook cash-book list --company harbour
  daybook cash-book show "Main till" 2026-03-03 --company harbour --register R1     next instead of a date: the next day
  daybook cash-book draft "Main till" 2026-03-03 --company harbour --register R1 --file day.json
  daybook cash-book submit "Main till" 2026-03-03 --company harbour --register R1
  daybook cash-book approve "Main till" 2026-03-03 --company harbour --register R1 --by "Anna Prüfer"
  daybook cash-book archive "Main till" --company harbour
The days booked: daybook report cash-book`;

/** `daybook cash-book`: opens cash books, enters, checks and corrects their days. */
export function registerCashBook(root: Command, terminal: Terminal): void {
  root
    .command('cash-book')
    .description('open cash books, and enter, submit, check and correct the days of their registers')
    .argument('<action>', `one of: ${Object.keys(ACTIONS).join(', ')}`)
    .argument('[book]', 'name or id of the cash book')
    .argument('[date]', 'day, YYYY-MM-DD')
    .requiredOption('--company <slug>', 'whose cash book')
    .option('--register <name>', 'which register; the only one without it')
    .option('--by <name>', 'who does it; the clerk of the book without it, who cannot approve or reject')
    .option('--comment <text>', 'why a day is rejected')
    .option('--file <file>', 'what is entered, as JSON; - for standard input')
    .option('--from <date>', 'days from this one')
    .option('--to <date>', 'days up to this one')
    .option('--archived', 'only archived books')
    .addHelpText('after', HELP)
    .action(async (name: string, book = '', date = '', options: Options) => {
      const action = ACTIONS[name];
      if (!action) throw new UsageError(`there is no action "${name}"; there is: ${Object.keys(ACTIONS).join(', ')}`);
      const done = await withDeps(terminal, async (deps) => {
        const { id: companyId } = await companyNamed(deps, options.company);
        return action({ options, book, date, companyId, deps, terminal });
      });
      terminal.out(typeof done === 'string' ? done : json(done));
    });
}

/** What can be done; text is printed as it is, everything else as JSON. */
const ACTIONS: Readonly<Record<string, (asked: Asked) => Promise<unknown>>> = {
  list,
  open,
  days,
  show: async (asked) => cashDay(asked.deps.sql, await placeOf(asked)),
  draft,
  submit: async (asked) => {
    const place = await placeOf(asked);
    return enterCashDay(place, { step: 'submitted', by: asked.options.by ?? place.book.clerk }, asked.deps);
  },
  correct: async (asked) => {
    const place = await placeOf(asked);
    const by = asked.options.by ?? place.book.clerk;
    return enterCashDay(place, { step: 'corrected', draft: await fileDraft(asked), by }, asked.deps);
  },
  approve: (asked) => check(asked, approveDay),
  reject: (asked) => check(asked, rejectDay),
  archive,
};

async function list({ options, companyId, deps }: Asked): Promise<string> {
  const { from, to, archived } = options;
  const today = await companyToday(deps.sql, companyId, deps.clock());
  const books = await searchCashBooks(deps.sql, companyId, { from, to, archived }, today);
  const head = ['Status', 'Name', 'From', 'To', 'Registers', 'Tolerance', 'Company code', 'Site', 'Clerk', 'Auditor'];
  return drawTable(head, books.map(bookRow), [5]);
}

function bookRow(book: CashBook): string[] {
  const { status, name, startsOn, endsOn, companyCode, site, clerk, auditor, currency } = book;
  const registers = book.registers.map(({ register, account }) => `${register} (${account})`).join(', ');
  const tolerance = `${currency} ${formatMinor(book.tolerance, currency)}`;
  return [status, name, startsOn, endsOn, registers, tolerance, companyCode, site, clerk, auditor];
}

const text = z.string().trim().min(1);
const bookFile = z.strictObject({
  name: text,
  startsOn: z.iso.date(),
  endsOn: z.iso.date(),
  currency: text.optional(),
  tolerance: z.union([z.bigint(), z.int(), z.string().regex(/^\d+$/)]).transform(BigInt),
  companyCode: text,
  site: text,
  registers: z.array(z.strictObject({ register: text, account: text.optional() })).min(1),
  auditor: text,
  clerk: text,
  costCentre: text.nullable().optional(),
});

async function open(asked: Asked): Promise<CashBook> {
  const { companyId, deps } = asked;
  const given = await fileOf(asked, bookFile);
  const id = await deps.sql.begin((tx) => createCashBook(tx, companyId, given, deps.clock()));
  return findCashBook(deps.sql, companyId, id, await companyToday(deps.sql, companyId, deps.clock()));
}

async function days({ options, book, companyId, deps }: Asked): Promise<string> {
  const found = await findCashBook(deps.sql, companyId, book, await companyToday(deps.sql, companyId, deps.clock()));
  const states = await cashDayStates(deps.sql, companyId, { ...options, bookId: found.id });
  const row = (state: CashDayState) => [
    state.date,
    state.register,
    state.entryStatus,
    state.checkStatus,
    state.clerk,
    state.comment ?? '',
  ];
  return drawTable(['Date', 'Register', 'Entry', 'Check', 'Clerk', 'Comment'], states.map(row), []);
}

async function draft(asked: Asked): Promise<unknown> {
  const { sql, clock } = asked.deps;
  const place = await placeOf(asked);
  const change = { draft: await fileDraft(asked), clerk: asked.options.by ?? place.book.clerk, now: clock() };
  await sql.begin((tx) => putDraft(tx, place, change));
  return cashDay(sql, place);
}

async function check({ options, deps, ...asked }: Asked, decide: typeof approveDay): Promise<unknown> {
  if (options.by === undefined) throw new UsageError('say with --by who checks the day');
  const place = await placeOf({ options, deps, ...asked });
  const decision = { by: options.by, comment: options.comment, now: deps.clock() };
  await deps.sql.begin((tx) => decide(tx, place, decision));
  return cashDay(deps.sql, place);
}

async function archive({ book, companyId, deps }: Asked): Promise<CashBook> {
  const today = await companyToday(deps.sql, companyId, deps.clock());
  const found = await findCashBook(deps.sql, companyId, book, today);
  await deps.sql.begin((tx) => archiveCashBook(tx, found, today, deps.clock()));
  return findCashBook(deps.sql, companyId, found.id, today);
}

/** The day that is meant: its register may be left out where the book has one, and the next day has no date yet. */
async function placeOf({ options, book, date, companyId, deps }: Asked): Promise<CashPlace> {
  const place = await cashPlace(deps.sql, companyId, { book, register: options.register ?? '', date }, deps.clock());
  const [only, ...others] = place.book.registers;
  if (options.register === undefined && (only === undefined || others.length > 0))
    throw new UsageError(`the cash book "${place.book.name}" has several registers; name one with --register`);
  const register = options.register ?? (only?.register as string);
  if (date === 'next') return { ...place, register, date: await nextDay(deps.sql, { ...place, register }) };
  if (!z.iso.date().safeParse(date).success) throw new UsageError(`"${date}" is not a day; write YYYY-MM-DD, or next`);
  return { ...place, register };
}

function fileDraft(asked: Asked): Promise<CashDraft> {
  return fileOf(asked, cashDraft);
}

async function fileOf<Schema extends z.ZodType>(asked: Asked, schema: Schema): Promise<z.output<Schema>> {
  const { file } = asked.options;
  if (file === undefined)
    throw new UsageError('name the file with --file; `daybook cash-book --help` says what is in it');
  const given = schema.safeParse(parseExactJson((await readInput(file, asked.terminal)).toString(), file));
  if (given.success) return given.data;
  throw new UsageError(
    `"${file}": ${given.error.issues.map((each) => `${each.path.join('.')} ${each.message}`).join('; ')}`,
  );
}
