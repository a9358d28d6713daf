import { divideHalfUp } from '@daybook/domain';
import type { Refusal } from './answer.ts';
import { documentSums, type LineAmountTypes } from './arithmetic.ts';
import { contactOfDocument } from './contacts.ts';
import { parseDate, today } from './dates.ts';
import { decimalText, parseDecimal, roundTo } from './decimal.ts';
import { readLine } from './lines.ts';
import { lockErrors } from './locks.ts';
import { list, member, text, type WriteContext } from './request.ts';
import {
  type BookedDocument,
  type Contact,
  type DocumentKind,
  numberKey,
  type Organisation,
  settlementOf,
} from './world.ts';

const NAMES = {
  invoice: {
    type: 'ACCREC',
    id: 'InvoiceID',
    number: 'InvoiceNumber',
    prefix: 'INV-',
    taken: 'Invoice # must be unique.',
  },
  credit_note: {
    type: 'ACCRECCREDIT',
    id: 'CreditNoteID',
    number: 'CreditNoteNumber',
    prefix: 'CN-',
    taken: 'Credit note # must be unique.',
  },
} as const;

/**
 * Books a sales invoice or credit note. PUT only creates; POST with the id or number of a document that is there edits
 * it, which is what makes POST dangerous for creating.
 */
export function writeDocument(kind: DocumentKind, element: unknown, context: WriteContext): BookedDocument | Refusal {
  const existing = context.method === 'POST' ? findDocument(kind, element, context.organisation) : undefined;
  const errors = existing ? editErrors(existing, element, context.organisation) : [];
  if (errors.length > 0) return { errors };
  const draft = readDocument(kind, element, existing, context, errors);
  const contact = member(element, 'Contact');
  const found = existing && contact === undefined ? null : contactOfDocument(contact, context);
  if (found && 'errors' in found) errors.push(...found.errors);
  if (errors.length > 0) return { errors };
  const contactId = found === null ? draft.contactId : (typeof found === 'function' ? found() : (found as Contact)).id;
  const document = { ...draft, contactId };
  context.change.put({ type: 'document', tenant: context.organisation.tenantId, value: document });
  return document;
}

/** The live document that an element names by id, else by number. */
export function findDocument(
  kind: DocumentKind,
  element: unknown,
  organisation: Organisation,
): BookedDocument | undefined {
  const id = text(element, NAMES[kind].id);
  const number = text(element, NAMES[kind].number);
  const found = id ?? (number === null ? undefined : organisation.numbers.get(numberKey(kind, number)));
  const document = found === undefined ? undefined : organisation.documents.get(found.toLowerCase());
  return document?.kind === kind ? document : undefined;
}

function readDocument(
  kind: DocumentKind,
  element: unknown,
  existing: BookedDocument | undefined,
  context: WriteContext,
  errors: string[],
): BookedDocument {
  const { organisation, now } = context;
  const status = statusOf(element, existing, errors);
  const types = lineAmountTypes(element, existing?.lineAmountTypes ?? 'Exclusive', errors);
  const currency = currencyOf(element, existing, organisation, errors);
  const date = dateOf(element, 'Date', errors) ?? existing?.date ?? today(now, organisation.timeZone);
  const dueDate = dateOf(element, 'DueDate', errors) ?? existing?.dueDate ?? null;
  const authorised = status === 'AUTHORISED';
  const items = list(element, 'LineItems');
  const lines = items
    ? items.map((item) => readLine(item, { kind, types, currency, authorised }, context, errors))
    : (existing?.lines ?? []);
  const sums = documentSums(lines, types);
  if (text(element, 'Type') !== NAMES[kind].type && !existing) errors.push(`Type must be ${NAMES[kind].type}.`);
  if (authorised && lines.length === 0) errors.push('One or more line items must be specified');
  if (authorised && kind === 'invoice' && dueDate === null)
    errors.push('Due date must be specified for an approved invoice.');
  if (sums.total < 0n) errors.push('The document total cannot be negative.');
  if (authorised || existing?.status === 'AUTHORISED') errors.push(...lockErrors(organisation, date));
  const number = numberOf(kind, element, existing, organisation, errors);
  const url = urlOf(element, errors) ?? existing?.url ?? null;
  return {
    id: existing?.id ?? context.change.newId(kind),
    kind,
    number,
    reference: text(element, 'Reference') ?? existing?.reference ?? '',
    url,
    contactId: existing?.contactId ?? '',
    date,
    dueDate,
    status,
    lineAmountTypes: types,
    currency,
    currencyRate: rateOf(element, existing, currency, organisation, errors),
    lines,
    ...sums,
    updatedAt: now.getTime(),
  };
}

function editErrors(existing: BookedDocument, element: unknown, organisation: Organisation): string[] {
  if (existing.status === 'VOIDED' || existing.status === 'DELETED')
    return ['Invoice not of valid status for modification'];
  const settled = settlementOf(organisation, existing.id);
  const touched = settled.paid !== 0n || settled.credited !== 0n;
  const changesLines = list(element, 'LineItems') !== null || text(element, 'Status') === 'VOIDED';
  if (!touched || !changesLines) return [];
  return [
    'Invoice not of valid status for modification',
    'This document cannot be edited as it has a payment or credit note allocated to it.',
  ];
}

const STATUSES = ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'VOIDED', 'DELETED'] as const;
const FROM: Readonly<Record<string, readonly string[]>> = {
  none: ['DRAFT', 'SUBMITTED', 'AUTHORISED'],
  DRAFT: ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED'],
  SUBMITTED: ['DRAFT', 'SUBMITTED', 'AUTHORISED', 'DELETED'],
  AUTHORISED: ['AUTHORISED', 'VOIDED'],
};

function statusOf(element: unknown, existing: BookedDocument | undefined, errors: string[]): BookedDocument['status'] {
  const before = existing?.status ?? 'none';
  const wanted = text(element, 'Status') ?? existing?.status ?? 'DRAFT';
  const known = STATUSES.find((status) => status === wanted);
  if (known && FROM[before]?.includes(known)) return known;
  errors.push('Invoice not of valid status for modification');
  return existing?.status ?? 'DRAFT';
}

/** How a document means its amounts; `usual` where it does not say. */
export function lineAmountTypes(element: unknown, usual: LineAmountTypes, errors: string[]): LineAmountTypes {
  const wanted = text(element, 'LineAmountTypes') ?? usual;
  const known = (['Exclusive', 'Inclusive', 'NoTax'] as const).find(
    (each) => each.toLowerCase() === wanted.toLowerCase(),
  );
  if (!known) errors.push(`LineAmountTypes ${wanted} is not valid.`);
  return known ?? 'Exclusive';
}

function currencyOf(
  element: unknown,
  existing: BookedDocument | undefined,
  organisation: Organisation,
  errors: string[],
): string {
  const currency = text(element, 'CurrencyCode') ?? existing?.currency ?? organisation.currency;
  if (organisation.enabledCurrencies.includes(currency)) return currency;
  errors.push(`Organisation is not subscribed to currency ${currency}`);
  return organisation.currency;
}

/** A date of a request; null when it is not said. */
export function dateOf(element: unknown, name: string, errors: string[]): string | null {
  const said = member(element, name);
  if (said === undefined || said === null || said === '') return null;
  const date = parseDate(said);
  if (date === null) errors.push(`The ${name} value is not a valid date.`);
  return date;
}

function numberOf(
  kind: DocumentKind,
  element: unknown,
  existing: BookedDocument | undefined,
  organisation: Organisation,
  errors: string[],
): string {
  const said = text(element, NAMES[kind].number);
  if (said === null) return existing?.number ?? nextNumber(kind, organisation);
  if (said.length > 255) errors.push(`${NAMES[kind].number} must be 255 characters or fewer.`);
  const owner = organisation.numbers.get(numberKey(kind, said));
  if (owner !== undefined && owner !== existing?.id) errors.push(NAMES[kind].taken);
  return said;
}

function nextNumber(kind: DocumentKind, organisation: Organisation): string {
  for (let next = 1; ; next += 1) {
    const number = `${NAMES[kind].prefix}${String(next).padStart(4, '0')}`;
    if (!organisation.numbers.has(numberKey(kind, number))) return number;
  }
}

/** An Url that is not absolute gets the whole document refused. */
function urlOf(element: unknown, errors: string[]): string | null {
  const said = text(element, 'Url');
  if (said !== null && !(URL.canParse(said) && /^https?:/.test(said))) errors.push('Url must be a valid absolute URL.');
  return said;
}

/** Units of each currency that one US dollar buys: the fixed "day rates" of the simulated XE.com. */
const PER_DOLLAR: Readonly<Record<string, string>> = {
  USD: '1',
  EUR: '0.92',
  GBP: '0.79',
  CAD: '1.36',
  JPY: '150',
  KWD: '0.31',
};

function rateOf(
  element: unknown,
  existing: BookedDocument | undefined,
  currency: string,
  organisation: Organisation,
  errors: string[],
): string {
  const isKept = existing?.currency === currency && text(element, 'CurrencyRate') === null;
  return isKept ? existing.currencyRate : currencyRate(element, currency, organisation, errors);
}

/**
 * Foreign units per unit of the base currency, six decimals (openapi.yaml, Invoice.CurrencyRate); the day rate where
 * the caller gives none.
 */
export function currencyRate(element: unknown, currency: string, organisation: Organisation, errors: string[]): string {
  const said = text(element, 'CurrencyRate');
  if (currency === organisation.currency) return '1';
  const given = said === null ? null : parseDecimal(said);
  const micros = given === null ? 0n : roundTo(given, 6);
  if (micros > 0n) return decimalText({ units: micros, scale: 6 });
  if (said !== null) errors.push('The CurrencyRate value is not valid.');
  const micro = (code: string) => {
    const rate = parseDecimal(PER_DOLLAR[code] ?? '1')!;
    return rate.units * 10n ** BigInt(6 - rate.scale);
  };
  return decimalText({ units: divideHalfUp(micro(currency) * 1_000_000n, micro(organisation.currency)), scale: 6 });
}
