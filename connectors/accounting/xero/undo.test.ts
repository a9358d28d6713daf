import type { Allocation, BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../kit/contract.ts';
import { failureOf } from '../../kit/test-handed.ts';
import { connector } from './connector.ts';
import { collectionIn } from './document.ts';
import { CREDIT_NOTE_ID, fixture, handed, INVOICE_ID, mapping } from './test-support.ts';

type Answer = Pick<HttpResponse, 'status' | 'text'>;
type Fields = Record<string, unknown>;
const GONE: Answer = { status: 404, text: "The resource you're looking for cannot be found" };
const json = (value: unknown, status = 200): Answer => ({ status, text: JSON.stringify(value) });
const documentOf = (name: string): BookDocument => fixture(name).document;
const idOf = (name: string): string => fixture(name).expected.remoteId;
const LINES: Fields = {
  LineItems: [
    { AccountCode: '200', LineAmount: 30, TaxAmount: 6 },
    { AccountCode: '202', LineAmount: 22, TaxAmount: 0 },
  ],
};

/** The answer of a fixture, read back with other values. */
function standing(name: string, change: Fields = {}): Answer {
  const { request, response } = fixture(name);
  const list = collectionIn(request.path);
  const [element] = (JSON.parse(response.body) as Record<string, Fields[]>)[list] ?? [];
  const { StatusAttributeString: _, Warnings: __, ...known } = element ?? {};
  return json({ [list]: [{ DateString: '2026-11-09T00:00:00', ...known, ...change }] });
}

/** Answers calls in order, and keeps them. */
function world(...answers: Answer[]) {
  const calls: HttpRequest[] = [];
  const http = {
    request: async (request: HttpRequest): Promise<HttpResponse> => {
      calls.push(request);
      return { headers: {}, ...(answers[calls.length - 1] ?? { status: 500, text: 'asked once too often' }) };
    },
  };
  const told = () => calls.map(({ method, url, body }) => [method, new URL(url).pathname.slice(12), body]);
  return { api: { ...handed().api, http }, calls, told };
}

describe('reading a document back', () => {
  const inspecting = (name: string, ...answers: Answer[]) =>
    connector.inspect(documentOf(name), idOf(name), mapping, world(...answers).api);

  test('tells what a person left of an invoice, line by line', async () => {
    expect(await inspecting('invoice', standing('invoice', { ...LINES, Total: 58, TotalTax: 6 }))).toMatchObject({
      state: 'live',
      number: 'S-1001',
      date: '2026-11-09',
      total: 5800n,
      tax: 600n,
      lines: [
        { account: '200', net: 3000n, tax: 600n },
        { account: '202', net: 2200n, tax: 0n },
      ],
    });
  });

  test('reads amounts that include tax, and lines that name their account by id only', async () => {
    const LineItems = [{ AccountID: 'a-1', LineAmount: 36, TaxAmount: 6 }];
    const snapshot = await inspecting('invoice', standing('invoice', { LineAmountTypes: 'Inclusive', LineItems }));
    expect(snapshot?.lines).toEqual([{ account: 'a-1', net: 3000n, tax: 600n }]);
  });

  test.each<[string, bigint[][]]>([
    [
      'fees',
      [
        [187n, 37n],
        [100n, 0n],
      ],
    ],
    [
      'dispute-won',
      [
        [5410n, 0n],
        [1500n, 0n],
      ],
    ],
    [
      'journal',
      [
        [5410n, 0n],
        [-5410n, 0n],
      ],
    ],
    ['transfer', []],
    ['payout', []],
    ['reserve', []],
    ['payment', []],
  ])('reads %s as it was sent, in our signs and without the side of the money', async (name, lines) => {
    const { expected, document } = fixture(name);
    const snapshot = await inspecting(name, standing(name));
    expect(snapshot).toMatchObject({ ...expected, state: 'live', date: document.date });
    expect(snapshot?.lines.map(({ net, tax }) => [net, tax])).toEqual(lines);
  });

  test.each([
    ['invoice', 'VOIDED', 'voided'],
    ['invoice', 'DELETED', 'deleted'],
    ['payment', 'DELETED', 'deleted'],
    ['journal', 'VOIDED', 'voided'],
    ['transfer', 'DELETED', 'deleted'],
  ])('says of %s with status %s that it is %s', async (name, Status, state) => {
    expect(await inspecting(name, standing(name, { Status }))).toMatchObject({ state });
  });

  test('looks where a movement went while other accounts were mapped, and is null when it is nowhere', async () => {
    const asked = world(GONE, GONE, standing('payout'));
    // As a payout between bank accounts it would be a transfer; it went out as money received.
    const document = { ...documentOf('transfer'), number: 'STR-po1-77ab02' } as BookDocument;
    const snapshot = await connector.inspect(document, idOf('payout'), mapping, asked.api);
    expect(snapshot).toMatchObject({ state: 'live', total: 81563n });
    const lists = ['BankTransfers', 'ManualJournals', 'BankTransactions'];
    expect(asked.told().map(([, path]) => path)).toEqual(lists.map((each) => `/${each}/${idOf('payout')}`));
    expect(await inspecting('transfer', GONE, GONE, GONE)).toBeNull();
    expect(await inspecting('invoice', GONE)).toBeNull();
  });

  test('finds an allocation on its credit note, by id or by what it sets against what', async () => {
    const allocation = documentOf('allocation') as Allocation;
    const note = (...Allocations: Fields[]) => json({ CreditNotes: [{ CreditNoteID: CREDIT_NOTE_ID, Allocations }] });
    const there = {
      AllocationID: 'a-1',
      Amount: 7,
      Date: '/Date(1794182400000+0000)/',
      Invoice: { InvoiceID: INVOICE_ID },
    };
    const read = (id: string, answer: Answer) => connector.inspect(allocation, id, mapping, world(answer).api);
    expect(await read('a-1', note(there))).toMatchObject({ state: 'live', total: 700n, date: '2026-11-09' });
    expect(await read(`invoice ${INVOICE_ID}`, note({ ...there, Amount: 5 }, there))).toMatchObject({
      remoteId: 'a-1',
    });
    expect(await read('a-1', note({ ...there, IsDeleted: true }))).toMatchObject({ state: 'deleted' });
    expect(await read('a-2', note(there))).toBeNull();
    expect(await read('a-1', GONE)).toBeNull();
  });

  test('takes an answer that lacks a field for unreadable, never for gone', async () => {
    const failure = await failureOf(() => inspecting('invoice', standing('invoice', { Total: undefined })));
    expect(failure).toMatchObject({ kind: 'retryable', code: 'BOOKS_ANSWER_UNREADABLE', ambiguous: false });
  });
});

describe('taking a document out', () => {
  const undoing = (name: string, ...answers: Answer[]) => {
    const asked = world(...answers);
    return { ...asked, undone: () => connector.undo(documentOf(name), idOf(name), mapping, asked.api) };
  };

  test.each<[string, string, unknown]>([
    ['invoice', 'VOIDED', { Invoices: [{ InvoiceID: idOf('invoice'), Status: 'VOIDED' }] }],
    ['credit-note', 'VOIDED', { CreditNotes: [{ CreditNoteID: idOf('credit-note'), Status: 'VOIDED' }] }],
    ['payment', 'DELETED', { Status: 'DELETED' }],
    ['transfer', 'DELETED', { Status: 'DELETED' }],
    ['fees', 'DELETED', { BankTransactions: [{ BankTransactionID: idOf('fees'), Status: 'DELETED' }] }],
    [
      'journal',
      'VOIDED',
      {
        ManualJournals: [{ ManualJournalID: idOf('journal'), Narration: 'STR-dp1-91e3d0 #1001', Status: 'VOIDED' }],
      },
    ],
  ])('a %s is %s under its id, without a key that would repeat an old refusal', async (name, Status, body) => {
    // What may have been booked for a journal on bank accounts is looked for first.
    const before = name === 'journal' ? [json({ BankTransactions: [] })] : [];
    const { undone, calls } = undoing(name, ...before, standing(name, { Payments: [] }), standing(name, { Status }));
    expect(await undone()).toBe('undone');
    const last = calls.at(-1);
    expect(calls).toHaveLength(before.length + 2);
    expect(last?.method).toBe('POST');
    expect(last?.url).toMatch(new RegExp(`/${idOf(name)}$`));
    expect(JSON.parse(last?.body ?? '')).toEqual(body);
    expect(last?.headers).not.toHaveProperty('idempotency-key');
  });

  test('a draft is deleted, because only what was approved can be voided', async () => {
    const { undone, calls } = undoing(
      'invoice',
      standing('invoice', { Status: 'DRAFT' }),
      standing('invoice', { Status: 'DELETED' }),
    );
    expect(await undone()).toBe('undone');
    expect(calls[1]?.body).toContain('"Status":"DELETED"');
  });

  test.each([
    ['was voided before', standing('invoice', { Status: 'VOIDED' })],
    ['is not there', GONE],
  ])('what %s is gone, and nothing is written', async (_, answer) => {
    const { undone, calls } = undoing('invoice', answer);
    expect(await undone()).toBe('gone');
    expect(calls).toHaveLength(1);
  });

  test('what somebody takes out between our reading and writing is gone', async () => {
    expect(await undoing('invoice', standing('invoice'), GONE).undone()).toBe('gone');
  });

  test('an allocation is deleted from its credit note', async () => {
    const there = { AllocationID: 'a-1', Amount: 7, Invoice: { InvoiceID: INVOICE_ID } };
    const asked = world(json({ CreditNotes: [{ Allocations: [there] }] }), json({ IsDeleted: true }));
    expect(await connector.undo(documentOf('allocation'), 'a-1', mapping, asked.api)).toBe('undone');
    expect(asked.told()[1]).toEqual(['DELETE', `/CreditNotes/${CREDIT_NOTE_ID}/Allocations/a-1`, undefined]);
  });

  test('what payments or credits are set against stays, and they are named', async () => {
    const Payments = [
      { PaymentID: 'p-1', Amount: 20, Reference: 'P-1001-1' },
      { PaymentID: 'p-2', Amount: 12 },
      { PaymentID: 'p-3', Amount: 9, Status: 'DELETED' },
    ];
    const CreditNotes = [{ CreditNoteID: CREDIT_NOTE_ID, CreditNoteNumber: 'R-1001-1', AppliedAmount: 7 }];
    const { undone, calls } = undoing('invoice', standing('invoice', { Payments, CreditNotes }));
    const failure = await failureOf(() => undone());
    // 20.00 + 12.00 + 7.00.
    expect(failure).toMatchObject({
      kind: 'rejected',
      code: 'BOOKS_STILL_REFERRED',
      subject: 'payment P-1001-1, payment p-2, credit note R-1001-1',
      message:
        'Invoice S-1001 (GBP 52.00) was not taken out of Xero: GBP 39.00 of it is settled there (payment P-1001-1, ' +
        'payment p-2, credit note R-1001-1). Take that out first, here or in Xero, then try again.',
    });
    expect(calls).toHaveLength(1);
  });

  test.each([
    ['The document date cannot be before the period lock date', 'BOOKS_PERIOD_LOCKED'],
    ['This document cannot be edited as it has a payment or credit note allocated to it.', 'BOOKS_STILL_REFERRED'],
    ['This payment has been reconciled and cannot be deleted', 'BOOKS_STILL_REFERRED'],
  ])('a refusal saying "%s" is %s', async (Message, code) => {
    const refused = { ErrorNumber: 10, Elements: [{ ValidationErrors: [{ Message }] }] };
    const { undone } = undoing('payment', standing('payment'), json(refused, 400));
    expect(await failureOf(() => undone())).toMatchObject({ kind: 'rejected', code });
    const within = { Payments: [{ PaymentID: idOf('payment'), ValidationErrors: [{ Message }] }] };
    expect(await failureOf(() => undoing('payment', standing('payment'), json(within)).undone())).toMatchObject({
      code,
    });
  });

  test.each([
    ['500', { status: 500, text: '' }],
    ['a success that left it as it was', standing('payment')],
    ['a success without it', json({ Payments: [] })],
  ])('%s leaves open whether it is out', async (_, answer) => {
    const { undone } = undoing('payment', standing('payment'), answer);
    expect(await failureOf(() => undone())).toMatchObject({ kind: 'retryable', ambiguous: true });
  });
});
