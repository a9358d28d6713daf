import type { ItemDetail, ResolvedEntry } from '@daybook/domain';
import { line } from './fixtures.ts';

/** What an entry on debtors is about; amounts in pence, or `tc` cents worth `amount` pence. */
export interface OnDebtors extends ItemDetail {
  key: string;
  amount: bigint;
  party?: string | undefined;
  document?: string | undefined;
  day?: string;
  tc?: bigint;
}

const entry = (entryType: ResolvedEntry['entryType'], on: OnDebtors, counter: string, sign: bigint): ResolvedEntry => {
  const { key, amount, party = 'Quayside Hotel', document, day = '2026-03-10', tc, ...item } = on;
  const foreign = tc === undefined ? {} : { currency: 'EUR', amountTc: sign * tc };
  const debtors = line('1100', sign * amount, { role: 'ar.control', party, document, item, ...foreign });
  const against = line(counter, -sign * amount, tc === undefined ? {} : { currency: 'EUR', amountTc: -sign * tc });
  return {
    entryType,
    sourceKey: key,
    postingDate: day,
    taxPoint: day,
    occurredAt: `${day}T09:00:00Z`,
    memo: `${entryType} ${key}`,
    lines: [debtors, against],
  };
};

/** Debtors against sales (SAL); the key is the number of the document unless told otherwise. */
export const invoice = (on: OnDebtors) => entry('SAL', { document: on.key, ...on }, '4000', 1n);
/** Sales returns against debtors (RFD). */
export const creditNote = (on: OnDebtors) => entry('RFD', { document: on.key, ...on }, '4010', -1n);
/** Bank against debtors (RCT). */
export const receipt = (on: OnDebtors) => entry('RCT', on, '1200', -1n);
/** Bad debt against debtors (GEN). */
export const writeOff = (on: OnDebtors) => entry('GEN', { exact: true, ...on }, '8100', -1n);
