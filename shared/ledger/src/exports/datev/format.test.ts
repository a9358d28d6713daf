import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeWindows1252, toAscii, toWindows1252 } from '../letters.ts';
import { BOOKING_COLUMNS, type Column, headingsLine, PERSON_COLUMNS, rowLine } from './columns.ts';
import { headerLine } from './header.ts';
import { datevSettings } from './settings.ts';

const CONTRACTS = join(import.meta.dirname, '../../../../../../shared/contracts/datev');
const isThere = existsSync(CONTRACTS);
if (!isThere) process.stdout.write(`skipped: the published field tables are not beside the repo (${CONTRACTS})\n`);

const table = (name: string) =>
  readFileSync(join(CONTRACTS, name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.split('\t'));

/** Values of a row by column number: text without its quotes, doubled quotes single. */
function valuesOf(row: string): Record<number, string> {
  const fields = [...row.matchAll(/(?:^|;)(?:"((?:[^"]|"")*)"|([^;]*))/g)];
  return Object.fromEntries(fields.map(([, text, plain], at) => [at + 1, text?.replaceAll('""', '"') ?? plain ?? '']));
}

const SETTINGS = datevSettings({ consultant: '29098', client: '55003', chart: '03', initials: 'WD' });

describe.skipIf(!isThere)('against the published format', () => {
  test('bookings have its 125 columns, in order, text where it says text', () => {
    const published = table('buchungsstapel-fields-v13.tsv').map(
      ([, heading, , type]): Column => ({ heading: heading ?? '', quoted: type === 'TEXT' }),
    );
    expect(BOOKING_COLUMNS).toEqual(published);
    expect(BOOKING_COLUMNS).toHaveLength(125);
  });

  test('persons have its 254 columns, in order, quoted as in the official sample', () => {
    const published = table('debitoren-kreditoren-fields-v5.tsv').map(
      ([, heading, quoted]): Column => ({ heading: heading ?? '', quoted: quoted === 'yes' }),
    );
    expect(PERSON_COLUMNS).toEqual(published);
  });

  /** The sample quotes two empty numbers (Zinssperre, Sachverhalt L+L) in its first row, and in no other. */
  test('headings and all rows of the official sample are written byte for byte from their values', () => {
    const sample = readFileSync(join(CONTRACTS, 'samples/official2024_buchungsstapel_v13_rows01-27.csv'), 'utf8');
    const [, headings, ...rows] = sample.trimEnd().split(/\r?\n/);
    expect(headingsLine(BOOKING_COLUMNS)).toBe(`${headings}\r\n`);
    expect(rows).toHaveLength(27);
    const unquoted = (rows[0] ?? '')
      .split(';')
      .map((field, at) => (BOOKING_COLUMNS[at]?.quoted ? field : field.replaceAll('"', '')));
    rows[0] = unquoted.join(';');
    for (const row of rows) expect(rowLine(BOOKING_COLUMNS, valuesOf(row))).toBe(`${row}\r\n`);
  });

  test("the official sample's header differs from ours by who exported it alone", () => {
    const sample = readFileSync(join(CONTRACTS, 'samples/official2024_buchungsstapel_v13_rows01-27.csv'), 'utf8');
    const line = headerLine(
      {
        category: 'bookings',
        createdAt: '20240130140440439',
        yearStart: '2024-01-01',
        from: '2024-01-01',
        to: '2024-08-31',
        title: 'Buchungsstapel',
        currency: 'EUR',
      },
      SETTINGS,
    );
    expect(line.replace('"Daybook"', '""')).toBe(`${sample.split(/\r?\n/)[0]}\r\n`);
  });

  test('the same row as an independent writer makes of it', () => {
    const file = 'samples/generated_datev-exporter_quickstart_v13.csv';
    const [, , row] = new TextDecoder('windows-1252').decode(readFileSync(join(CONTRACTS, file))).split('\r\n');
    const values = { 1: '1250,00', 2: 'S', 3: 'EUR', 7: '1000', 8: '8400', 10: '1008', 11: 'RE-42' };
    expect(rowLine(BOOKING_COLUMNS, { ...values, 14: 'Rechnung 42; "München"' })).toBe(`${row}\r\n`);
  });
});

test('a header of persons leaves the fields of a batch empty', () => {
  const facts = { createdAt: '20260331120000000', yearStart: '2026-01-01', from: '', to: '', currency: 'EUR' };
  const line = headerLine({ ...facts, category: 'persons', title: 'Kunden' }, SETTINGS);
  // providers/datev.md 2: 31 fields with 15-22 empty but for the name.
  expect(line).toBe(
    '"EXTF";700;16;"Debitoren/Kreditoren";5;20260331120000000;;"RE";"Daybook";"";29098;55003;20260101;4;;;"Kunden";"";;;;"";;"";;;"03";;;"";""\r\n',
  );
  expect(line.split(';')).toHaveLength(31);
});

test('what is missing or wrong in the settings is said at once', () => {
  expect(() => datevSettings({ client: '0', accountLength: '9', colour: 'red' })).toThrow(
    /consultant is missing.*interim is missing.*accountLength "9" is not.*client "0" is not.*no setting colour/s,
  );
  expect(datevSettings({ consultant: '1001', client: '1', chart: '04' })).toMatchObject({
    interim: '1379',
    version: 13,
  });
});

test('letters become those of Windows-1252, or are left out', () => {
  expect(toWindows1252('Żółw – 10 € für Łódź 🎉')).toBe('Zólw – 10 € für Lódz ');
  expect(encodeWindows1252('ü€–').toString('hex')).toBe('fc8096');
  expect(() => encodeWindows1252('ł')).toThrow(RangeError);
  expect(toAscii('Erlöse 7 % USt — Straße £')).toBe('Erloese 7 % USt - Strasse GBP');
});
