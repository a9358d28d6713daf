import { LosslessNumber } from 'lossless-json';
import { amount, type Json } from './answer.ts';
import { type Context, list, member, minorAt, text } from './request.ts';
import { deleted, successor } from './versions.ts';
import type { BookedDocument } from './world.ts';

/**
 * A document made void, with what that does to others: all its amounts become 0, "Voided" is put before its note, and
 * payments that were set against it keep their money unapplied. A payment of 0, which only set a credit against it,
 * goes.
 */
export function voided(existing: BookedDocument, context: Context): BookedDocument[] {
  const { company } = context;
  const payments = [...(company.applied.get(existing.id)?.keys() ?? [])].map((id) => company.documents.get(id)!);
  const note = text(existing.body, 'PrivateNote');
  const links = existing.entity === 'Payment' ? { Line: [], UnappliedAmt: amount(0n, existing.currency) } : {};
  const body: Json = {
    ...zeroed(existing.body),
    ...links,
    PrivateNote: note === null ? 'Voided' : `Voided - ${note}`,
  };
  const next = { state: 'voided' as const, total: 0n, tax: 0n, lineTax: 0n, postings: [], links: [], body };
  return [
    ...payments.map((payment) => released(payment, existing.id, context.now)),
    successor(existing, next, context.now),
  ];
}

function released(payment: BookedDocument, from: string, now: number): BookedDocument {
  if (payment.total === 0n) return deleted(payment, now);
  const freed = payment.links.filter(({ to }) => to === from).map((link) => link.amount);
  const unapplied = (minorAt(payment.body, 'UnappliedAmt', payment.currency) ?? 0n) + (freed[0] ?? 0n);
  const remaining = list(payment.body, 'Line').filter((line) => text(list(line, 'LinkedTxn')[0], 'TxnId') !== from);
  const body = { ...payment.body, Line: remaining, UnappliedAmt: amount(unapplied, payment.currency) };
  return successor(payment, { body, links: payment.links.filter(({ to }) => to !== from) }, now);
}

const KEPT = ['ExchangeRate', 'TaxPercent', 'LineNum'];

/** Every amount, quantity and price of a body at 0. */
function zeroed(body: Json): Json {
  const at = (value: unknown, name: string): unknown => {
    if (value instanceof LosslessNumber) return KEPT.includes(name) ? value : new LosslessNumber('0');
    if (Array.isArray(value)) return value.map((each) => at(each, name));
    return value !== null && typeof value === 'object' ? zeroed(value as Json) : value;
  };
  return Object.fromEntries(Object.keys(body).map((name) => [name, at(member(body, name), name)]));
}
