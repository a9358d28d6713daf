import { abs, divideHalfUp, parseRatio } from '@daybook/domain';
import { amount, type Json, Refused, ref } from './answer.ts';
import { amountOf, lineLedgerOf, optional, taxRateOf } from './fields.ts';
import type { Business } from './world.ts';

/** How far a tax may be from its rate, minor units; what the real tolerance is nobody says. */
const TOLERANCE = 5n;

/** One line of a document, its amounts in minor units of the document's currency. */
export interface Line {
  ledger: string;
  net: bigint;
  tax: bigint;
  /** As it is answered. */
  shown: Json;
}

/** A line of a sales document. Its net amount is quantity × price; its tax must be said. */
export function salesLine(business: Business, body: Json, under: string, currency: string): Line {
  if (optional(body, 'description') === null) throw new Refused('This field is required.', `${under}description`);
  const quantity = parseRatio(optional(body, 'quantity') ?? '1');
  const price = amountOf(body, 'unit_price', currency, under);
  const net = divideHalfUp(price * quantity.numerator, quantity.denominator);
  if (optional(body, 'net_amount') !== null && amountOf(body, 'net_amount', currency, under) !== net) {
    throw new Refused('does not match quantity and unit price', `${under}net_amount`);
  }
  const line = taxedLine(business, body, under, currency, net);
  const { description, quantity: pieces = '1' } = body;
  return { ...line, shown: { ...line.shown, description, quantity: pieces, unit_price: amount(price, currency) } };
}

/** A line of an other payment: its total is said, tax included. */
export function paymentLine(business: Business, body: Json, under: string, currency: string): Line {
  const total = amountOf(body, 'total_amount', currency, under);
  const tax = optional(body, 'tax_amount') === null ? 0n : amountOf(body, 'tax_amount', currency, under);
  const line = taxedLine(business, body, under, currency, total - tax);
  return { ...line, shown: { ...line.shown, details: optional(body, 'details') } };
}

/** Ledger account and tax of a line. The tax is mandatory unless the rate is zero, and has to be near its rate. */
export function taxedLine(business: Business, body: Json, under: string, currency: string, net: bigint): Line {
  const ledger = lineLedgerOf(business, body, under);
  const rate = taxRateOf(business, body, under);
  const { numerator, denominator } = parseRatio(rate.percentage);
  const isTaxed = numerator !== 0n;
  if (isTaxed && optional(body, 'tax_amount') === null) {
    throw new Refused('This field is required.', `${under}tax_amount`);
  }
  const tax = optional(body, 'tax_amount') === null ? 0n : amountOf(body, 'tax_amount', currency, under);
  const expected = divideHalfUp(net * numerator, 100n * denominator);
  if (abs(tax - expected) > (isTaxed ? TOLERANCE : 0n)) {
    throw new Refused('The tax amount does not match the tax rate.', `${under}tax_amount`);
  }
  const shown = {
    ledger_account: ref(ledger.id, `${ledger.name} (${ledger.code})`, 'ledger_accounts'),
    tax_rate: ref(rate.id, rate.name, 'tax_rates'),
    net_amount: amount(net, currency),
    tax_amount: amount(tax, currency),
    total_amount: amount(net + tax, currency),
  };
  return { ledger: ledger.id, net, tax, shown };
}
