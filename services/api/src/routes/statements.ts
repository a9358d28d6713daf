import {
  balanceSheet,
  CHANNEL_FIGURES,
  CLEARING_FIGURES,
  COUNTERPARTS,
  cashFlow,
  clearingStatement,
  FIGURE_REPORTS,
  figureLines,
  generalLedger,
  incomeStatement,
  REGISTER_NAMES,
  registerReport,
  type Scope,
  salesByChannel,
} from '@daybook/ledger/reports';
import type { Queryable } from '@daybook/platform/db';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { companyNamed } from './companies.ts';
import { givenDay, idText, minorText, type Route, route } from './route.ts';

/** What every report can be asked: whose, which days, and only one channel. */
export const reportScope = z.object({
  company: z.string().min(1),
  from: givenDay.optional(),
  to: givenDay.default('9999-12-31'),
  channel: z.string().optional(),
  /** A closed year before or after its result was transferred. */
  closing: z.enum(['before', 'after']).default('before'),
});

const heading = { currency: z.string(), from: z.string().nullable(), to: z.string() };
const statementRow = z.object({ account: z.string(), name: z.string(), amount: minorText });
const part = z.object({ rows: z.array(statementRow), total: minorText });

/** Amounts by name, all of them always there. */
function amounts<Name extends string>(names: readonly Name[]) {
  const shape = Object.fromEntries(names.map((name) => [name, minorText])) as Record<Name, typeof minorText>;
  return z.object(shape);
}

/** A report as a route: `GET /reports/<name>`, amounts in minor units as text. */
function report<Answer extends z.ZodType, More extends z.ZodRawShape>(
  name: string,
  { summary, answer, more }: { summary: string; answer: Answer; more?: More },
  load: (sql: Queryable, companyId: string, asked: Scope & z.output<z.ZodObject<More>>) => Promise<z.input<Answer>>,
): Route {
  const query = reportScope.extend(more ?? {});
  return route({
    method: 'get',
    path: `/reports/${name}`,
    summary,
    query,
    answer,
    handle: async ({ query: asked }, { sql }) =>
      load(sql, await companyNamed(sql, asked.company), asked as unknown as Scope & z.output<z.ZodObject<More>>),
  });
}

const incomeStatementReport = report(
  'income-statement',
  {
    summary: 'Income statement: revenue, cost of sales, gross profit, other income and expenses, profit',
    answer: z.object({
      ...heading,
      revenue: part,
      cost_of_sales: part,
      grossProfit: minorText,
      other_income: part,
      other_expenses: part,
      profit: minorText,
    }),
  },
  incomeStatement,
);

const balanceSheetReport = report(
  'balance-sheet',
  {
    summary: 'Balance sheet at the end of a day; zero difference = assets are liabilities and equity',
    answer: z.object({
      currency: z.string(),
      to: z.string(),
      assets: part,
      liabilities: part,
      equity: part,
      resultOfYear: minorText,
      earlierResults: minorText,
      totalEquity: minorText,
      difference: minorText,
    }),
  },
  balanceSheet,
);

const cashFlowReport = report(
  'cash-flow',
  {
    summary: 'Cash flow by counterpart (direct), and from the result (indirect)',
    answer: z.object({
      ...heading,
      cashAccounts: z.array(z.string()),
      opening: minorText,
      closing: minorText,
      direct: amounts([...COUNTERPARTS, 'change']),
      indirect: z.object({ profit: minorText, changes: z.array(statementRow), change: minorText }),
    }),
  },
  cashFlow,
);

const salesByChannelReport = report(
  'sales-by-channel',
  {
    summary: 'Sales, what was taken off them, and what stands beside them, per channel ("" = none)',
    answer: z.object({
      ...heading,
      channels: z.array(amounts(CHANNEL_FIGURES).extend({ channel: z.string() })),
      total: amounts(CHANNEL_FIGURES),
    }),
  },
  salesByChannel,
);

const clearingReport = report(
  'clearing-statement',
  {
    summary: 'Statement of every clearing account, in its currency and in the company currency',
    answer: z.object({
      ...heading,
      rows: z.array(
        z.object({
          account: z.string(),
          name: z.string(),
          currency: z.string(),
          amounts: amounts(CLEARING_FIGURES),
          worth: amounts(CLEARING_FIGURES),
        }),
      ),
    }),
  },
  clearingStatement,
);

const REGISTER_FIGURES = ['opening', 'issued', 'used', 'expired', 'open'] as const;

const registerReports = REGISTER_NAMES.map((register) =>
  report(
    register,
    {
      summary: `Register of ${register.replace('-', ' ')}: per card, customer or order what was issued, used and is open`,
      answer: z.object({
        ...heading,
        register: z.string(),
        rows: z.array(amounts(REGISTER_FIGURES).extend({ document: z.string(), party: z.string() })),
        total: amounts(REGISTER_FIGURES),
      }),
    },
    (sql, companyId, asked) => registerReport(sql, companyId, { ...asked, register }),
  ),
);

const cursorText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}_\d{1,18}_\d{1,5}$/, 'is not a cursor of this report')
  .transform((text) => {
    const [postingDate = '', entryId = '', lineNo = ''] = text.split('_');
    return { postingDate, entryId: BigInt(entryId), lineNo: Number(lineNo) };
  });

/** Which line of which entry it is. */
const ofEntry = {
  entryId: idText,
  lineNo: z.number(),
  fiscalYear: z.string(),
  number: z.number(),
  entryType: z.string(),
  postingDate: z.string(),
};

const generalLedgerReport = report(
  'general-ledger',
  {
    summary: 'Lines of an account with counter accounts and running balance, page by page',
    more: {
      account: z.string().min(1),
      cursor: cursorText.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    },
    answer: z.object({
      ...heading,
      account: z.string(),
      name: z.string(),
      opening: minorText,
      lines: z.array(
        z.object({
          ...ofEntry,
          memo: z.string(),
          channel: z.string().nullable(),
          debit: minorText,
          credit: minorText,
          balance: minorText,
          currency: z.string(),
          amountTc: minorText,
          role: z.string(),
          taxCode: z.string().nullable(),
          taxKind: z.string().nullable(),
          party: z.string().nullable(),
          document: z.string().nullable(),
          counterAccounts: z.array(z.string()),
        }),
      ),
      closing: minorText,
      cursor: z.string().nullable(),
    }),
  },
  async (sql, companyId, { cursor, ...asked }) => {
    const found = await generalLedger(sql, companyId, { ...asked, after: cursor ?? null });
    const at = found.cursor;
    return { ...found, cursor: at && `${at.postingDate}_${at.entryId}_${at.lineNo}` };
  },
);

const linesReport = report(
  'lines',
  {
    summary: 'Lines behind a figure of a report, with what each adds to it; `total` is the figure',
    more: {
      report: z.enum(FIGURE_REPORTS),
      figure: z.string().optional(),
      account: z.string().optional(),
      document: z.string().optional(),
      cursor: cursorText.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    },
    answer: z.object({
      currency: z.string(),
      total: minorText,
      lines: z.array(
        z.object({
          ...ofEntry,
          sourceKey: z.string(),
          memo: z.string(),
          channel: z.string().nullable(),
          account: z.string(),
          role: z.string(),
          debit: minorText,
          credit: minorText,
          taxCode: z.string().nullable(),
          taxKind: z.string().nullable(),
          party: z.string().nullable(),
          document: z.string().nullable(),
          eventId: idText.nullable(),
          amount: minorText,
        }),
      ),
      cursor: z.string().nullable(),
    }),
  },
  async (sql, companyId, { cursor, ...asked }) => {
    const found = await figureLines(sql, companyId, { ...asked, after: cursor ?? null }).catch((error: unknown) => {
      if (!(error instanceof RangeError)) throw error;
      throw new ApiError(400, 'INPUT_INVALID', `${error.message}.`, 'Name a figure as the report calls it.');
    });
    const at = found.cursor;
    return { ...found, cursor: at && `${at.postingDate}_${at.entryId}_${at.lineNo}` };
  },
);

/** Reports of accounting.md H beside trial balance and journal. */
export const statementRoutes: readonly Route[] = [
  generalLedgerReport,
  linesReport,
  incomeStatementReport,
  balanceSheetReport,
  cashFlowReport,
  salesByChannelReport,
  clearingReport,
  ...registerReports,
];
