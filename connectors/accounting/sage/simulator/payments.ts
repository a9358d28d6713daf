import { abs, lesser, sum } from '@daybook/domain';
import { amount, type Json, Refused, ref } from './answer.ts';
import { DEBTORS } from './charts.ts';
import { amountOf, bankOf, contactOf, currencyOf, dateOf, listOf, optional, required } from './fields.ts';
import { head } from './sales.ts';
import type { Store } from './store.ts';
import { atHome, type Business, ledgerFor, outstanding, type Row } from './world.ts';

/** The longest reference of a payment. */
const LONGEST = 25;
const NOT_OPEN = 'You can only pay unpaid or part-paid invoices.';

/** What a booking changes: the new row, and the artefacts it settles. */
export interface Booking {
  row: Row;
  settled: Row[];
}

/** POST /contact_payments: a customer's money in, or back out. */
export function bookContactPayment(store: Store, business: Business, body: Json, now: number): Booking {
  const type = required(body, 'transaction_type_id');
  if (type !== 'CUSTOMER_RECEIPT' && type !== 'CUSTOMER_REFUND') {
    throw new Refused('is not included in the list', 'transaction_type_id');
  }
  if (business.plan === 'START' && type === 'CUSTOMER_REFUND') {
    throw new Refused('Refunds are not available in your subscription.', 'transaction_type_id');
  }
  const contact = contactOf(business, body, 'CUSTOMER');
  const bank = bankOf(business, body, 'bank_account_id');
  const date = dateOf(business, body);
  checkReference(body);
  const { currency, rate } = currencyOf(business, body);
  const total = amountOf(body, 'total_amount', currency);
  if (total <= 0n) throw new Refused('must be greater than 0', 'total_amount');
  const start = head(store, 'contact_payments', body, { date, currency, rate, now });
  const allocates = (Array.isArray(body.allocated_artefacts) ? (body.allocated_artefacts as Json[]) : []).map(
    (each) => ({
      artefact: required(each, 'artefact_id', 'allocated_artefacts.'),
      amount: amountOf(each, 'amount', currency, 'allocated_artefacts.'),
    }),
  );
  if (sum(allocates.map((each) => each.amount)) > total) {
    throw new Refused('The allocated amount exceeds the total.', 'allocated_artefacts');
  }
  const side = type === 'CUSTOMER_RECEIPT' ? 'debit' : 'credit';
  const settled = settle(business, contact.id, start.id, allocates, now, (row) => row.side === side);
  checkPlan(business, total, settled);
  const home = atHome(business, total, { currency, rate }) * (side === 'debit' ? 1n : -1n);
  const row: Row = {
    ...start,
    contact: contact.id,
    total,
    allocates,
    postings: [
      { ledger: bank.ledger, amount: home },
      { ledger: ledgerFor(business, DEBTORS).id, amount: -home },
    ],
    body: { transaction_type: { id: type }, bank_account: ref(bank.id, '', 'bank_accounts') },
  };
  return { row, settled };
}

/** The Start plan knows neither part payments nor money on account. */
function checkPlan({ plan }: Business, total: bigint, settled: readonly Row[]): void {
  if (plan !== 'START') return;
  if (settled.length === 1 && settled.every((row) => outstanding(row) === 0n && row.total === total)) return;
  throw new Refused('Part allocations are not available in your subscription.', 'allocated_artefacts');
}

/** POST /contact_allocations: what is owed both ways, set against each other. */
export function bookAllocation(store: Store, business: Business, body: Json, now: number): Booking {
  if (required(body, 'transaction_type_id') !== 'CUSTOMER_ALLOCATION') {
    throw new Refused('is not included in the list', 'transaction_type_id');
  }
  const contact = contactOf(business, body, 'CUSTOMER');
  const date = optional(body, 'date') === null ? new Date(now).toISOString().slice(0, 10) : dateOf(business, body);
  const parts = listOf(body, 'allocated_artefacts');
  const allocates = parts.map((each) => {
    const artefact = required(each, 'artefact_id', 'allocated_artefacts.');
    const currency = business.rows.get(artefact)?.currency ?? business.currency;
    return { artefact, amount: amountOf(each, 'amount', currency, 'allocated_artefacts.') };
  });
  if (allocates.length < 2 || sum(allocates.map((each) => each.amount)) !== 0n) {
    throw new Refused('The allocated amounts must sum to zero.', 'allocated_artefacts');
  }
  const start = head(store, 'contact_allocations', body, { date, currency: business.currency, rate: '1', now });
  const isSigned = (row: Row, minor: bigint) => (row.side === 'debit') === minor > 0n;
  const settled = settle(business, contact.id, start.id, allocates, now, isSigned);
  const total = sum(allocates.map((each) => abs(each.amount))) / 2n;
  const row: Row = {
    ...start,
    currency: settled[0]?.currency ?? business.currency,
    contact: contact.id,
    total,
    allocates,
    body: { transaction_type: { id: 'CUSTOMER_ALLOCATION' } },
  };
  return { row, settled };
}

/** The artefacts with what now settles them. Throws where one is not open for that much. */
function settle(
  business: Business,
  contact: string,
  by: string,
  allocates: Row['allocates'],
  now: number,
  fits: (row: Row, minor: bigint) => boolean,
): Row[] {
  return allocates.map(({ artefact, amount: minor }) => {
    const row = business.rows.get(artefact);
    if (!row || row.side === null) throw new Refused('The artefact could not be found.', 'artefact_id');
    if (row.contact !== contact) throw new Refused('The artefact belongs to another contact.', 'artefact_id');
    if (row.state !== 'live' || !fits(row, minor) || outstanding(row) === 0n) throw new Refused(NOT_OPEN);
    if (abs(minor) > outstanding(row)) {
      throw new Refused('The allocated amount exceeds the outstanding amount.', 'allocated_artefacts');
    }
    return { ...row, applied: [...row.applied, { by, amount: abs(minor) }], updatedAt: now };
  });
}

/** The artefacts of a payment or allocation that goes away, open again. */
export function released(business: Business, { id, allocates }: Row, now: number): Row[] {
  return allocates.flatMap(({ artefact }) => {
    const row = business.rows.get(artefact);
    return row ? [{ ...row, applied: row.applied.filter(({ by }) => by !== id), updatedAt: now }] : [];
  });
}

/** Throws for the reference of a payment that is too long. */
export function checkReference(body: Json): void {
  if ((optional(body, 'reference') ?? '').length <= LONGEST) return;
  throw new Refused(`is too long (maximum is ${LONGEST} characters)`, 'reference');
}

/** What settles an artefact, as it is answered with show_payments_allocations. */
export function shownSettlements(business: Business, row: Row): Json[] {
  return row.applied.map(({ by, amount: minor }) => {
    const other = business.rows.get(by);
    const isPayment = other?.resource === 'contact_payments';
    const link = { id: by, displayed_as: other?.name ?? '', $path: `/${other?.resource}/${by}` };
    return {
      displayed_as: other?.name ?? '',
      reference: other?.reference ?? '',
      date: other?.date,
      type: isPayment ? 'Payment' : 'Allocation',
      amount: amount(lesser(minor, row.total), row.currency),
      [isPayment ? 'contact_payment' : 'contact_allocation']: link,
    };
  });
}
