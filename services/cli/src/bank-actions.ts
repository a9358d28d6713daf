import { BANK_FORMATS, type BankFormat, type CsvMap, csvMap, formatMinor } from '@daybook/domain';
import { type BankAccount, createBankAccount, findBankAccount, listBankAccounts } from '@daybook/ledger/bank/accounts';
import { bankLines, type LineMatch, matchesOf, type StoredLine } from '@daybook/ledger/bank/lines';
import { addBankRule, bankRules, endBankRule } from '@daybook/ledger/bank/rules';
import { bookLine, confirmLine } from '@daybook/workers/bank/confirm';
import { type Deciding, ignoreLine, lineToDecide, rejectSuggestions, undoMatch } from '@daybook/workers/bank/decide';
import { importBankFile } from '@daybook/workers/bank/import';
import { matchOpenLines } from '@daybook/workers/bank/match';
import type { WorkerDeps } from '@daybook/workers/deps';
import type { CompanyRow } from './database.ts';
import { parseExactJson, readInput } from './input.ts';
import { drawTable } from './table.ts';
import { inOneLine, type Terminal, UsageError } from './terminal.ts';

/** Options of `daybook bank`. */
export interface BankOptions {
  company: string;
  account?: string;
  format?: string;
  map?: string;
  dryRun?: boolean;
  all?: boolean;
  from?: string;
  to?: string;
  suggestion?: string;
  role?: string;
  number?: string;
  currency?: string;
  toAccount?: string;
  toRole?: string;
  taxCode?: string;
  party?: string;
  document?: string;
  direction?: string;
  reason?: string;
  by?: string;
  json?: boolean;
}

interface Asked {
  company: CompanyRow;
  deps: WorkerDeps;
  by: string;
  options: BankOptions;
  terminal: Terminal;
  /** Shows progress to a person. */
  tell(text: string): void;
}

interface Done {
  answer: unknown;
  text: string;
}

export interface BankAction {
  usage: string;
  what: string;
  run(values: string[], asked: Asked): Promise<Done>;
}

/** Everything `daybook bank` can do, by name. */
export const bankActions: Readonly<Record<string, BankAction>> = {
  accounts: { usage: '', what: 'bank accounts', run: accounts },
  add: { usage: '<name>', what: 'add a bank account over a role', run: add },
  import: { usage: '<file>', what: 'import CAMT.053, MT940, OFX or CSV', run: importFile },
  match: { usage: '', what: 'look at the open lines again', run: match },
  lines: { usage: '', what: 'open lines and what they may be', run: lines },
  confirm: { usage: '<line>', what: 'confirm what is suggested', run: decide('matched', confirm) },
  reject: { usage: '<line>', what: 'refuse what is suggested', run: decide('open again', rejectSuggestions) },
  book: { usage: '<line>', what: 'book it on an account', run: decide('booked', book) },
  ignore: {
    usage: '<line>',
    what: 'leave it out of the books',
    run: decide('ignored', (line, { options }) => ignoreLine(line, options.reason)),
  },
  undo: {
    usage: '<line>',
    what: 'take the decision back, and what it booked',
    run: decide('open again', (line, { options }) => undoMatch(line, options.reason)),
  },
  rules: { usage: '', what: 'rules that are applied', run: rules },
  'add-rule': { usage: '<text>', what: 'book lines that contain a text by themselves', run: addRule },
  'end-rule': { usage: '<rule>', what: 'apply a rule no more', run: endRule },
};

async function accounts(_values: string[], { company, deps }: Asked): Promise<Done> {
  const answer = await listBankAccounts(deps.sql, company.id);
  const rows = answer.map(({ name, number, role, account, currency }) => [name, number ?? '', role, account, currency]);
  return { answer, text: drawTable(['Name', 'Number', 'Role', 'Account', 'Currency'], rows, []) };
}

async function add([name]: string[], { company, deps, options }: Asked): Promise<Done> {
  const wish = { name: given(name, 'name'), role: given(options.role, '--role'), ...numberOf(options) };
  const map = await mapOf(options, { read: async () => Buffer.of() });
  const answer = await deps.sql.begin((tx) =>
    createBankAccount(tx, company.id, { ...wish, csvMap: map }, deps.clock()),
  );
  return { answer, text: `The bank account "${answer.name}" is kept on ${answer.account}.\n` };
}

function numberOf({ number, currency }: BankOptions) {
  return { number, currency };
}

async function importFile([file]: string[], asked: Asked): Promise<Done> {
  const { deps, options, by, terminal, tell } = asked;
  const account = await accountOf(asked);
  const bytes = await readInput(given(file, 'file'), terminal);
  const map = await mapOf(options, terminal);
  const wish = { bytes, format: formatOf(options), map, by, dryRun: options.dryRun, tell };
  const answer = await importBankFile(account, wish, deps);
  const show = (minor: bigint | null) => (minor === null ? '' : formatMinor(minor, account.currency));
  const rows = answer.statements.map((each) => [
    each.number ?? each.account ?? '',
    each.closesOn ?? '',
    show(each.opening),
    show(each.closing),
    String(each.lines),
    String(each.fresh),
    each.outcome.replace('_', ' '),
  ]);
  const table = drawTable(['Statement', 'To', 'Opening', 'Closing', 'Lines', 'New', ''], rows, [2, 3, 4, 5]);
  const told = answer.matching;
  const became = told ? `${told.matched} matched, ${told.suggested} with suggestions, ${told.unmatched} open.\n` : '';
  const map_ = options.dryRun && answer.map ? `Column map: ${JSON.stringify(answer.map)}\n` : '';
  return { answer, text: `${table}${map_}${options.dryRun ? 'Nothing was stored.\n' : became}` };
}

async function match(_values: string[], asked: Asked): Promise<Done> {
  const { company, deps, by, options, tell } = asked;
  const account = options.account === undefined ? undefined : await accountOf(asked);
  const shown = (done: number, of: number) => tell(`${done} of ${of} lines matched`);
  const answer = await matchOpenLines(company.id, { account, by, tell: shown }, deps);
  const rows = answer.map((each) => [
    each.account,
    ...[each.looked, each.matched, each.suggested, each.unmatched].map(String),
  ]);
  return { answer, text: drawTable(['Account', 'Looked at', 'Matched', 'Suggested', 'Open'], rows, [1, 2, 3, 4]) };
}

async function lines(_values: string[], asked: Asked): Promise<Done> {
  const { company, deps, options } = asked;
  const account = options.account === undefined ? undefined : await accountOf(asked);
  const { from, to } = options;
  const state = options.all ? undefined : ('open' as const);
  const found = await bankLines(deps.sql, company.id, { bankAccountId: account?.id, state, from, to });
  const known = await listBankAccounts(deps.sql, company.id);
  const matches = Map.groupBy(await matchesOf(deps.sql, idsOf(found)), ({ lineId }) => lineId);
  const answer = found.map((line) => ({ ...line, matches: matches.get(line.id) ?? [] }));
  const rows = answer.map((line) => rowOf(line, known));
  return { answer, text: drawTable(['Line', 'Day', 'Amount', 'Who and what for', 'State', 'What it is'], rows, [2]) };
}

function idsOf(found: readonly StoredLine[]): bigint[] {
  return found.map(({ id }) => id);
}

function rowOf(line: StoredLine & { matches: LineMatch[] }, known: readonly BankAccount[]): string[] {
  const currency = known.find(({ id }) => id === line.bankAccountId)?.currency ?? '';
  const told = line.matches.map(({ state, id, score, why }) => {
    if (state === 'matched') return why;
    return `${id} (${state === 'suggested' ? score : state}): ${why}`;
  });
  return [
    String(line.id),
    line.bookedOn,
    formatMinor(line.amount, currency),
    [line.counterparty, line.text].filter(Boolean).join(': ').slice(0, 60),
    line.state,
    line.reason ?? told.join('\n'),
  ];
}

function decide(became: string, act: (line: Deciding, asked: Asked) => Promise<void>): BankAction['run'] {
  return async ([named], asked) => {
    const { company, deps, by } = asked;
    const all = await listBankAccounts(deps.sql, company.id);
    await act(await lineToDecide(company.id, idGiven(named, 'line'), all, { by, deps }), asked);
    return { answer: { line: named, became }, text: `Bank line ${named} is ${became}.\n` };
  };
}

async function confirm(line: Deciding, { options: { suggestion } }: Asked): Promise<void> {
  await confirmLine(line, suggestion === undefined ? undefined : idGiven(suggestion, 'suggestion'));
}

async function book(line: Deciding, { options }: Asked): Promise<void> {
  const { party, document } = options;
  await bookLine(line, { ...targetOf(options), party, document });
}

async function rules(_values: string[], { company, deps }: Asked): Promise<Done> {
  const answer = await bankRules(deps.sql, company.id);
  const rows = answer.map(({ id, contains, direction, account, role, taxCode }) => [
    String(id),
    contains,
    direction,
    account ?? role ?? '',
    taxCode ?? '',
  ]);
  return { answer, text: drawTable(['Rule', 'Contains', 'Direction', 'Booked on', 'Tax'], rows, []) };
}

async function addRule([text]: string[], asked: Asked): Promise<Done> {
  const { company, deps, options, by } = asked;
  const direction = (['in', 'out', 'both'] as const).find((each) => each === (options.direction ?? 'both'));
  if (!direction) throw new UsageError(`there is no direction "${options.direction}"; there is: in, out, both`);
  const account = options.account === undefined ? undefined : await accountOf(asked);
  const rule = { contains: given(text, 'text'), direction, ...targetOf(options), bankAccountId: account?.id };
  const id = await addBankRule(deps.sql, company.id, rule, by, deps.clock());
  return { answer: { id }, text: `Rule ${id} applies from the next match on.\n` };
}

async function endRule([id]: string[], { company, deps }: Asked): Promise<Done> {
  await endBankRule(deps.sql, company.id, idGiven(id, 'rule'), deps.clock());
  return { answer: { id }, text: `Rule ${id} applies no more.\n` };
}

function targetOf({ toAccount, toRole, taxCode }: BankOptions) {
  return { account: toAccount, role: toRole, taxCode };
}

/** The bank account meant; the only one where none is named. */
async function accountOf({ company, deps, options }: Asked): Promise<BankAccount> {
  if (options.account !== undefined) return findBankAccount(deps.sql, company.id, options.account);
  const all = await listBankAccounts(deps.sql, company.id);
  const [only] = all;
  if (only && all.length === 1) return only;
  throw new UsageError(
    `name the bank account with --account; there is: ${all.map(({ name }) => name).join(', ') || 'none'}`,
  );
}

function formatOf({ format }: BankOptions): BankFormat | undefined {
  const found = BANK_FORMATS.find((each) => each === format);
  if (format === undefined || found) return found;
  throw new UsageError(`there is no format "${format}"; there is: ${BANK_FORMATS.join(', ')}`);
}

async function mapOf({ map }: BankOptions, terminal: Pick<Terminal, 'read'>): Promise<CsvMap | undefined> {
  if (map === undefined) return undefined;
  const parsed = csvMap.safeParse(parseExactJson((await readInput(map, terminal)).toString('utf8'), map));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'map'} ${message}`);
  throw new UsageError(`the column map "${map}" cannot be used: ${inOneLine(problems.join('; '))}`);
}

function given(value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`this action needs a ${what}`);
}

function idGiven(value: string | undefined, what: string): bigint {
  if (/^\d{1,18}$/.test(value ?? '')) return BigInt(value as string);
  throw new UsageError(`"${value ?? ''}" is not the number of a ${what}`);
}
