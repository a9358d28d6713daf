import { withoutReceipts } from '@daybook/domain';
import { expect, test } from 'vitest';
import type { BooksWorld } from './conformance-books.ts';
import { creditNote, forms, invoice, receiptFor } from './conformance-documents.ts';
import { movedBy } from './conformance-movements.ts';
import { failureOf } from './conformance-world.ts';

/** Sale and money, or refund and money, in one document; for books that take such. */
export function receiptConformance(books: () => BooksWorld): void {
  test('a receipt does to every account what an invoice or credit note and its payment do', async () => {
    const { terms, mapping } = books();
    for (const make of [invoice, creditNote]) {
      const receipt = receiptFor(make(terms()));
      const asOne = await movedBy(books(), receipt);
      const parts = withoutReceipts([{ ...receipt, number: terms().number, payment: terms().number }]);
      expect(asOne).toEqual(await movedBy(books(), ...parts));
      const sign = receipt.kind === 'sales_receipt' ? 1n : -1n;
      expect(asOne[mapping.account(receipt.role, receipt.account)]).toBe(sign * receipt.total);
    }
  });

  test('in another currency the books keep, a receipt arrives to the cent at the rate it says', async (context) => {
    const { terms, push, find, remote } = books();
    const currency = remote.currencies.find((each) => each === 'EUR' && each !== remote.currency);
    if (currency === undefined) return context.skip(`these books keep no euros beside ${remote.currency}`);
    for (const make of [invoice, creditNote]) {
      const document = { ...receiptFor(make({ ...terms(), currency })), rate: '0.8637' };
      const { total, tax } = document;
      const arrived = await push(document);
      expect(arrived).toMatchObject({ total, tax, currency });
      expect(await find([document])).toEqual([arrived]);
    }
  });

  test('a receipt in a closed period is refused as such, and nothing is there', async () => {
    const { connector, terms, send, find, simulator, account } = books();
    simulator.lock(account, '2026-09-30');
    const early = forms(connector, () => ({ ...terms(), date: '2026-09-30' }));
    for (const document of early) {
      const outcome = await failureOf(() => send([document]));
      const [result] = (outcome as { answered?: { error?: unknown }[] }).answered ?? [];
      expect(result?.error ?? outcome, document.kind).toMatchObject({ kind: 'rejected', code: 'BOOKS_PERIOD_LOCKED' });
      expect(await find([document]), document.kind).toEqual([null]);
    }
  });
}
