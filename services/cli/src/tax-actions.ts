import { formatMinor, taxPeriod } from '@daybook/domain';
import { putTaxCode, type TaxCodeRow, taxCodeRow, taxCodeRows } from '@daybook/ledger/tax/codes';
import { draftReturn, fileReturn } from '@daybook/ledger/tax/filing';
import type { TaxForm } from '@daybook/ledger/tax/prepared';
import { type ReturnRow, returnsOf } from '@daybook/ledger/tax/returns';
import { withdrawReturn } from '@daybook/ledger/tax/withdraw';
import type { WorkerDeps } from '@daybook/workers/deps';
import { mend } from '@daybook/workers/mend';
import type { CompanyRow } from './database.ts';
import { drawTable } from './table.ts';
import { UsageError } from './terminal.ts';

/** What an action is handed besides its values. */
export interface TaxContext {
  company: CompanyRow;
  deps: WorkerDeps;
  by: string;
  reason: string | undefined;
  form: TaxForm;
  hash: string | undefined;
  code: {
    rate?: string | undefined;
    label?: string | undefined;
    output?: string | undefined;
    input?: string | undefined;
    revenue?: string | undefined;
    boxes?: string | undefined;
    reverseCharge?: boolean | undefined;
  };
}

interface Done {
  answer: unknown;
  text: string;
}

interface TaxAction {
  usage: string;
  what: string;
  run(value: string | undefined, context: TaxContext): Promise<Done>;
}

/** Everything `daybook tax` can do, by name. */
export const taxActions: Readonly<Record<string, TaxAction>> = {
  list: { usage: '', what: 'returns: drafts, filed ones, those taken back', run: list },
  draft: { usage: '<period>', what: 'keep a draft and tell what stands against filing', run: draft },
  file: { usage: '<period>', what: 'file: settle the taxes and lock the days for taxes', run: file },
  withdraw: { usage: '<number>', what: 'take a filed return back, with --reason', run: withdraw },
  codes: { usage: '', what: 'tax codes, their boxes and accounts', run: codes },
  code: { usage: '<code>', what: 'add a tax code or change it', run: code },
};

async function list(_value: string | undefined, { company, deps }: TaxContext): Promise<Done> {
  const returns = await returnsOf(deps.sql, company.id);
  const rows = returns.map((row) => [
    ...[String(row.id), row.regime, `${row.startsOn} to ${row.endsOn}`, String(row.version), row.state],
    ...[formatMinor(row.due, company.currency), row.entry ? `${row.entry.fiscalYear}/${row.entry.number}` : ''],
  ]);
  const head = ['Number', 'Form', 'Period', 'Version', 'State', 'Due', 'Entry'];
  return { answer: { returns }, text: drawTable(head, rows, [0, 3, 5]) };
}

async function draft(value: string | undefined, { company, deps, form }: TaxContext): Promise<Done> {
  const wish = { form, period: taxPeriod(needed(value, 'period')) };
  const answer = await draftReturn(deps.sql, company.id, wish, { now: deps.clock() });
  const { draft: row, problems } = answer;
  const found = problems.map(({ message }) => `${message}\n`).join('');
  const text = `${told(row, company)} It is a draft; --hash ${row.hash} files exactly these figures.\n${found}`;
  return { answer, text };
}

async function file(value: string | undefined, { company, deps, form, hash, by, reason }: TaxContext): Promise<Done> {
  const wish = { form, period: taxPeriod(needed(value, 'period')), hash };
  const answer = await fileReturn(deps.sql, company.id, wish, { by, reason, now: deps.clock() });
  const { entry, endsOn } = answer;
  const booked = entry ? `settled by entry ${entry.fiscalYear}/${entry.number}` : 'without anything to settle';
  const text = `${told(answer, company)} It is filed, ${booked}; taxes are locked up to ${endsOn}.\n`;
  return { answer, text };
}

async function withdraw(value: string | undefined, { company, deps, by, reason }: TaxContext): Promise<Done> {
  const id = needed(value, 'number');
  if (!/^\d{1,18}$/.test(id)) throw new UsageError(`"${id}" is not the number of a return; see daybook tax list`);
  const answer = await withdrawReturn(deps.sql, company.id, BigInt(id), { by, reason, now: deps.clock() });
  return { answer, text: `${told(answer, company)} It is taken back.\n` };
}

async function codes(_value: string | undefined, { company, deps }: TaxContext): Promise<Done> {
  const rows = await taxCodeRows(deps.sql, company.id);
  return { answer: { codes: rows }, text: codeTable(rows) };
}

async function code(value: string | undefined, { company, deps, code: asked }: TaxContext): Promise<Done> {
  const { output, input, revenue, boxes, ...rest } = asked;
  const change = {
    ...{ code: needed(value, 'code'), ...rest, accounts: { output, input, revenue } },
    ...(boxes !== undefined && { boxes: boxesIn(boxes) }),
  };
  const { resumed } = await mend(company.id, 'TAX_UNRESOLVED', (tx) => putTaxCode(tx, company.id, change), deps);
  const row = await taxCodeRow(deps.sql, company.id, change.code);
  return { answer: { ...row, resumed }, text: `${codeTable([row])}${resumed} events go on.\n` };
}

/** "net_out=6,tax_out=1,net_in=6+7" as boxes by kind; "default" = those of the country's return. */
function boxesIn(text: string): Record<string, string[]> | null {
  if (text === 'default') return null;
  const pairs = text === 'none' ? [] : text.split(',').map((pair) => pair.split('='));
  for (const [kind = '', named = ''] of pairs) {
    if (!/^(net|tax)_(out|in)$/.test(kind) || named === '')
      throw new UsageError(`--boxes "${text}" is not like net_out=6,tax_out=1,net_in=6+7, none or default`);
  }
  return Object.fromEntries(pairs.map(([kind, named = '']) => [kind, named.split('+')]));
}

function codeTable(rows: readonly TaxCodeRow[]): string {
  const head = ['Code', 'Rate', 'Label', 'Boxes', 'Output', 'Input', 'Revenue'];
  const boxes = (row: TaxCodeRow) =>
    row.boxes === null
      ? 'not decided'
      : Object.entries(row.boxes)
          .map(([kind, named]) => `${kind} ${named.join('+')}`)
          .join(', ') || 'none';
  return drawTable(
    head,
    rows.map((row) => [
      ...[row.code, row.rate ?? '', row.label, boxes(row)],
      ...[row.accounts.output ?? '', row.accounts.input ?? '', row.accounts.revenue ?? ''],
    ]),
    [1],
  );
}

function told({ id, regime, startsOn, endsOn, due }: ReturnRow, { currency }: CompanyRow): string {
  const whose = due < 0n ? 'due from the authority' : 'due';
  return `Return ${id} (${regime}) of ${startsOn} to ${endsOn}: ${currency} ${formatMinor(due < 0n ? -due : due, currency)} ${whose}.`;
}

function needed(value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`name the ${what}; \`daybook tax --help\` shows how`);
}
