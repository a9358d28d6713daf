import { DomainError, postingFor } from '@daybook/domain';
import { matchesOf } from '@daybook/ledger/bank/lines';
import { checkTarget } from '@daybook/ledger/bank/rules';
import { loadBooks } from '@daybook/ledger/company';
import { type Deciding, settleLine } from './decide.ts';
import { noteOpenLines } from './open-lines.ts';

/** What a person books a line on, where nothing that was suggested is right; the tax is in the amount. */
export interface ByHand {
  account?: string | undefined;
  role?: string | undefined;
  taxCode?: string | undefined;
  /** Whose item, and which: needed on the accounts of the invoice ledger. */
  party?: string | undefined;
  document?: string | undefined;
}

/**
 * Confirms a suggestion of a line: the one named by its id, which may be one that was refused or undone before, else
 * the only one. Throws BANK_LINE_REFUSED when there is none, or several to choose from, and what the books refuse.
 */
export async function confirmLine(deciding: Deciding, suggestion: bigint | undefined): Promise<void> {
  const { line, deps, account } = deciding;
  const known = (await matchesOf(deps.sql, [line.id])).filter(({ state }) => state !== 'matched');
  const all = known.filter(({ state }) => state === 'suggested');
  const chosen = suggestion === undefined ? all : known.filter(({ id }) => id === suggestion);
  const [choice] = chosen;
  if (!choice || chosen.length > 1) {
    const there = all.map(({ id, subject, why }) => `${id} (${subject}: ${why})`).join('; ') || 'none';
    const message = `Say which suggestion of bank line ${line.id} is right. There is: ${there}. Or book it on an account.`;
    throw new DomainError('BANK_LINE_REFUSED', message, String(line.id));
  }
  await settleLine(deciding, choice);
  await noteOpenLines(account, deps);
}

/**
 * Books a line on an account or role. Throws BANK_LINE_REFUSED, ACCOUNT_UNRESOLVED, TAX_UNRESOLVED and what posting
 * throws.
 */
export async function bookLine(deciding: Deciding, { taxCode, ...target }: ByHand): Promise<void> {
  const { line, deps, account } = deciding;
  await checkTarget(deps.sql, account.companyId, { ...target, taxCode });
  const { taxCodes } = await loadBooks(deps.sql, account.companyId);
  const post = [postingFor(line.amount, target, taxCode, taxCodes)];
  await settleLine(deciding, { subject: 'by hand', score: 100, why: 'booked by hand', post });
  await noteOpenLines(account, deps);
}
