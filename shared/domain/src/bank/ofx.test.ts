import { expect, test } from 'vitest';
import { readBankFile } from './read.ts';

/** Hand-written after OFX 1.0.2 (SGML: elements are not closed) and 2.1.1 (XML). */
const BODY_1 = `<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>121000248<ACCTID>99988877<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260301<DTEND>20260331
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302120000[-5:EST]<TRNAMT>125.40<FITID>F1<NAME>Café & Co<MEMO>INV 1001</STMTTRN>
<STMTTRN><TRNTYPE>CHECK<DTPOSTED>20260305<DTAVAIL>20260306<TRNAMT>-1,250.00<FITID>F2<CHECKNUM>319<NAME>Rent<MEMO></STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>875.40<DTASOF>20260331</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`;
const HEAD_1 =
  'OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:USASCII\r\nCHARSET:1252\r\nCOMPRESSION:NONE\r\n\r\n';
const FILE_2 = `<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?>
<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD</CURDEF><CCACCTFROM><ACCTID>4111</ACCTID></CCACCTFROM>
<BANKTRANLIST><DTSTART>20260301</DTSTART><DTEND>20260331</DTEND>
<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260302</DTPOSTED><TRNAMT>-80.32</TRNAMT><FITID>A&amp;B</FITID>
<PAYEE><NAME>Office &lt;supplies&gt;</NAME></PAYEE></STMTTRN></BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>`;

const read = (text: string, encoding: BufferEncoding = 'utf8') =>
  readBankFile(Buffer.from(text, encoding), { currency: 'USD' });

test('OFX 1.x in Windows-1252 gives its lines, and its ledger balance as the closing one', () => {
  const { format, statements } = read(HEAD_1 + BODY_1, 'latin1');
  expect(format).toBe('ofx');
  expect(statements).toMatchObject([
    { account: '99988877', currency: 'USD', opening: null, closing: 87540n, closesOn: '2026-03-31' },
  ]);
  expect(statements[0]?.lines).toMatchObject([
    { bookedOn: '2026-03-02', amount: 12540n, counterparty: 'Café & Co', text: 'INV 1001', bankId: 'F1' },
    {
      bookedOn: '2026-03-05',
      valueOn: '2026-03-06',
      amount: -125000n,
      reference: '319',
      counterparty: 'Rent',
      text: '',
    },
  ]);
});

test('OFX 2.x of a card is read too', () => {
  const [only] = read(FILE_2).statements;
  expect(only).toMatchObject({ account: '4111', closing: null, closesOn: '2026-03-31' });
  expect(only?.lines).toMatchObject([{ amount: -8032n, counterparty: 'Office <supplies>', bankId: 'A&B' }]);
});

test('a file that ends in the middle, has no statement or an amount that is none is refused', () => {
  expect(() => read((HEAD_1 + BODY_1).slice(0, -40))).toThrow('ends in the middle (no </OFX>)');
  expect(() => read(`${HEAD_1}<OFX></OFX>`)).toThrow(/has no statement/);
  expect(() => read((HEAD_1 + BODY_1).replace('125.40', '12x'))).toThrow(
    'transaction 1: "12x" is not an amount in USD',
  );
  expect(() => read((HEAD_1 + BODY_1).replace('<CURDEF>USD', ''))).toThrow(/names no currency/);
});
