import type { BankPosting } from '@daybook/domain';
import { findBankAccount, listBankAccounts } from '@daybook/ledger/bank/accounts';
import { bankLine, bankLines, matchesOf, type StoredLine } from '@daybook/ledger/bank/lines';
import { addBankRule, bankRules, endBankRule } from '@daybook/ledger/bank/rules';
import { bookLine, confirmLine } from '@daybook/workers/bank/confirm';
import { type Deciding, ignoreLine, lineToDecide, rejectSuggestions, undoMatch } from '@daybook/workers/bank/decide';
import { z } from 'zod';
import type { ApiContext } from '../context.ts';
import { companyNamed } from './companies.ts';
import { givenDay, givenId, idText, minorText, route } from './route.ts';

const short = z.string().trim().min(1).max(200);
const ofCompany = z.object({ company: z.string().min(1) });
const ofLine = z.object({ id: givenId });
const byWhom = short.default('API');

const lineAnswer = z.object({
  id: idText,
  bankAccountId: z.string(),
  bookedOn: z.string(),
  valueOn: z.string().nullable(),
  amount: minorText,
  counterparty: z.string().nullable(),
  counterpartyAccount: z.string().nullable(),
  reference: z.string().nullable(),
  text: z.string(),
  bankId: z.string().nullable(),
  endToEndId: z.string().nullable(),
  state: z.enum(['unmatched', 'suggested', 'matched', 'ignored']),
  reason: z.string().nullable(),
  matches: z.array(
    z.object({
      id: idText,
      state: z.enum(['suggested', 'matched', 'rejected', 'undone']),
      subject: z.string(),
      why: z.string(),
      score: z.number(),
      entryId: idText.nullable(),
      decidedBy: z.string(),
      post: z
        .array(
          z.object({
            account: z.string().optional(),
            role: z.string().optional(),
            net: minorText,
            tax: minorText,
            taxCode: z.string().optional(),
            party: z.string().optional(),
            document: z.string().optional(),
          }),
        )
        .nullable(),
    }),
  ),
});

async function withMatches({ sql }: ApiContext, lines: readonly StoredLine[]) {
  const ids = lines.map(({ id }) => id);
  const all = (await matchesOf(sql, ids)).map((match) => ({ ...match, post: match.post as BankPosting[] | null }));
  const matches = Map.groupBy(all, ({ lineId }) => lineId);
  return lines.map((line) => ({ ...line, matches: matches.get(line.id) ?? [] }));
}

export const listBankLines = route({
  method: 'get',
  path: '/bank-lines',
  summary: 'Lines of bank statements by day, with what they are or may be; open are those neither matched nor ignored',
  query: ofCompany.extend({
    account: z.string().optional(),
    state: z.enum(['open', 'unmatched', 'suggested', 'matched', 'ignored']).optional(),
    from: givenDay.optional(),
    to: givenDay.optional(),
    cursor: givenId.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answer: z.object({ lines: z.array(lineAnswer), cursor: z.string().nullable() }),
  async handle({ query }, context) {
    const { company, account: named, cursor, ...filter } = query;
    const companyId = await companyNamed(context.sql, company);
    const account = named === undefined ? undefined : await findBankAccount(context.sql, companyId, named);
    const after = cursor === undefined ? undefined : BigInt(cursor);
    const found = await bankLines(context.sql, companyId, { ...filter, cursor: after, bankAccountId: account?.id });
    const last = found.length === query.limit ? found.at(-1) : undefined;
    return { lines: await withMatches(context, found), cursor: last === undefined ? null : String(last.id) };
  },
});

/** A decision about a line, answered with the line as it then stands. */
function decision<Body extends z.ZodObject>(
  step: string,
  summary: string,
  body: Body,
  act: (line: Deciding, body: z.output<Body>) => Promise<void>,
) {
  return route({
    method: 'post',
    path: `/bank-lines/{id}/${step}`,
    summary,
    params: ofLine,
    query: ofCompany,
    body: body.extend({ by: byWhom }),
    answer: lineAnswer,
    async handle({ params, query, body: given }, context) {
      const { sql, deps } = context;
      const companyId = await companyNamed(sql, query.company);
      const { by } = given as { by: string };
      const id = BigInt(params.id);
      await act(
        await lineToDecide(companyId, id, await listBankAccounts(sql, companyId), { by, deps }),
        given as z.output<Body>,
      );
      const [line] = await withMatches(context, [await bankLine(sql, companyId, id)]);
      return line as NonNullable<typeof line>;
    },
  });
}

const reason = z.strictObject({ reason: short.optional() });

export const confirmBankLine = decision(
  'confirm',
  'Confirm what is suggested for a line; say which where several are',
  z.strictObject({ suggestion: givenId.optional() }),
  (line, { suggestion }) => confirmLine(line, suggestion === undefined ? undefined : BigInt(suggestion)),
);
export const rejectBankLine = decision(
  'reject',
  'Refuse what is suggested for a line; it is not suggested again',
  z.strictObject({}),
  (line) => rejectSuggestions(line),
);
export const bookBankLine = decision(
  'book',
  'Book a line on an account or role; the tax of the code is in the amount',
  z.strictObject({
    account: short.optional(),
    role: short.optional(),
    taxCode: short.optional(),
    party: short.optional(),
    document: short.optional(),
  }),
  (line, { account, role, taxCode, party, document }) => bookLine(line, { account, role, taxCode, party, document }),
);
export const ignoreBankLine = decision(
  'ignore',
  'Leave a line out of the books; needs a reason',
  reason,
  (line, body) => ignoreLine(line, body.reason),
);
export const undoBankLine = decision(
  'undo',
  'Take a decision back: what was booked is reversed, the line is open again',
  reason,
  (line, body) => undoMatch(line, body.reason),
);

export const listBankRules = route({
  method: 'get',
  path: '/bank-rules',
  summary: 'Rules that book lines by themselves',
  query: ofCompany,
  answer: z.object({
    rules: z.array(
      z.object({
        id: idText,
        contains: z.string(),
        direction: z.enum(['in', 'out', 'both']),
        account: z.string().nullable(),
        role: z.string().nullable(),
        taxCode: z.string().nullable(),
        bankAccountId: z.string().nullable(),
        madeBy: z.string(),
      }),
    ),
  }),
  handle: async ({ query }, { sql }) => ({ rules: await bankRules(sql, await companyNamed(sql, query.company)) }),
});

export const addBankRuleRoute = route({
  method: 'post',
  path: '/bank-rules',
  summary: 'Book lines whose words contain a text on an account or role, from the next match on',
  query: ofCompany,
  body: z.strictObject({
    contains: short,
    direction: z.enum(['in', 'out', 'both']).default('both'),
    account: short.optional(),
    role: short.optional(),
    taxCode: short.optional(),
    bankAccount: short.optional(),
    by: byWhom,
  }),
  answer: z.object({ id: idText }),
  async handle({ query, body }, { sql, clock }) {
    const companyId = await companyNamed(sql, query.company);
    const { by, bankAccount, ...rule } = body;
    const own = bankAccount === undefined ? undefined : await findBankAccount(sql, companyId, bankAccount);
    return { id: await addBankRule(sql, companyId, { ...rule, bankAccountId: own?.id }, by, clock()) };
  },
});

export const endBankRuleRoute = route({
  method: 'post',
  path: '/bank-rules/{id}/end',
  summary: 'Apply a rule no more; what it booked stays',
  params: ofLine,
  query: ofCompany,
  answer: z.object({ done: z.literal(true) }),
  async handle({ params, query }, { sql, clock }) {
    await endBankRule(sql, await companyNamed(sql, query.company), BigInt(params.id), clock());
    return { done: true as const };
  },
});
