import { formatMinor, isCurrency } from '@daybook/domain';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { MoneyPayload } from './payload.ts';

/** What every reading of one object needs: its name for messages, and the one currency it is in. */
export interface Scope {
  subject: string;
  currency: string;
}

/** "USD 12.00", for messages. */
export function shown(amount: bigint, currency: string): string {
  return `${currency} ${formatMinor(amount, currency)}`;
}

/** The refusal of an object whose own figures disagree; the message names the object, the field and both amounts. */
export function contradiction(
  { subject, currency }: Scope,
  field: string,
  found: { what: string; amount: bigint },
  stated: bigint,
  remark = '',
): ConnectorError {
  const message =
    `${subject}: ${found.what} come to ${shown(found.amount, currency)}, but ${field} says ${shown(stated, currency)}` +
    ` (difference ${shown(found.amount - stated, currency)}).${remark === '' ? '' : ` ${remark}`}` +
    ' Nothing was booked; compare it with the Square Dashboard and replay, or book it by hand.';
  return new ConnectorError('rejected', message, { code: 'PAYLOAD_CONTRADICTS_ITSELF', subject: field });
}

/** The refusal of an object that lacks what it must have. */
export function unreadable(subject: string, field: string, why: string): ConnectorError {
  return new ConnectorError('rejected', `${subject}: ${field} ${why}. Nothing was booked.`, {
    code: 'PAYLOAD_UNREADABLE',
    subject: field,
  });
}

/** The currency of the first amount that names one, else the setting. Throws `rejected` CURRENCY_UNKNOWN. */
export function currencyOf(subject: string, amounts: readonly MoneyPayload[], fallback: string | undefined): string {
  const named = amounts.flatMap((each) => each?.currency ?? each?.currency_code ?? []);
  const code = named[0] ?? fallback;
  if (code !== undefined && isCurrency(code)) return code;
  const why = code === undefined ? 'no amount names its currency' : `"${code}" is not an ISO 4217 currency code`;
  throw new ConnectorError('rejected', `${subject}: ${why}. Nothing was booked.`, {
    code: 'CURRENCY_UNKNOWN',
    subject: 'currency',
  });
}

/**
 * Minor units of an amount; Square counts in the smallest unit of ISO 4217 as we do, and leaves out what is zero.
 * Throws ConnectorError `rejected` CURRENCY_MISMATCH for another currency than the object's.
 */
export function minor(money: MoneyPayload, scope: Scope, field: string): bigint {
  const code = money?.currency ?? money?.currency_code ?? scope.currency;
  if (code !== scope.currency) {
    const message = `${scope.subject}: ${field} is in ${code}, but the rest is in ${scope.currency}. Nothing was booked.`;
    throw new ConnectorError('rejected', message, { code: 'CURRENCY_MISMATCH', subject: field });
  }
  return BigInt(money?.amount ?? '0');
}

/** Whether an amount is stated, be it zero. */
export function isStated(money: MoneyPayload): boolean {
  return money?.amount !== null && money?.amount !== undefined;
}

/** Instant in UTC from RFC 3339, whole seconds without a fraction; undefined for anything else. */
export function utcInstant(time: string | null | undefined): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(time ?? '')) return undefined;
  const date = new Date(time as string);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z');
}

/** The first of some times that is one. Throws `rejected` naming the object and the field where none is. */
export function instantOf(subject: string, field: string, ...times: (string | null | undefined)[]): string {
  const instant = times.map(utcInstant).find((each) => each !== undefined);
  if (instant === undefined) throw unreadable(subject, field, 'is not a time with an offset');
  return instant;
}

/**
 * A revision that sorts: Square's version where the object has one, because that is what counts when events come out of
 * order, else the time of the last change. Versions sort behind times: an object that gets one is newer then.
 */
export function revisionOf(
  subject: string,
  version: string | null | undefined,
  ...times: (string | null | undefined)[]
) {
  if (version && /^\d{1,15}$/.test(version)) return `v${version.padStart(10, '0')}`;
  // Always with milliseconds, so that text sorts as time.
  return new Date(instantOf(subject, 'updated_at', ...times)).toISOString();
}

/** An object with the fields that have a value. */
export function optional<Value>(key: string, value: Value | null | undefined | ''): Record<string, Value> {
  return value === null || value === undefined || value === '' ? {} : { [key]: value };
}
