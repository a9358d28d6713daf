import type { BookDocument } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { answerConformance } from './conformance-answers.ts';
import { type BooksWorld, openBooks } from './conformance-books.ts';
import { allocation, creditNote, forms, invoice, PARTY, payment } from './conformance-documents.ts';
import { handworkConformance, movementConformance, undoConformance } from './conformance-movements.ts';
import { receiptConformance } from './conformance-receipts.ts';
import { failureOf, leaks, opened, type Subject } from './conformance-world.ts';
import type { AccountingConnector, BooksMapping, SendResult } from './contract.ts';

/** What every system of books must do, against its simulator. */
export function accountingConformance(subject: Subject<AccountingConnector>): void {
  const books = opened(() => openBooks(subject));

  describe('the books', () => lookUpConformance(subject.connector, books));
  describe('documents', () => documentConformance(books));
  if (subject.connector.receipts) describe('receipts', () => receiptConformance(books));
  describe('money of processors', () => movementConformance(books));
  describe('sending again', () => repetitionConformance(books));
  describe('what people do by hand', () => handworkConformance(books));
  describe('undoing', () => undoConformance(books));
  describe('refusals', () => refusalConformance(subject.connector, books));
  describe('answers that are none', () => answerConformance(books));

  test('no secret reached the log', () => {
    expect(leaks(books(), subject.connector.secrets)).toEqual([]);
  });
}

function lookUpConformance(connector: AccountingConnector, books: () => BooksWorld): void {
  test('name their chart, tax rates, currencies and lock date', async () => {
    const remote = await connector.readBooks(books().api);
    expect(remote.name).not.toBe('');
    expect(remote.currencies).toContain(remote.currency);
    expect(remote.accounts.length).toBeGreaterThan(0);
    for (const account of remote.accounts)
      expect(account, JSON.stringify(account)).toMatchObject({ code: /\S/, name: /\S/ });
    for (const { rate } of remote.taxRates) expect(rate).toMatch(/^\d+(\.\d+)?$/);
    expect(remote.lockDate === null || /^\d{4}-\d\d-\d\d$/.test(remote.lockDate)).toBe(true);
  });

  test('suggest an account and a tax for whatever a sale needs', () => {
    const { mapping, terms } = books();
    for (const line of [...invoice(terms()).lines, ...creditNote(terms()).lines]) {
      expect(mapping.account(line.role, line.account)).toMatch(/\S/);
      expect(mapping.tax(line.taxCode)).toMatch(/\S/);
    }
  });

  test('know a customer once, however often we ask for it', async () => {
    const first = await connector.ensureParties([PARTY], books().api);
    const second = await connector.ensureParties([PARTY], books().api);
    expect(first.get(PARTY.id)).toMatch(/\S/);
    expect([...second]).toEqual([...first]);
  });

  test('have no document that was never sent', async () => {
    const { terms, find } = books();
    expect(await find([invoice(terms()), invoice(terms())])).toEqual([null, null]);
  });
}

function documentConformance(books: () => BooksWorld): void {
  test('are encoded the same every time, so that a replay is the same request', async () => {
    const { connector, mapping, terms, prepare } = books();
    for (const document of forms(connector, terms)) {
      await prepare([document]);
      const encoded = connector.encode(document, mapping);
      expect(connector.encode(document, mapping)).toBe(encoded);
      const request = connector.prepare(document.kind, [encoded], document, mapping);
      expect(connector.prepare(document.kind, [encoded], document, mapping)).toEqual(request);
    }
  });

  test('arrive to the minor unit, with their tax, and can be looked up', async () => {
    const { connector, terms, push, find } = books();
    for (const document of forms(connector, terms)) {
      const remote = await push(document);
      expect(remote).toMatchObject({ number: document.number, currency: document.currency });
      expect([remote.total, remote.tax]).toEqual([document.total, document.tax]);
      expect(await find([document])).toEqual([remote]);
    }
  });

  test.for(['JPY', 'KWD'])('in %s are exact or refused, never rounded', async (currency, context) => {
    const { terms, send, remote } = books();
    context.skip(!remote.currencies.includes(currency), `these books have no ${currency}`);
    const document = invoice({ ...terms(), currency });
    const outcome = await failureOf(() => send([document]));
    const result = (outcome as { answered?: Awaited<ReturnType<BooksWorld['send']>> }).answered?.[0];
    if (result?.ok) expect([result.remote.total, result.remote.tax]).toEqual([document.total, document.tax]);
    else expect(result?.error ?? outcome).toMatchObject({ kind: 'rejected', code: expect.stringMatching(/^BOOKS_/) });
  });

  test('are settled by payments, paid back, and set against each other', async () => {
    const { terms, push, find, send } = books();
    const [sold, returned] = [invoice(terms()), creditNote(terms())];
    await push(sold);
    await push(returned);
    const documents: BookDocument[] = [
      payment(sold, `${sold.number}-P1`, sold.total - 600n),
      payment(returned, `${returned.number}-P1`, returned.total - 600n),
      allocation(returned, sold, 600n),
    ];
    for (const document of documents) {
      const remote = await push(document);
      expect(remote.total).toBe((document as { amount: bigint }).amount);
      expect((await find([document]))[0]?.remoteId, `${document.kind} ${document.number}`).toBe(remote.remoteId);
    }
    const [tooMuch] = await send([payment(sold, `${sold.number}-P2`, 1n)]);
    expect(tooMuch, 'a payment on an invoice with nothing open').toMatchObject({
      ok: false,
      error: { kind: 'rejected' },
    });
  });
}

function repetitionConformance(books: () => BooksWorld): void {
  test('the same key twice is one document', async () => {
    const { connector, terms, send, count } = books();
    for (const document of forms(connector, terms)) {
      const [before, key] = [count(), `one-key-${document.kind}`];
      const first = await send([document], key);
      const second = await failureOf(() => send([document], key));
      expect(count() - before).toBe(1);
      expect(first[0]?.ok).toBe(true);
      await expectSameOrRefused(books(), document, first, second);
    }
  });

  test('a number that is already there, under another key, is found and adopted', async () => {
    const { connector, terms, send, count } = books();
    for (const document of forms(connector, terms)) {
      const before = count();
      const first = await send([document], `the-first-key-${document.kind}`);
      const second = await failureOf(() => send([document], `another-key-${document.kind}`));
      expect(count() - before).toBe(1);
      await expectSameOrRefused(books(), document, first, second);
    }
  });

  test('a reply that was lost leaves a document that is found, not repeated', async () => {
    const { connector, terms, send, find, count, loseReplyOf } = books();
    for (const document of forms(connector, terms)) {
      const before = count();
      await loseReplyOf(document);
      expect(await failureOf(() => send([document]))).toMatchObject({ kind: 'retryable', ambiguous: true });
      expect(count() - before).toBe(1);
      expect((await find([document]))[0]).toMatchObject({ number: document.number, total: document.total });
    }
  });

  test('a payment whose reply was lost is found too, although it has no number of its own', async () => {
    const { terms, push, send, find, loseReplyOf } = books();
    const sold = invoice(terms());
    await push(sold);
    const paid = payment(sold, `${sold.number}-P1`, 700n);
    expect(await find([paid])).toEqual([null]);
    await loseReplyOf(paid);
    expect(await failureOf(() => send([paid]))).toMatchObject({ kind: 'retryable', ambiguous: true });
    expect((await find([paid]))[0]).toMatchObject({ total: 700n });
  });
}

/** The second answer names the same document, or refuses in words that send us to the look-up, which finds it. */
async function expectSameOrRefused(
  { find }: BooksWorld,
  document: BookDocument,
  first: Awaited<ReturnType<BooksWorld['send']>>,
  second: unknown,
): Promise<void> {
  const remoteId = first[0]?.ok ? first[0].remote.remoteId : undefined;
  const again = (second as { answered?: typeof first }).answered?.[0] ?? { ok: false as const, error: second };
  if (again.ok) expect(again.remote.remoteId).toBe(remoteId);
  else expect(again.error).toMatchObject({ name: 'ConnectorError' });
  expect((await find([document]))[0]?.remoteId).toBe(remoteId);
}

function refusalConformance(connector: AccountingConnector, books: () => BooksWorld): void {
  test('an account or tax that is not mapped is named', async () => {
    const { mapping, terms, prepare } = books();
    await prepare([invoice(terms())]);
    for (const [word, subject] of [
      ['sales.shipping', 'account sales.shipping'],
      [terms().taxes.standard.code, `tax ${terms().taxes.standard.code}`],
    ] as const) {
      mapping.withheld.add(word);
      const failure = await failureOf(() => connector.encode(invoice(terms()), mapping));
      mapping.withheld.delete(word);
      expect(failure).toMatchObject({ kind: 'rejected', code: 'MAPPING_MISSING', subject });
    }
  });

  test('a document in a closed period is rejected, and the others of its batch land', async () => {
    const { terms, send, find, simulator, account } = books();
    simulator.lock(account, '2026-09-30');
    const documents = [invoice(terms()), invoice({ ...terms(), date: '2026-09-30' }), invoice(terms())];
    const batch = connector.batches.includes('invoice') ? [documents] : documents.map((each) => [each]);
    const results = (await Promise.all(batch.map((each) => send(each)))).flat();
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(results[1]).toMatchObject({ error: { kind: 'rejected', code: 'BOOKS_PERIOD_LOCKED' } });
    expect((await find(documents)).map((remote) => remote?.number)).toEqual([
      documents[0]?.number,
      undefined,
      documents[2]?.number,
    ]);
    expect((await connector.readBooks(books().api)).lockDate).toBe('2026-09-30');
  });

  test('a document that names an account the books do not have is rejected', async () => {
    const { terms, send, mapping } = books();
    const gone = 'no-such-account';
    const lost: BooksMapping = {
      ...mapping,
      account: () => gone,
      remoteAccount: (role, code) => ({ ...mapping.remoteAccount(role, code), code: gone, remoteId: gone }),
    };
    // Books that need a record per account cannot even make it, and refuse before anything is sent.
    const outcome = await failureOf(() => send([invoice(terms())], undefined, lost));
    const [result] = (outcome as { answered?: SendResult[] }).answered ?? [];
    expect(result && !result.ok ? result.error : outcome).toMatchObject({ kind: 'rejected' });
  });
}
