import { expect, test } from 'vitest';
import type { CsvMap } from './csv-map.ts';
import { readBankFile } from './read.ts';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);
const read = (text: string, map?: CsvMap) => readBankFile(bytes(text), { currency: 'EUR', map });

const GERMAN = [
  'Kontonummer;DE89 3704 0044 0532 0130 00',
  '',
  'Buchungstag;Wertstellung;Name;Verwendungszweck;Betrag;Saldo',
  '03.03.2026;03.03.2026;"Stadtwerke; Kiel";"Abschlag ""März""";-1.234,56;8.765,44',
  '02.03.2026;02.03.2026;Müller;RE-17;5.000,00;10.000,00',
].join('\r\n');

test('a German export is recognised: semicolons, decimal commas, newest first, Windows-1252', () => {
  const { format, map, statements } = readBankFile(bytes(GERMAN, 'latin1'), { currency: 'EUR' });
  expect(format).toBe('csv');
  expect(map).toMatchObject({ delimiter: ';', decimal: ',', date: 'DD.MM.YYYY' });
  expect(statements).toMatchObject([{ opening: 500000n, closing: 876544n, closesOn: '2026-03-03' }]);
  expect(statements[0]?.lines).toMatchObject([
    { bookedOn: '2026-03-02', amount: 500000n, counterparty: 'Müller', text: 'RE-17' },
    { bookedOn: '2026-03-03', amount: -123456n, counterparty: 'Stadtwerke; Kiel', text: 'Abschlag "März"' },
  ]);
});

test('debit and credit columns, American days and brackets are recognised where the rows leave no doubt', () => {
  const { map, statements } = read(
    'Date,Description,Debit,Credit\n03/13/2026,Rent,"1,200.00",\n03/14/2026,Sale,,80.5\n',
  );
  expect(map).toMatchObject({ delimiter: ',', decimal: '.', date: 'MM/DD/YYYY' });
  expect(statements[0]?.lines.map(({ bookedOn, amount }) => [bookedOn, amount])).toEqual([
    ['2026-03-13', -120000n],
    ['2026-03-14', 8050n],
  ]);
});

test('days that can be read in two orders are not guessed', () => {
  const text = 'Date,Amount\n03/04/2026,1.00\n';
  expect(() => read(text)).toThrow(/the dates can be read in more than one order/);
  const map: CsvMap = {
    delimiter: ',',
    decimal: '.',
    date: 'DD/MM/YYYY',
    columns: { booked: 'Date', amount: 2, text: [] },
  };
  expect(read(text, map).statements[0]?.lines[0]?.bookedOn).toBe('2026-04-03');
});

test('a file without headings is read by the places of its columns', () => {
  const map: CsvMap = {
    delimiter: 'tab',
    decimal: ',',
    date: 'YYMMDD',
    columns: { booked: 1, amount: 2, text: [3, 4] },
  };
  const [only] = read("260331\t-1'000,5\tRent\tMarch\n", map).statements;
  expect(only?.lines).toMatchObject([{ bookedOn: '2026-03-31', amount: -100050n, text: 'Rent March' }]);
});

test('a row that is missing or cannot be read is named', () => {
  const rows = GERMAN.replace('10.000,00', '10.000,01');
  expect(() => read(rows)).toThrow('row 3 leads from EUR 10000.01 to EUR 8765.45, but states the balance EUR 8765.44');
  expect(() => read(GERMAN.replace('5.000,00', 'five'))).toThrow('row 4: "five" is not an amount in EUR');
  expect(() => read('hello')).toThrow(/none of CAMT.053, MT940 and OFX, and as CSV it needs a column map/);
});
