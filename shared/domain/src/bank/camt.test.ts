import { expect, test } from 'vitest';
import { readBankFile } from './read.ts';

/** Hand-written after ISO 20022's camt.053.001.02, and .08 where the two differ. */
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const statement = (entries: string, closing = '1230.00', extra = '') => `${HEAD}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
  <Id>S-7</Id><ElctrncSeqNb>7</ElctrncSeqNb>
  <Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
  <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>
  <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-03</Dt></Dt></Bal>
  ${entries}${extra}
</Stmt></BkToCstmrStmt></Document>`;

const CREDIT = `<Ntry><Amt Ccy="EUR">500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
  <BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-03</Dt></ValDt><AcctSvcrRef>BK-1</AcctSvcrRef>
  <NtryDtls><TxDtls><Refs><EndToEndId>E2E-9</EndToEndId></Refs>
    <RltdPties><Dbtr><Nm>Müller &amp; Söhne</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct></RltdPties>
    <RmtInf><Ustrd>Rechnung</Ustrd><Ustrd>RE-2026-17</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`;
const part = (amount: string, name: string) => `<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
  <Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd>
  <RltdPties><Cdtr><Pty><Nm>${name}</Nm></Pty></Cdtr></RltdPties><RmtInf><Ustrd>Pay ${name}</Ustrd></RmtInf></TxDtls>`;
const BATCH = `<Ntry><Amt Ccy="EUR">270.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
  <BookgDt><DtTm>2026-03-03T08:00:00Z</DtTm></BookgDt><AcctSvcrRef>BK-2</AcctSvcrRef>
  <NtryDtls>${part('200.00', 'Ann')}${part('70.00', 'Ben')}</NtryDtls></Ntry>`;
const PENDING = '<Ntry><Amt Ccy="EUR">9.99</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts></Ntry>';

const read = (text: string) => readBankFile(new TextEncoder().encode(text), { currency: 'EUR' });

test('a CAMT.053 statement gives its lines with the bank’s signs, and a batch its transactions', () => {
  const { format, statements } = read(statement(CREDIT + BATCH + PENDING));
  expect(format).toBe('camt');
  expect(statements).toMatchObject([
    {
      account: 'DE89370400440532013000',
      currency: 'EUR',
      number: '7',
      opening: 100000n,
      closing: 123000n,
      closesOn: '2026-03-03',
    },
  ]);
  expect(statements[0]?.lines).toEqual([
    {
      bookedOn: '2026-03-02',
      valueOn: '2026-03-03',
      amount: 50000n,
      counterparty: 'Müller & Söhne',
      counterpartyAccount: 'DE02120300000000202051',
      reference: null,
      text: 'Rechnung RE-2026-17',
      bankId: 'BK-1',
      endToEndId: 'E2E-9',
    },
    expect.objectContaining({
      amount: -20000n,
      counterparty: 'Ann',
      text: 'Pay Ann',
      bankId: 'BK-2/1',
      endToEndId: null,
    }),
    expect.objectContaining({ amount: -7000n, counterparty: 'Ben', bankId: 'BK-2/2', bookedOn: '2026-03-03' }),
  ]);
});

test('a batch whose transactions do not come to the entry stays one line', () => {
  const batch = BATCH.replace('>70.00', '>71.00');
  const [only] = read(statement(CREDIT + batch)).statements;
  expect(only?.lines.map((line) => line.amount)).toEqual([50000n, -27000n]);
});

test('a statement whose lines do not lead to its closing balance is refused with what is missing', () => {
  expect(() => read(statement(CREDIT, '1230.00'))).toThrow(
    'Statement 7 of account DE89370400440532013000 opens with EUR 1000.00, its 1 lines lead to EUR 1500.00, but it ' +
      'closes with EUR 1230.00: EUR -270.00 is missing. Download it once more, whole. Nothing was imported.',
  );
});

test('broken XML, other messages, other currencies and days that are none are refused with the place', () => {
  expect(() => read(statement(CREDIT).replace('</Stmt>', ''))).toThrow(/not well-formed XML: line \d+/);
  expect(() => read(`${HEAD}<Document><BkToCstmrDbtCdtNtfctn/></Document>`)).toThrow(/it is not CAMT.053/);
  expect(() => read(statement(CREDIT.replace('Ccy="EUR"', 'Ccy="USD"')))).toThrow(
    'entry 1 is in USD, the account in EUR.',
  );
  expect(() => read(statement(CREDIT.replace('2026-03-02', '2026-02-30')))).toThrow(
    'entry 1: "2026-02-30" is not a day.',
  );
  expect(() => read(statement(CREDIT.replace('500.00', '500.001')))).toThrow(/"500.001" is not an amount in EUR/);
});

test('a file in Latin-1 is read as it declares', () => {
  const text = statement(CREDIT + BATCH).replace('UTF-8', 'ISO-8859-1');
  const [only] = readBankFile(Buffer.from(text, 'latin1'), { currency: 'EUR' }).statements;
  expect(only?.lines[0]?.counterparty).toBe('Müller & Söhne');
});
