import { expect, test } from 'vitest';
import { readBankFile } from './read.ts';

/** Hand-written after SWIFT's MT940: value date, entry date, mark, amount with a comma, kind, references. */
const FILE = [
  '{1:F01BANKDEFFAXXX0000000000}{2:I940BANKDEFFXXXXN}{4:',
  ':20:STARTUMS',
  ':25:37040044/532013000',
  ':28C:00031/001',
  ':60F:C251230EUR1000,00',
  ':61:2512311231C500,NTRFRE-17//BK77',
  ':86:166?00GUTSCHRIFT?20EREF+E2E-1?21SVWZ+Rechnung RE-?222026-17?30COBADEFFXXX',
  '?31DE02120300000000202051?32Müller und?33 Söhne',
  ':61:2512310102D270,50NMSCNONREF',
  'cheque 14',
  ':86:Paid by hand',
  ':61:2601020102RC5,00NTRFNONREF',
  ':86:/EREF/X-1/REMI/taken back/NAME/Ann Archer/',
  ':61:2601020102RDR0,50NCHGNONREF//BK80',
  ':62F:C260102EUR1225,00',
  ':86:nothing about a line',
  '-}',
].join('\r\n');

const read = (text: string) => readBankFile(Buffer.from(text, 'utf8'), { currency: 'EUR' });

test('an MT940 statement gives marks, days across the year, and what the payer wrote', () => {
  const { format, statements } = read(FILE);
  expect(format).toBe('mt940');
  expect(statements).toMatchObject([
    { account: '37040044/532013000', currency: 'EUR', number: '00031/001', opening: 100000n, closing: 122500n },
  ]);
  expect(statements[0]?.lines).toMatchObject([
    {
      bookedOn: '2025-12-31',
      amount: 50000n,
      counterparty: 'Müller und Söhne',
      counterpartyAccount: 'DE02120300000000202051',
      text: 'Rechnung RE-2026-17',
      reference: 'RE-17',
      bankId: 'BK77',
      endToEndId: 'E2E-1',
    },
    { bookedOn: '2026-01-02', valueOn: '2025-12-31', amount: -27050n, text: 'cheque 14 Paid by hand', bankId: null },
    { amount: -500n, text: 'taken back', counterparty: 'Ann Archer', endToEndId: 'X-1' },
    { amount: 50n, bankId: 'BK80', text: '' },
  ]);
});

test('several statements in one file are several, also without blocks around them', () => {
  const one = ':20:A\n:25:1\n:28C:1\n:60F:C260301EUR0,\n:62F:C260301EUR0,\n';
  expect(read(one + one.replace(':28C:1', ':28C:2')).statements.map(({ number }) => number)).toEqual(['1', '2']);
});

test('what is cut off, contradicts itself or cannot be read is refused', () => {
  expect(() => read(FILE.slice(0, FILE.indexOf(':62F:')))).toThrow(/lacks its opening .* or closing balance/);
  expect(() => read(FILE.replace('C500,', 'C500,01'))).toThrow('EUR -0.01 is missing');
  expect(() => read(FILE.replace('2512311231C500', '2513311231C500'))).toThrow('"2025-13-31" is not a day');
  expect(() => read(FILE.replace('C500,NTRF', 'X500,NTRF'))).toThrow(/line 1 .* is not a movement such as/);
});
