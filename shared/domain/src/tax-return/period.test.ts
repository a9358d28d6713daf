import { expect, test } from 'vitest';
import { taxPeriod } from './period.ts';

test('a period of a return is a month, a quarter, a year or days', () => {
  expect(taxPeriod('2028-02')).toEqual({ startsOn: '2028-02-01', endsOn: '2028-02-29' });
  expect(taxPeriod('2026-Q4')).toEqual({ startsOn: '2026-10-01', endsOn: '2026-12-31' });
  expect(taxPeriod('2026')).toEqual({ startsOn: '2026-01-01', endsOn: '2026-12-31' });
  expect(taxPeriod('2026-02-01..2026-04-30')).toEqual({ startsOn: '2026-02-01', endsOn: '2026-04-30' });
});

test.each(['2026-13', '2026-Q5', 'March', '2026-02-30..2026-03-31', '2026-03-31..2026-03-01'])(
  '"%s" is none',
  (text) => {
    expect(() => taxPeriod(text)).toThrow('is no period of a tax return');
  },
);
