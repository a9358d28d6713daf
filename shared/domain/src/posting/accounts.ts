import { DomainError } from '../domain-error.ts';
import type { Tender } from '../events.ts';
import type { Ground } from './facts.ts';

/** A role and the account that plays it. */
export interface Target {
  role: string;
  account: string;
}

/**
 * The account of the first role that has one (accounting.md A4). Throws ACCOUNT_UNRESOLVED naming the last, most
 * general role: the event waits, and is never booked to suspense.
 */
export function resolveRole(ground: Ground, ...roles: [string, ...string[]]): Target {
  for (const role of roles) {
    const account = ground.books.roles.get(role);
    if (account !== undefined) return { role, account };
  }
  const role = roles.at(-1) as string;
  throw new DomainError(
    'ACCOUNT_UNRESOLVED',
    `${ground.about}: no account plays the role ${role}. Choose one in the account mapping, then it is posted.`,
    role,
  );
}

/**
 * Where a tender's money sits (accounting.md C): cash in the drawer, gift cards and store credit on their liability,
 * bank transfers and cash on delivery on their clearing account, everything else with its processor. A processor has
 * one clearing account per currency.
 */
export function tenderTarget(tender: Tender, ground: Ground): Target {
  if (tender.kind === 'cash') return drawerTarget(ground);
  if (tender.kind === 'gift_card') return resolveRole(ground, 'giftcard.liability');
  if (tender.kind === 'store_credit') return resolveRole(ground, 'storecredit.liability');
  if (tender.kind === 'bank_transfer' || tender.kind === 'cash_on_delivery') {
    const role = `clearing.${tender.kind}`;
    return resolveRole(ground, `${role}.${ground.currency}`, role);
  }
  return clearingTarget(tender.processor ?? tender.kind, ground.currency, ground);
}

const DRAWER = 'cash.drawer';

/**
 * The cash account of the register an event names (accounting.md F1): `cash.drawer.<register>`, else `cash.drawer`. What
 * names no register belongs to the company's only one.
 */
export function drawerTarget(ground: Ground): Target {
  if (ground.register !== undefined) return resolveRole(ground, `${DRAWER}.${ground.register}`, DRAWER);
  const own = [...ground.books.roles.keys()].filter((role) => role.startsWith(`${DRAWER}.`));
  const [only] = own;
  return only !== undefined && own.length === 1 ? resolveRole(ground, only) : resolveRole(ground, DRAWER);
}

/** A processor's clearing account; it has one per currency, and never stands in for another currency's. */
export function clearingTarget(processor: string, currency: string, ground: Ground): Target {
  const role = `clearing.${processor}`;
  return resolveRole(ground, currency === ground.books.functionalCurrency ? role : `${role}.${currency}`);
}

/** The account of a role for the event's currency where the chart has one, else the one for all currencies. */
export function currencyTarget(role: string, ground: Ground): Target {
  if (ground.currency === ground.books.functionalCurrency) return resolveRole(ground, role);
  return resolveRole(ground, `${role}.${ground.currency}`, role);
}
