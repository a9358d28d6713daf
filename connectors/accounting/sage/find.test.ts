import type { BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { connector } from './connector.ts';
import {
  asking,
  CREDIT_NOTE_ID,
  CUSTOMER,
  FIXTURES,
  type FixtureName,
  fixture,
  handed,
  INVOICE_ID,
  items,
  json,
  mapping,
  problem,
} from './test-support.ts';

const rowOf = (name: FixtureName) => JSON.parse(fixture(name).response.body) as Record<string, unknown>;
const find = (document: BookDocument, ...answers: Parameters<typeof handed>) => {
  const { api, asked, logged } = handed(...answers);
  return { asked, logged, found: connector.find([document], mapping, api) };
};
const plain = FIXTURES.filter((name) => name !== 'gift-card-payment');

describe('looking up before anything is sent again', () => {
  test.each(plain)('%s is found among others', async (name) => {
    const { document, expected } = fixture(name);
    const others = [{ id: 'x1', reference: `${document.number}0`, allocated_artefacts: [] }, { id: 'x2' }];
    const { found } = find(document, items(...others, rowOf(name)));
    expect(await found).toEqual([expected]);
  });

  test.each(plain)('%s that is not there is null', async (name) => {
    const { document } = fixture(name);
    expect(await find(document, items({ id: 'x1', reference: 'S-100' }), items(), items()).found).toEqual([null]);
  });

  const of = 'attributes=reference,date,deleted_at';
  const money = `${of},status,contact,currency,tax_amount,total_amount,outstanding_amount`;
  const day = 'from_date=2026-11-09&to_date=2026-11-09';
  const page = 'items_per_page=200&page=1';
  test.each<[FixtureName, string]>([
    ['invoice', `GET /sales_invoices?${money}&search=S-1001&${page}`],
    ['credit-note', `GET /sales_credit_notes?${money}&search=R-1001&${page}`],
    ['payment', `GET /contact_payments?${of},contact,currency,tax_amount,total_amount&${day}&${page}`],
    ['transfer', `GET /bank_transfers?${of},amount&${day}&${page}`],
    ['fees', `GET /other_payments?${of},contact,tax_amount,total_amount&${day}&${page}`],
    ['journal', `GET /journals?${of},total,journal_lines&updated_or_created_since=2026-11-08T00:00:00Z&${page}`],
    [
      'allocation',
      `GET /contact_allocations?attributes=date,deleted_at,contact,allocated_artefacts&contact_id=${CUSTOMER}&updated_or_created_since=2026-11-08T00:00:00Z&${page}`,
    ],
  ])('%s is asked for as narrowly as can be', async (name, question) => {
    const { asked, found } = find(fixture(name).document, items(rowOf(name)));
    await found;
    expect(asked.map(asking)).toEqual([question]);
  });

  test('documents of one day share one list', async () => {
    const { document } = fixture('transfer');
    const { api, asked } = handed(items(rowOf('transfer')), items(), items());
    const other = { ...document, number: 'PAY-po2' };
    expect((await connector.find([document, other], mapping, api)).map((each) => each?.number)).toEqual([
      document.number,
      undefined,
    ]);
    expect(asked.map(({ url }) => new URL(url).pathname.split('/')[2])).toEqual([
      'bank_transfers',
      'other_payments',
      'journals',
    ]);
  });

  test('a payment that was sent while its account was mapped otherwise is found all the same', async () => {
    const { document, expected } = fixture('payment');
    const moved = { ...document, role: 'giftcard.liability', account: '2120' } as BookDocument;
    expect(await find(moved, items(), items(rowOf('payment'))).found).toEqual([expected]);
  });

  test('void, deleted and draft documents are never adopted', async () => {
    const row = rowOf('invoice');
    const { document } = fixture('invoice');
    for (const dead of [
      { status: { id: 'VOID' } },
      { status: { id: 'DRAFT' } },
      { status: { id: 'PRO_FORMA' } },
      { deleted_at: '2026-11-10T00:00:00Z' },
    ]) {
      expect(await find(document, items({ ...row, ...dead })).found, JSON.stringify(dead)).toEqual([null]);
    }
  });

  test('an allocation of the same two documents with another amount is not ours', async () => {
    const pair = [
      { artefact: { id: INVOICE_ID }, amount: '5.0' },
      { artefact: { id: CREDIT_NOTE_ID }, amount: '-5.0' },
    ];
    const { found } = find(fixture('allocation').document, items({ id: '9', allocated_artefacts: pair }));
    expect(await found).toEqual([null]);
  });

  test('all pages are read', async () => {
    const first = json({ $next: '/sales_invoices?page=2', $items: [{ id: 'x1', reference: 'S-10010' }] });
    const { asked, found } = find(fixture('invoice').document, first, items(rowOf('invoice')));
    expect(await found).toEqual([fixture('invoice').expected]);
    expect(asked.map(({ url }) => new URL(url).searchParams.get('page'))).toEqual(['1', '2']);
  });
});

describe('money that was booked but not allocated', () => {
  const { document, expected, settling } = fixture('gift-card-payment');
  const row = rowOf('gift-card-payment');

  test('is allocated when it is looked up', async () => {
    const { asked, found } = find(document, items(row), json(row), json(settling?.response ?? '', 201));
    expect(await found).toEqual([expected]);
    const { idempotency_id: _, ...sent } = JSON.parse(asked.at(-1)?.body ?? '').contact_allocation;
    expect(sent).toEqual(JSON.parse(settling?.body ?? ''));
  });

  test('is left alone when it is allocated already', async () => {
    const linked = json({ ...row, payments_allocations: [{ contact_allocation: { id: '72' } }] });
    const { asked, found } = find(document, items(row), linked);
    expect(await found).toEqual([expected]);
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('is left alone where the books refuse: a person has dealt with it', async () => {
    const refusal = problem(422, 'RecordInvalid', 'You can only pay unpaid or part-paid invoices.');
    const { logged, found } = find(document, items(row), json(row), refusal);
    expect(await found).toEqual([expected]);
    expect(logged.map(({ message }) => message)).toContain('books.left_open');
  });
});
