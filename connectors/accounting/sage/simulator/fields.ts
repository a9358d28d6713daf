import { parseMinor } from '@daybook/domain';
import { type Json, Refused } from './answer.ts';
import type { Bank, Ledger, TaxRate } from './charts.ts';
import type { Business, Contact } from './world.ts';

/** Text of a field, or null; numbers arrive as the text they were written with. */
export function optional(body: Json, name: string): string | null {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Text of a field that must be there. */
export function required(body: Json, name: string, under = ''): string {
  const value = optional(body, name);
  if (value === null) throw new Refused('This field is required.', `${under}${name}`);
  return value;
}

/** The objects of a list that must have at least one. */
export function listOf(body: Json, name: string): Json[] {
  const value = body[name];
  if (!Array.isArray(value) || value.length === 0) throw new Refused('This field is required.', name);
  return value as Json[];
}

/** Minor units of an amount that must be there. */
export function amountOf(body: Json, name: string, currency: string, under = ''): bigint {
  const value = required(body, name, under);
  try {
    return parseMinor(value, currency);
  } catch {
    throw new Refused('The amount is not valid.', `${under}${name}`);
  }
}

/** A day that is not locked. */
export function dateOf(business: Business, body: Json): string {
  const date = required(body, 'date');
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date))) throw new Refused('is not a date', 'date');
  checkOpen(business, date);
  return date;
}

/** Throws for a day up to and including the year-end lockdown date. */
export function checkOpen({ lockdown }: Business, date: string): void {
  if (lockdown === null || date > lockdown) return;
  throw new Refused('The date must be after the year end lockdown date.', 'date');
}

/** The contact a document names; of that type where one is asked for. */
export function contactOf(business: Business, body: Json, type?: 'CUSTOMER'): Contact {
  const contact = business.contacts.get(required(body, 'contact_id'));
  if (!contact) throw new Refused('The contact could not be found.', 'contact_id');
  if (type !== undefined && !contact.types.includes(type)) {
    throw new Refused('The contact must be a customer.', 'contact_id');
  }
  return contact;
}

/** The ledger account a line names. */
export function ledgerOf(business: Business, body: Json, under: string): Ledger {
  const id = required(body, 'ledger_account_id', under);
  const ledger = business.ledgers.find((each) => each.id === id);
  if (!ledger) throw new Refused('The ledger account could not be found.', `${under}ledger_account_id`);
  return ledger;
}

/** A ledger account for lines of documents: neither debtors nor a bank account. */
export function lineLedgerOf(business: Business, body: Json, under: string): Ledger {
  const ledger = ledgerOf(business, body, under);
  if (!ledger.isClosed && ledger.type !== 'BANK') return ledger;
  throw new Refused('This ledger account cannot be used here.', `${under}ledger_account_id`);
}

/** The bank account a field names. */
export function bankOf(business: Business, body: Json, name: string): Bank {
  const id = required(body, name);
  const bank = business.banks.find((each) => each.id === id);
  if (!bank) throw new Refused('The bank account could not be found.', name);
  return bank;
}

/** The tax rate a line names. */
export function taxRateOf(business: Business, body: Json, under: string): TaxRate {
  const id = required(body, 'tax_rate_id', under);
  const rate = business.taxRates.find((each) => each.id === id);
  if (!rate) throw new Refused('The tax rate could not be found.', `${under}tax_rate_id`);
  return rate;
}

/** Currency and rate of a document: the books' own unless it says otherwise. */
export function currencyOf(business: Business, body: Json): { currency: string; rate: string } {
  const currency = optional(body, 'currency_id') ?? business.currency;
  if (currency === business.currency) return { currency, rate: '1' };
  if (!(currency in business.rates)) {
    throw new Refused('Multi-currency is not enabled for this currency.', 'currency_id');
  }
  // What is left out counts one to one, which is why nobody should (guide on payments).
  const rate = optional(body, 'exchange_rate') ?? '1';
  if (!/^\d*\.?\d*[1-9]/.test(rate)) throw new Refused('must be greater than 0', 'exchange_rate');
  return { currency, rate };
}
