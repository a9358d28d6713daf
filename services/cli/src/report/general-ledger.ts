import { formatMinor } from '@daybook/domain';
import { generalLedger, type LedgerAccount, type LedgerLine, trialBalance } from '@daybook/ledger/reports';
import type { Queryable } from '@daybook/platform/db';
import type { CompanyRow } from '../database.ts';
import { drawTable } from '../table.ts';
import { json } from '../terminal.ts';
import { csvLine, type Format, type Printed, type Range, titleOf } from './printed.ts';

/** Lines read at once. */
const PAGE = 2_000;

const HEAD = ['Date', 'Number', 'Type', 'Text', 'Counter accounts', 'Debit', 'Credit', 'Balance'];

/** Account sheets (accounting.md H2), page by page: of one account, or of all that have lines or a balance. */
export async function* printGeneralLedger(sql: Queryable, company: CompanyRow, range: Range, format: Format): Printed {
  if (format === 'csv') yield csvLine(['Account', 'Name', ...HEAD]);
  else if (format === 'json')
    yield `{"company":${JSON.stringify(company.slug)},"currency":"${company.currency}","pages":[`;
  else yield `${titleOf(company, range, 'general ledger')}\n`;
  let isFirst = true;
  for (const account of await accountsOf(sql, company, range)) {
    for await (const page of pagesOf(sql, company, { ...range, account })) {
      if (format === 'json') yield `${isFirst ? '' : ','}\n${json(page).trimEnd()}`;
      else if (format === 'csv') yield csvOf(page);
      else yield tableOf(page);
      isFirst = false;
    }
  }
  if (format === 'json') yield '\n]}\n';
  return null;
}

async function accountsOf(sql: Queryable, company: CompanyRow, range: Range): Promise<string[]> {
  if (range.account !== undefined) return [range.account];
  const { rows } = await trialBalance(sql, company.id, range);
  return rows.map(({ account }) => account);
}

async function* pagesOf(sql: Queryable, company: CompanyRow, range: Range & { account: string }) {
  let after: LedgerAccount['cursor'] = null;
  do {
    const page: LedgerAccount = await generalLedger(sql, company.id, { ...range, after, limit: PAGE });
    yield page;
    after = page.cursor;
  } while (after !== null);
}

function csvOf({ account, name, opening, lines, closing, currency, from, to, cursor }: LedgerAccount): string {
  const show = (minor: bigint) => formatMinor(minor, currency);
  const carried = (day: string, text: string, minor: bigint) =>
    csvLine([account, name, day, '', '', text, '', '', '', show(minor)]);
  return [
    carried(from ?? '', 'Opening', opening),
    ...lines.map((line) => csvLine([account, name, ...fieldsOf(line, currency)])),
    cursor === null ? carried(to, 'Closing', closing) : '',
  ].join('');
}

function tableOf({ account, name, opening, lines, closing, currency, cursor }: LedgerAccount): string {
  const carried = (text: string, minor: bigint) => ['', '', '', text, '', '', '', formatMinor(minor, currency)];
  const rows = [
    carried('Opening', opening),
    ...lines.map((line) => fieldsOf(line, currency)),
    ...(cursor === null ? [carried('Closing', closing)] : []),
  ];
  return `\n${account} ${name}\n${drawTable(HEAD, rows, [5, 6, 7])}`;
}

function fieldsOf(line: LedgerLine, currency: string): string[] {
  const side = (minor: bigint) => (minor === 0n ? '' : formatMinor(minor, currency));
  return [
    line.postingDate,
    `${line.fiscalYear}/${line.number}`,
    line.entryType,
    line.memo,
    line.counterAccounts.join(' '),
    side(line.debit),
    side(line.credit),
    formatMinor(line.balance, currency),
  ];
}
