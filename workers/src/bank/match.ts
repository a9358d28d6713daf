import { type BankCandidate, type BankChoice, type BankFacts, DomainError, matchBankLine } from '@daybook/domain';
import { type BankAccount, listBankAccounts } from '@daybook/ledger/bank/accounts';
import { bankCandidates } from '@daybook/ledger/bank/candidates';
import { bankLines, type LineMatch, matchesOf } from '@daybook/ledger/bank/lines';
import { bankRules } from '@daybook/ledger/bank/rules';
import { loadBooks } from '@daybook/ledger/company';
import type { WorkerDeps } from '../deps.ts';
import { describe } from '../failure.ts';
import { type Deciding, postText, settleLine } from './decide.ts';
import { noteOpenLines } from './open-lines.ts';

/** What became of the open lines of an account. */
export interface Matched {
  account: string;
  looked: number;
  matched: number;
  suggested: number;
  unmatched: number;
}

export interface MatchWish {
  /** Only this account. */
  account?: BankAccount | undefined;
  by: string;
  tell?: ((done: number, of: number) => void) | undefined;
}

/**
 * Looks at every open line, oldest first: what is certain is settled, what resembles something becomes a
 * suggestion, and what is left is one issue per account. Safe to repeat at any time, and beside another worker.
 */
export async function matchOpenLines(companyId: string, { account, by, tell }: MatchWish, deps: WorkerDeps) {
  const all = await listBankAccounts(deps.sql, companyId);
  const done: Matched[] = [];
  for (const each of all.filter(({ id }) => account === undefined || id === account.id)) {
    done.push(await matchAccount(each, by, deps, tell));
    await noteOpenLines(each, deps);
  }
  return done;
}

/** Looks at the open lines of every company; one company's fault does not stop the others. */
export async function matchAll(deps: WorkerDeps): Promise<void> {
  const companies = await deps.sql<{ id: string }[]>`
    select distinct company_id as id from bank_lines where state in ('unmatched', 'suggested')`;
  for (const { id } of companies) {
    try {
      await matchOpenLines(id, { by: 'Daybook' }, deps);
    } catch (error) {
      deps.log.warn({ stage: 'match', company: id, error: describe(error) }, 'upkeep.failed');
    }
  }
}

async function matchAccount(
  account: BankAccount,
  by: string,
  deps: WorkerDeps,
  tell: MatchWish['tell'],
): Promise<Matched> {
  const { companyId, id, name } = account;
  const lines = await bankLines(deps.sql, companyId, { bankAccountId: id, state: 'open' });
  const told: Matched = { account: name, looked: lines.length, matched: 0, suggested: 0, unmatched: 0 };
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last) return told;
  const facts = await factsFor(account, { from: first.bookedOn, to: last.bookedOn }, deps);
  const known = Map.groupBy(
    await matchesOf(
      deps.sql,
      lines.map((line) => line.id),
    ),
    (match) => match.lineId,
  );
  let { candidates } = facts;
  for (const [index, line] of lines.entries()) {
    const own = known.get(line.id) ?? [];
    const { outcome, taken } = await matchOne({ account, line, by, deps }, { ...facts, candidates }, own);
    told[outcome] += 1;
    candidates = candidates.filter((each) => !taken.has(`${each.kind} ${each.id}`));
    if (index % 100 === 99) tell?.(index + 1, lines.length);
  }
  return told;
}

async function factsFor(account: BankAccount, around: { from: string; to: string }, deps: WorkerDeps) {
  const { companyId, id, currency } = account;
  const [candidates, rules, { taxCodes }] = await Promise.all([
    bankCandidates(deps.sql, account, around),
    bankRules(deps.sql, companyId, id),
    loadBooks(deps.sql, companyId),
  ]);
  return { candidates, rules, taxCodes, currency };
}

type Outcome = { outcome: 'matched' | 'suggested' | 'unmatched'; taken: Set<string> };

async function matchOne(
  deciding: Deciding,
  facts: Omit<BankFacts, 'refused'> & { candidates: readonly BankCandidate[] },
  own: readonly LineMatch[],
): Promise<Outcome> {
  const refused = new Set(own.filter(({ state }) => state !== 'suggested').map(({ subject }) => subject));
  const { sure, likely } = matchBankLine(deciding.line, { ...facts, refused });
  const suggestions = sure ? await settled(deciding, sure) : likely;
  if (suggestions === null) return { outcome: 'matched', taken: claimsOf((sure as BankChoice).subject) };
  await suggest(deciding, suggestions, own);
  return { outcome: suggestions.length > 0 ? 'suggested' : 'unmatched', taken: new Set<string>() };
}

/** Null when it is settled; what the books refuse is left to a person, with their words. */
async function settled(deciding: Deciding, sure: BankChoice): Promise<BankChoice[] | null> {
  try {
    await settleLine(deciding, sure);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return [{ ...sure, why: `${sure.why}, but ${error.message}` }];
  }
}

/** Candidates that a subject uses up. */
function claimsOf(subject: string): Set<string> {
  const [kind = '', ids = ''] = subject.split(' ');
  return new Set(ids.split('+').map((id) => `${kind === 'items' ? 'item' : kind} ${id}`));
}

/** Puts suggestions in the place of those that were there; nothing is written where they are the same. */
async function suggest({ line, by, deps }: Deciding, choices: readonly BankChoice[], own: readonly LineMatch[]) {
  const before = own.filter(({ state }) => state === 'suggested');
  const key = (each: Pick<BankChoice, 'subject' | 'why' | 'score'>) => `${each.subject} ${each.score} ${each.why}`;
  const state = choices.length > 0 ? 'suggested' : 'unmatched';
  if (line.state === state && before.map(key).join('\n') === choices.map(key).join('\n')) return;
  await deps.sql.begin(async (tx) => {
    const [open] = await tx`
      select 1 from bank_lines where id = ${line.id} and state in ('unmatched', 'suggested') for update`;
    if (!open) return;
    await tx`delete from bank_matches where line_id = ${line.id} and state = 'suggested'`;
    for (const { subject, why, score, post } of choices) {
      await tx`
        insert into bank_matches (company_id, line_id, state, subject, why, score, post, decided_by, decided_at)
        values (${line.companyId}, ${line.id}, 'suggested', ${subject}, ${why}, ${score}, ${postText(post)}::jsonb, ${by},
          ${deps.clock()})`;
    }
    await tx`update bank_lines set state = ${state} where id = ${line.id}`;
  });
}
