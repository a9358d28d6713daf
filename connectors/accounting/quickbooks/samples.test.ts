import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../kit/contract.ts';
import { bookedIn, isVoided, remoteOf } from './answer.ts';
import { readAccounts } from './books.ts';
import { connector } from './connector.ts';
import type { Entity } from './entities.ts';
import { failure, faultIn } from './errors.ts';
import { fixture, handed, json } from './test-support.ts';

/** Exchanges recorded by others lie beside the repository (SOURCES.md there says whose). */
const SAMPLES = join(import.meta.dirname, '../../../../shared/contracts/quickbooks/samples');
const absent = !existsSync(SAMPLES);
const READ = { what: 'Reading a sample', writes: false };

function raw(name: string): string {
  return readFileSync(join(SAMPLES, `${name}.json`), 'utf8');
}
/** The body of a recorded answer as text, numbers as they were written. */
function recorded(name: string): HttpResponse {
  const { response } = JSON.parse(raw(name)) as { response: { status: number; body: unknown } };
  return { status: response.status, headers: {}, text: JSON.stringify(response.body) };
}
function recordIn(name: string, key: string) {
  const body = JSON.parse(recorded(name).text, (_, value) => (typeof value === 'number' ? String(value) : value));
  return bookedIn(body[key], READ);
}

describe('answers recorded from the real service', () => {
  if (absent)
    process.stdout.write('samples.test.ts: ../shared is not beside the repository, its samples are not read.\n');

  test.skipIf(absent).each<[string, string, Entity, BookDocument, object]>([
    [
      'create-invoice',
      'Invoice',
      'invoice',
      fixture('invoice').document,
      { remoteId: '155', number: '1042', total: 10_000n, tax: 0n, currency: 'USD', status: 'Open' },
    ],
    [
      'get-credit-memo',
      'CreditMemo',
      'creditmemo',
      fixture('credit-note').document,
      { remoteId: '184', number: '1051', total: 10_000n, status: 'Open' },
    ],
    // It was not linked to anything, so nothing of it counts as paid.
    [
      'create-payment',
      'Payment',
      'payment',
      fixture('payment').document,
      { remoteId: '180', number: '', total: 0n, status: 'Posted' },
    ],
    [
      'get-journal-entry',
      'JournalEntry',
      'journalentry',
      fixture('journal').document,
      { remoteId: '8', total: 2_500_000n },
    ],
  ])('%s', (name, key, entity, document, expected) => {
    const found = recordIn(name, key);
    expect(remoteOf(document, entity, found, READ)).toMatchObject(expected);
    expect(isVoided(entity, found, 'USD')).toBe(false);
  });

  test.skipIf(absent)('the chart', async () => {
    const { api } = handed(json(recorded('accounts').text));
    expect((await readAccounts(api)).map(({ Id, AccountType }) => `${Id} ${AccountType}`)).toEqual([
      '69 Expense',
      '33 Accounts Payable',
      '84 Accounts Receivable',
      '7 Expense',
    ]);
  });

  test.skipIf(absent).each([
    ['rec-error-401', { kind: 'unauthorized', code: 'BOOKS_TOKEN_EXPIRED' }],
    ['rec-error-500-2', { kind: 'rejected', code: 'BOOKS_REFUSED' }],
    ['rec-error-validation', { kind: 'rejected', code: 'BOOKS_CONTACT_NAME_TAKEN' }],
  ])('%s', (name, expected) => {
    const found = failure(recorded(name), READ);
    expect(found).toMatchObject(expected);
    expect(found.message).not.toContain('AB0160');
  });

  test.skipIf(absent)('faults of batch items', () => {
    const { BatchItemResponse } = JSON.parse(recorded('rec-batch-basic').text) as { BatchItemResponse: unknown[] };
    expect(BatchItemResponse.map((each) => faultIn(each)?.code ?? null)).toEqual([null, '610', '5010', null]);
  });

  test.skipIf(absent)('webhooks in both shapes: neither sample is about a document of ours', () => {
    for (const name of ['webhook-cloudevents', 'webhook-legacy-multi-entity']) {
      expect(connector.webhooks?.changes(Buffer.from(raw(name)))).toEqual([]);
    }
    const paid = raw('webhook-cloudevents').replace('qbo.class.created.v1', 'qbo.payment.created.v1');
    expect(connector.webhooks?.changes(Buffer.from(paid))).toEqual([
      { account: '310687', remoteId: '1234', operation: 'created' },
    ]);
  });
});
