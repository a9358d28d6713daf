import { BANK_FORMATS, type CsvMap, csvMap } from '@daybook/domain';
import { type BankAccount, createBankAccount, findBankAccount, listBankAccounts } from '@daybook/ledger/bank/accounts';
import { bankReconciliation } from '@daybook/ledger/reports';
import { importBankFile } from '@daybook/workers/bank/import';
import { matchOpenLines } from '@daybook/workers/bank/match';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { companyNamed } from './companies.ts';
import { givenDay, idText, minorText, route } from './route.ts';

const short = z.string().trim().min(1).max(200);
const ofCompany = z.object({ company: z.string().min(1) });
const ofAccount = z.object({ account: z.string().min(1) });
const byWhom = z.string().trim().min(1).max(200).default('API');

const accountAnswer = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  account: z.string(),
  number: z.string().nullable(),
  currency: z.string(),
  csvMap: z.unknown(),
});

async function accountNamed({ sql }: ApiContext, company: string, named: string): Promise<BankAccount> {
  return findBankAccount(sql, await companyNamed(sql, company), named);
}

export const listBankAccountsRoute = route({
  method: 'get',
  path: '/bank-accounts',
  summary: 'Bank accounts whose statements are imported',
  query: ofCompany,
  answer: z.object({ bankAccounts: z.array(accountAnswer) }),
  handle: async ({ query }, { sql }) => ({
    bankAccounts: await listBankAccounts(sql, await companyNamed(sql, query.company)),
  }),
});

export const addBankAccount = route({
  method: 'post',
  path: '/bank-accounts',
  summary: 'Add a bank account over the ledger account of a role',
  query: ofCompany,
  body: z.strictObject({
    name: short,
    role: short.default('bank.main'),
    number: short.nullable().optional(),
    currency: z.string().length(3).optional(),
    csvMap: csvMap.nullable().optional(),
  }),
  answer: accountAnswer,
  async handle({ query, body }, { sql, clock }) {
    const companyId = await companyNamed(sql, query.company);
    return sql.begin((tx) =>
      createBankAccount(tx, companyId, body as typeof body & { csvMap?: CsvMap | null }, clock()),
    );
  },
});

const matched = z.object({
  account: z.string(),
  looked: z.number(),
  matched: z.number(),
  suggested: z.number(),
  unmatched: z.number(),
});

export const addBankStatements = route({
  method: 'post',
  path: '/bank-accounts/{account}/statements',
  summary: 'Import a file (base64) of CAMT.053, MT940, OFX or CSV and match its lines; with dryRun nothing is kept',
  params: ofAccount,
  query: ofCompany,
  body: z.strictObject({
    file: z.base64(),
    format: z.enum(BANK_FORMATS).optional(),
    map: csvMap.optional(),
    dryRun: z.boolean().default(false),
    by: byWhom,
  }),
  answer: z.object({
    format: z.enum(BANK_FORMATS),
    map: z.unknown(),
    statements: z.array(
      z.object({
        outcome: z.enum(['imported', 'exists', 'other_account']),
        account: z.string().nullable(),
        number: z.string().nullable(),
        closesOn: z.string().nullable(),
        opening: minorText.nullable(),
        closing: minorText.nullable(),
        lines: z.number(),
        fresh: z.number(),
      }),
    ),
    matching: matched.nullable(),
  }),
  async handle({ params, query, body }, context) {
    const account = await accountNamed(context, query.company, params.account);
    return importBankFile(account, { ...body, bytes: Buffer.from(body.file, 'base64') }, context.deps);
  },
});

export const addBankMatching = route({
  method: 'post',
  path: '/bank-accounts/{account}/match',
  summary: 'Look at the open lines of a bank account again',
  params: ofAccount,
  query: ofCompany,
  body: z.strictObject({ by: byWhom }),
  answer: z.object({ matching: z.array(matched) }),
  async handle({ params, query, body }, context) {
    const account = await accountNamed(context, query.company, params.account);
    return { matching: await matchOpenLines(account.companyId, { account, by: body.by }, context.deps) };
  },
});

export const showBankReconciliation = route({
  method: 'get',
  path: '/bank-accounts/{account}/reconciliation',
  summary: 'Bank and books on each day a statement closes, and every line that only one of them has',
  params: ofAccount,
  query: ofCompany.extend({ from: givenDay.optional(), to: givenDay.default('9999-12-31') }),
  answer: z.object({
    currency: z.string(),
    days: z.array(
      z.object({
        date: z.string(),
        statement: minorText,
        ledger: minorText,
        difference: minorText,
        openingDifference: minorText,
        missing: minorText,
        notBooked: z.array(
          z.object({ id: idText, bookedOn: z.string(), amount: minorText, state: z.string(), text: z.string() }),
        ),
        notShown: z.array(
          z.object({
            entryId: idText,
            entry: z.string(),
            postingDate: z.string(),
            amount: minorText,
            memo: z.string(),
          }),
        ),
      }),
    ),
  }),
  async handle({ params, query }, context) {
    const account = await accountNamed(context, query.company, params.account);
    return { currency: account.currency, days: await bankReconciliation(context.sql, account, query) };
  },
});
