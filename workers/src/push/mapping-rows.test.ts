import { describe, expect, test } from 'vitest';
import { type MappingRow, mappingAt } from './mapping-rows.ts';

const SHOP = 'a-shop';
const row = (theirs: string, more: Partial<MappingRow> = {}): MappingRow => ({
  kind: 'account',
  ours: 'sales.revenue.standard',
  channel: '',
  validFrom: '0001-01-01',
  theirs,
  ...more,
});
const rows = [
  row('200'),
  row('210', { validFrom: '2026-07-01' }),
  row('300', { channel: SHOP, validFrom: '2026-03-01' }),
  row('310', { channel: SHOP, validFrom: '2026-09-01' }),
  row('VAT20', { kind: 'tax', ours: 'S20' }),
];
const account = (date: string, channel: string | null) =>
  mappingAt(rows)({ date, channel })('account', 'sales.revenue.standard');

describe('a mapping with versions', () => {
  test('is the newest one that has begun on the document’s date', () => {
    expect(account('2026-06-30', null)).toBe('200');
    expect(account('2026-07-01', null)).toBe('210');
  });

  test('of the channel comes before the one for all, once it has begun', () => {
    expect(account('2026-02-28', SHOP)).toBe('200');
    expect(account('2026-08-31', SHOP)).toBe('300');
    expect(account('2026-12-31', SHOP)).toBe('310');
    expect(account('2026-12-31', 'another')).toBe('210');
  });

  test('of a tax is none of an account, and a word nobody mapped has none', () => {
    const lookUp = mappingAt(rows)({ date: '2026-01-01', channel: null });
    expect(lookUp('tax', 'S20')).toBe('VAT20');
    expect(lookUp('account', 'S20')).toBeUndefined();
    expect(lookUp('account', 'sales.shipping')).toBeUndefined();
  });
});
