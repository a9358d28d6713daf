import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openBench, plainInvoice, type Reply } from './test-client.ts';

/** The provider's own specification is data beside the repository (SOURCES.md there names its commit). */
const SPEC = join(import.meta.dirname, '../../../../../shared/contracts/xero/openapi.yaml');
const absent = !existsSync(SPEC);

/** What the specification objects to in an answer; [] when nothing. */
function objections(ajv: Ajv, schema: string, answer: Reply): string[] {
  const validate = ajv.compile({ $ref: `spec#/components/schemas/${schema}` });
  validate(answer.body);
  return (validate.errors ?? []).map((each) => `${schema}${each.instancePath} ${each.message}`);
}

function validator(): Ajv {
  // Not strict: the specification carries keywords of its own (x-is-money), examples, and defaults of the wrong type.
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
  for (const format of ['double', 'int32', 'int64', 'date-time', 'byte', 'binary']) ajv.addFormat(format, true);
  return ajv.addSchema(parse(readFileSync(SPEC, 'utf8')), 'spec');
}

describe.skipIf(absent)(absent ? 'answers: the specification is not beside the repository' : 'answers', () => {
  test('are what the specification describes', async () => {
    const bench = await openBench();
    const ajv = validator();
    bench.xero.lock(bench.british, '2026-01-31');
    const note = { ...plainInvoice(bench), Type: 'ACCRECCREDIT', CreditNoteNumber: 'R-1' };
    const money = { Account: { Code: '1200' }, Date: '2026-11-20', Amount: 5 };
    const answers: [schema: string, answer: Reply][] = [
      ['Invoices', await bench.invoice({ InvoiceNumber: 'S-1' })],
      ['CreditNotes', await bench.call('PUT', '/CreditNotes', { body: { CreditNotes: [note] } })],
      ['Payments', await bench.call('PUT', '/Payments', { body: { ...money, InvoiceNumber: 'S-1' } })],
      ['Payments', await bench.call('PUT', '/Payments', { body: { ...money, CreditNoteNumber: 'R-1' } })],
    ];
    const noteId = answers[1]?.[1].body.CreditNotes[0].CreditNoteID;
    const allocation = { Invoice: { InvoiceNumber: 'S-1' }, Amount: 5, Date: '2026-11-20' };
    const refused = { Invoices: [{ ...plainInvoice(bench), CurrencyCode: 'CHF' }] };
    answers.push(
      ['Allocations', await bench.call('PUT', `/CreditNotes/${noteId}/Allocations`, { body: allocation })],
      ['Invoices', await bench.call('PUT', '/Invoices?summarizeErrors=false', { body: refused })],
      ['Error', await bench.call('PUT', '/Invoices', { body: refused })],
    );
    const account = (Code: string) => ({ AccountID: accountIds.get(Code) });
    const accountIds = new Map<string, string>();
    for (const each of (await bench.call('GET', '/Accounts')).body.Accounts) accountIds.set(each.Code, each.AccountID);
    const lines = [{ Description: 'Fee', UnitAmount: 5, AccountCode: '7905' }];
    const spent = { Type: 'SPEND', Contact: { ContactID: bench.contactId }, BankAccount: account('1200') };
    const moved = { FromBankAccount: account('1200'), ToBankAccount: account('1230'), Amount: 5 };
    const JournalLines = [5, -5].map((LineAmount) => ({ LineAmount, AccountCode: '7905' }));
    const journal = { Narration: 'J-1', Status: 'POSTED', JournalLines };
    for (const [list, body] of [
      ['BankTransactions', { ...spent, LineItems: lines }],
      ['BankTransactions?summarizeErrors=false', { ...spent, LineItems: [] }],
      ['BankTransfers', moved],
      ['ManualJournals', journal],
      ['ManualJournals?summarizeErrors=false', { ...journal, JournalLines: [] }],
    ] as const) {
      const [schema = ''] = list.split('?');
      answers.push([schema, await bench.call('PUT', `/${list}`, { body: { [schema]: [body] } })]);
      answers.push([schema, await bench.call('GET', `/${schema}?page=1`)]);
    }
    for (const schema of ['Invoices', 'CreditNotes', 'Payments', 'Contacts', 'Accounts', 'TaxRates', 'Currencies']) {
      answers.push([schema, await bench.call('GET', `/${schema}?page=1`)]);
    }
    for (const tenant of [bench.british, bench.american]) {
      answers.push(['Organisations', await bench.call('GET', '/Organisation', { tenant })]);
    }
    expect(answers.flatMap(([schema, answer]) => objections(ajv, schema, answer))).toEqual([]);
    await bench.xero.close();
  });
});
