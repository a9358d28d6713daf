import { DomainError } from '../domain-error.ts';
import type { BankMovement, Journal, Opening } from '../events.ts';
import type { ResolvedLine } from '../journal-entry.ts';
import { resolveRole, type Target } from './accounts.ts';
import { type Leg, translated } from './entry.ts';
import type { Ground } from './facts.ts';
import { purchasedLegs } from './purchased.ts';
import { knownCode, outputRoles } from './tax-codes.ts';

/** What a person names an account by. */
interface Named {
  account?: string | undefined;
  role?: string | undefined;
}

/** The account a person named, with a role that it plays. Throws ACCOUNT_UNRESOLVED for a role nobody plays. */
export function namedTarget({ account, role }: Named, ground: Ground): Target {
  if (role !== undefined) return resolveRole(ground, role);
  const code = account as string;
  for (const [played, player] of ground.books.roles) if (player === code) return { role: played, account: code };
  return { role: 'account', account: code };
}

/**
 * Lines of a manual journal or of opening balances, as they were written; foreign ones at the rate of their day. Throws
 * SUBLEDGER_DETAIL_REQUIRED where a journal moves a sub-ledger account without saying whose item it is (accounting.md,
 * I9).
 */
export function journalEventLines({ type, lines, date }: Journal | Opening, ground: Ground): ResolvedLine[] {
  const legs = lines.map(({ amount, account, role, dueDate, ...detail }): Leg => {
    const leg = { ...namedTarget({ account, role }, ground), amountTc: amount, ...detail };
    if (type === 'journal') requireDetail(leg, ground);
    return dueDate === undefined ? leg : { ...leg, item: { dueDate } };
  });
  const money = legs.filter((leg) => leg.amountTc > 0n);
  return translated({ money, items: legs.filter((leg) => leg.amountTc <= 0n) }, date, ground);
}

/** Money on a sub-ledger account is somebody's, or for a document. */
function requireName(account: string, { party, document }: BankMovement['lines'][number], ground: Ground): void {
  if (!ground.books.subledgers?.has(account) || party || document) return;
  throw new DomainError(
    'SUBLEDGER_DETAIL_REQUIRED',
    `${ground.about}: a line on the sub-ledger account ${account} names neither party nor document. Add one of them.`,
    account,
  );
}

/** Refuses a line that a person writes on a sub-ledger account without party and document. */
function requireDetail({ account, party, document }: Leg, ground: Ground): void {
  if (!ground.books.subledgers?.has(account) || (party && document)) return;
  throw new DomainError(
    'SUBLEDGER_DETAIL_REQUIRED',
    `${ground.about}: a line on the sub-ledger account ${account} does not say whose item it is. Add party and document.`,
    account,
  );
}

/**
 * Lines of a movement on a bank account: money on one side, what it was for on the other. A taxed line is a sale where
 * money came in and a purchase where it went out.
 */
export function bankMovementLines(movement: BankMovement, ground: Ground): ResolvedLine[] {
  const money: Leg[] = [{ ...resolveRole(ground, movement.bank), amountTc: movement.amount }];
  const items = movement.lines.flatMap((line) => bankLegs(line, ground));
  return translated({ money, items }, movement.date, ground);
}

function bankLegs(line: BankMovement['lines'][number], ground: Ground): Leg[] {
  const { net, tax, taxCode, party, document, reference } = line;
  const target = namedTarget(line, ground);
  requireName(target.account, line, ground);
  const detail = { party, document, ...(reference !== undefined && { item: { reference } }) };
  // A discount that a customer took off a payment lowers the sale and its tax (accounting.md C19d).
  if (net < 0n && !target.role.startsWith('sales.')) {
    return purchasedLegs({ target, net: -net, tax: -tax, taxCode }, ground).map((leg) => ({ ...leg, ...detail }));
  }
  if (taxCode === undefined) return [{ ...target, amountTc: -net - tax, ...detail }];
  const code = knownCode(taxCode, ground);
  const sold: Leg = { ...target, amountTc: -net, taxCode: code, taxKind: 'net_out', ...detail };
  if (tax === 0n) return [sold];
  const output = resolveRole(ground, ...outputRoles(code, ground));
  return [sold, { ...output, amountTc: -tax, taxCode: code, taxKind: 'tax_out' }];
}

/** Whether the movement settles what a customer owes: then it is a receipt (RCT), else a bank entry (BNK). */
export function isReceipt(movement: BankMovement, ground: Ground): boolean {
  return movement.lines.some((line) => namedTarget(line, ground).role.startsWith('ar.control'));
}
