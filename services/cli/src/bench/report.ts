import {
  balanceSheet,
  generalLedger,
  incomeStatement,
  salesByChannel,
  taxReturn,
  trialBalance,
} from '@daybook/ledger/reports';
import type { Bench, Findings, Row } from './bench.ts';
import { fillJournal } from './many-lines.ts';
import { median } from './rounds.ts';
import { openStage } from './stage.ts';

const RUNS = 11;
/** Lines at which performance.md sets its goal for reports. */
const GOAL_LINES = 5_000_000;

interface Timed {
  shape: string;
  run(): Promise<unknown>;
}

/** Reports of a company with a year of many lines: what sums of days are kept for. */
export async function benchReport(bench: Bench): Promise<Findings> {
  const { sql } = bench.database;
  const { reportLines: lines } = bench.size;
  const { companyId } = await openStage(bench, 'report');
  bench.tell(`reports, filling a journal with ${lines.toLocaleString('en')} lines`);
  await fillJournal(sql, companyId, lines);
  const year = await rangeOf(bench, companyId);
  const account = await busiest(bench, companyId);
  const halfway = await cursorAt(bench, companyId, account);
  const reports: Timed[] = [
    { shape: 'trial balance of the year', run: () => trialBalance(sql, companyId, year) },
    {
      shape: 'trial balance, second half of the year',
      run: () => trialBalance(sql, companyId, { ...year, from: halfway.postingDate }),
    },
    {
      shape: 'page of 100 lines, halfway down a sheet',
      run: () => generalLedger(sql, companyId, { ...year, account, after: halfway, limit: 100 }),
    },
    { shape: 'tax return of the year', run: () => taxReturn(sql, companyId, year) },
    { shape: 'income statement of the year', run: () => incomeStatement(sql, companyId, year) },
    { shape: 'balance sheet', run: () => balanceSheet(sql, companyId, { to: year.to }) },
    { shape: 'sales by channel of the year', run: () => salesByChannel(sql, companyId, year) },
  ];
  const rows: Row[] = [];
  for (const report of reports) {
    bench.tell(`reports, ${report.shape}`);
    const values = await timesOf(report);
    const shape = `${report.shape}, ${lines.toLocaleString('en')} lines`;
    rows.push({ benchmark: 'report', shape, unit: 'ms', values, p99Ms: null, ratio: null, over: '' });
  }
  const { difference } = await trialBalance(sql, companyId, year);
  const balance = median(rows[0]?.values ?? []);
  const p11 = {
    id: 'P11',
    goal: 'trial balance of one company ≤ 2 ms at 5 M lines',
    measured: `${balance.toFixed(1)} ms`,
  };
  return {
    rows,
    goals: lines < GOAL_LINES ? [] : [{ ...p11, met: balance <= 2 }],
    checks: [
      { what: `debits and credits of the trial balance differ by ${difference}`, ok: difference === 0n },
      ...(await summed(bench, companyId)),
    ],
  };
}

async function timesOf({ run }: Timed): Promise<number[]> {
  const values: number[] = [];
  for (let round = 0; round <= RUNS; round += 1) {
    const started = performance.now();
    await run();
    if (round > 0) values.push(performance.now() - started);
  }
  return values;
}

async function rangeOf({ database }: Bench, companyId: string): Promise<{ from: string; to: string }> {
  const [year] = await database.sql<{ from: string; to: string }[]>`
    select min(posting_date) as from, max(posting_date) as to from journal_entries where company_id = ${companyId}`;
  return year ?? { from: '0001-01-01', to: '9999-12-31' };
}

async function busiest({ database }: Bench, companyId: string): Promise<string> {
  const [row] = await database.sql<{ account: string }[]>`
    select account from account_days where company_id = ${companyId}
    group by account order by sum(lines) desc, account limit 1`;
  return row?.account ?? '';
}

async function cursorAt({ database }: Bench, companyId: string, account: string) {
  const [row] = await database.sql<{ postingDate: string; entryId: bigint; lineNo: number }[]>`
    select posting_date as "postingDate", entry_id as "entryId", line_no as "lineNo" from journal_lines
    where company_id = ${companyId} and account = ${account} order by posting_date, entry_id
    offset (select sum(lines) / 2 from account_days where company_id = ${companyId} and account = ${account}) limit 1`;
  if (!row) throw new Error(`Account ${account} of the bench has no lines.`);
  return row;
}

/** Whether the sums kept come to what the lines come to. */
async function summed({ database }: Bench, companyId: string) {
  const [sums] = await database.sql<{ kept: bigint; lines: bigint }[]>`
    select (select sum(debit) from account_days where company_id = ${companyId})::bigint as kept,
      (select sum(debit) from journal_lines where company_id = ${companyId})::bigint as lines`;
  const ok = sums !== undefined && sums.kept === sums.lines;
  return [{ what: `sums of days are debits of ${sums?.kept}, lines ${sums?.lines}`, ok }];
}
