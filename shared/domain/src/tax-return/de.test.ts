import { expect, test } from 'vitest';
import { boxTotals, type CodedAmount } from './boxes.ts';
import { ustva } from './de.ts';
import { ustvaXml } from './elster.ts';

const codes = ['U19', 'U7', 'EXP', 'RC19', 'OSS', 'X'].map((code) => ({ code }));

/** A month of a German shop; the form's figures are worked out by hand beside each. */
const MONTH: CodedAmount[] = [
  // 10 123.99 net, tax 1 923.56 → Kz 81 = 10 123, of which 19 % = 1 923.37.
  { code: 'U19', kind: 'net_out', amount: 1012399n },
  { code: 'U19', kind: 'tax_out', amount: 192356n },
  // 550.50 net, tax 38.54 → Kz 86 = 550, of which 7 % = 38.50.
  { code: 'U7', kind: 'net_out', amount: 55050n },
  { code: 'U7', kind: 'tax_out', amount: 3854n },
  // Exports of 999.99 → Kz 43 = 999.
  { code: 'EXP', kind: 'net_out', amount: 99999n },
  // Input tax 200.10 and 3.50 → Kz 66 = 203.60.
  { code: 'U19', kind: 'tax_in', amount: 20010n },
  { code: 'U7', kind: 'tax_in', amount: 350n },
  // A fee of 100.00 from an EU supplier → Kz 46 = 100, 47 = 19.00, 67 = 19.00.
  { code: 'RC19', kind: 'net_in', amount: 10000n },
  { code: 'RC19', kind: 'tax_out', amount: 1900n },
  { code: 'RC19', kind: 'tax_in', amount: 1900n },
  // Distance sales and what is not taxable are on no Kennzahl.
  { code: 'OSS', kind: 'net_out', amount: 500000n },
  { code: 'OSS', kind: 'tax_out', amount: 100000n },
  { code: 'X', kind: 'net_out', amount: 700n },
];
const FORM = ustva(boxTotals(MONTH, codes, 'DE'));

test('bases are whole euros, taxes cents, and Kz 83 is what the form works out', () => {
  expect(FORM.figures.map(({ kz, unit, amount }) => `${kz} ${amount} ${unit}`)).toEqual([
    '43 999 euros',
    '46 100 euros',
    '47 1900 cents',
    '66 20360 cents',
    '67 1900 cents',
    '81 10123 euros',
    '86 550 euros',
  ]);
  // 1 923.37 + 38.50 + 19.00 − 203.60 − 19.00
  expect(FORM.kz83).toBe(175827n);
});

test('the form differs from the tax accounts by less than a euro', () => {
  // Ledger: 1 923.56 + 38.54 + 19.00 − 203.60 − 19.00 = 1 758.50.
  expect(FORM.kz83 - 175850n).toBe(-23n);
});

test('bases below zero are cut toward zero too, and every figure of the formula counts on its side', () => {
  // −10.99 → −10 → tax −1.90; 36, 47, 85, 65, 69 add, 61 to 64, 67 and 39 take off.
  const boxes = new Map([
    ['81', -1099n],
    ['89', 10099n],
    ['93', 10099n],
    ['61', 2600n],
    ['36', 1n],
    ['85', 20n],
    ['69', 300n],
    ['39', 4000n],
  ]);
  // −1.90 + 19.00 + 7.00 + 0.01 + 0.20 + 3.00 − 26.00 − 40.00
  expect(ustva(boxes).kz83).toBe(-3869n);
});

const HEAD = { name: 'Hafen & Söhne', day: '2026-04-10', corrected: false };

test('the XML has year, period and a figure per element', () => {
  const period = { startsOn: '2026-03-01', endsOn: '2026-03-31' };
  expect(ustvaXml(FORM, { ...HEAD, period, taxNumber: '9198011310134' })).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<Anmeldungssteuern xmlns="http://finkonsens.de/elster/elsteranmeldung/ustva/v2026" version="2026">
  <Erstellungsdatum>20260410</Erstellungsdatum>
  <DatenLieferant><Name>Hafen &#38; Söhne</Name></DatenLieferant>
  <Steuerfall>
    <Umsatzsteuervoranmeldung>
      <Jahr>2026</Jahr>
      <Zeitraum>03</Zeitraum>
      <Steuernummer>9198011310134</Steuernummer>
      <Kz43>999</Kz43>
      <Kz46>100</Kz46>
      <Kz47>19.00</Kz47>
      <Kz66>203.60</Kz66>
      <Kz67>19.00</Kz67>
      <Kz81>10123</Kz81>
      <Kz86>550</Kz86>
      <Kz83>1758.27</Kz83>
    </Umsatzsteuervoranmeldung>
  </Steuerfall>
</Anmeldungssteuern>
`,
  );
});

test('a corrected quarter says so, and other periods are refused', () => {
  const quarter = { startsOn: '2026-04-01', endsOn: '2026-06-30' };
  const xml = ustvaXml(FORM, { ...HEAD, period: quarter, corrected: true });
  expect(xml).toContain('<Zeitraum>42</Zeitraum>\n      <Kz10>1</Kz10>');
  const shifted = { startsOn: '2026-02-01', endsOn: '2026-04-30' };
  expect(() => ustvaXml(FORM, { ...HEAD, period: shifted })).toThrow('is neither');
});
