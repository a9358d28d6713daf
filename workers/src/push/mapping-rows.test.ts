import { describe, expect, test } from 'vitest';
import { type MappingChange, type MappingRow, mappingAt, withoutChanges } from './mapping-rows.ts';

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

describe('a mapping as it was before it was changed', () => {
  const change = (before: string | null, minute: number, more: Partial<MappingRow> = {}): MappingChange => {
    const { kind, ours, channel, validFrom } = row('', more);
    return { kind, ours, channel, validFrom, before, changedAt: new Date(Date.UTC(2026, 6, 1, 12, minute)) };
  };

  test('says again what stood there, and nothing where nothing stood', () => {
    // Newest first: 190 became 200 at 12:01, and the version of July was added at 12:05.
    const changes = [change(null, 5, { validFrom: '2026-07-01' }), change('190', 1)];
    const theirs = (undone: number, date: string) =>
      mappingAt(withoutChanges(rows, changes.slice(0, undone)))({ date, channel: null })(
        'account',
        'sales.revenue.standard',
      );
    expect(theirs(0, '2026-07-02')).toBe('210');
    expect(theirs(1, '2026-07-02')).toBe('200');
    expect(theirs(2, '2026-07-02')).toBe('190');
    expect(theirs(1, '2026-01-02')).toBe('200');
  });
});
