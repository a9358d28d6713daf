import { describe, expect, test } from 'vitest';
import { balances, booksIn, disputeOf, factsWith, refundOf, rows, saleOf, taxed } from '../test/books.ts';
import { c1, c18, card, GB, US } from '../test/examples.ts';
import { documentsFor } from './document-rules.ts';
import { type CanonicalEvent, stageOf } from './events.ts';
import { entriesFor, type PostingFacts, relatedFacts } from './posting-rules.ts';

/** Accounting.md C17: disputes, stage by stage, to the cent. */
const post = (event: CanonicalEvent, known: Partial<PostingFacts> = {}, books = US) =>
  entriesFor(event, factsWith(known), books);
const opened = disputeOf({ currency: 'USD', amount: 5410n, fee: 1500n });
const won = disputeOf({ currency: 'USD', amount: 5410n, status: 'won', fee: -1500n });
const lost = disputeOf({ currency: 'USD', amount: 5410n, status: 'lost' });
const asRefund = booksIn('US', { settings: { lostDispute: 'refund' } });

describe('a dispute', () => {
  test('C17a: opened, the money is taken and the fee with it', () => {
    const [entry] = post(opened);
    expect(rows(entry, 'USD')).toEqual(['Cr clearing.stripe 69.10', 'Dr dispute.held 54.10', 'Dr fees.dispute 15.00']);
    expect(entry).toMatchObject({
      entryType: 'DSP',
      sourceKey: 'webshop:demo.example:dispute:dp_1:opened',
      memo: 'Demo shop dispute dp_1 opened',
    });
  });

  test('C17b: won, with the fee only if the processor returns it', () => {
    const [entry] = post(won);
    expect(rows(entry, 'USD')).toEqual(['Dr clearing.stripe 69.10', 'Cr dispute.held 54.10', 'Cr fees.dispute 15.00']);
    expect(entry?.sourceKey).toBe('webshop:demo.example:dispute:dp_1:won');
    expect(rows(post(disputeOf({ currency: 'USD', amount: 5410n, status: 'won' }))[0], 'USD')).toEqual([
      'Dr clearing.stripe 54.10',
      'Cr dispute.held 54.10',
    ]);
  });

  test('C17c: lost, it is a loss and the tax stays due', () => {
    const [entry] = post(lost, { sale: c1 });
    expect(rows(entry, 'USD')).toEqual(['Dr chargeback.loss 54.10', 'Cr dispute.held 54.10']);
    expect(entry?.sourceKey).toBe('webshop:demo.example:dispute:dp_1:lost');
  });

  test('C17d: lost and treated as a refund, it takes returns and tax from the sale', () => {
    const [entry] = post(lost, { sale: c1 }, asRefund);
    expect(rows(entry, 'USD')).toEqual(['Dr sales.returns 49.98', 'Dr tax.output 4.12', 'Cr dispute.held 54.10']);
    expect(entry?.lines.map((line) => [line.taxCode, line.taxKind])).toEqual([
      ['TAX', 'net_out'],
      ['TAX', 'tax_out'],
      [undefined, undefined],
    ]);
    // A part of it in the sale's ratio: 20.00 × 4.12 / 54.10 = 1.523…
    const part = disputeOf({ currency: 'USD', amount: 2000n, status: 'lost' });
    expect(rows(post(part, { sale: c1 }, asRefund)[0], 'USD')).toEqual([
      'Dr sales.returns 18.48',
      'Dr tax.output 1.52',
      'Cr dispute.held 20.00',
    ]);
  });

  test('treated as a refund, what earlier refunds left of the sale is given back exactly', () => {
    const half = refundOf({
      currency: 'USD',
      lines: [{ kind: 'adjustment', net: 2705n, taxUnknown: true }],
      tenders: [card('stripe', 2705n)],
    });
    const sold = post(c1);
    const back = post(half, { sale: c1, saleEntries: sold });
    const rest = disputeOf({ currency: 'USD', amount: 2705n, status: 'lost' });
    const entries = [...sold, ...back, ...post(rest, { sale: c1, earlierRefunds: [half] }, asRefund)];
    const left = balances(entries, (line) => (line.role.startsWith('sales.') ? 'sales' : line.role));
    expect([...left.keys()]).toEqual(['clearing.stripe USD', 'dispute.held USD']);
  });

  test('treated as a refund, it counts for the refunds that follow', () => {
    const sale = saleOf({
      currency: 'USD',
      lines: [{ kind: 'product', net: 100n, taxes: taxed(20n, '20') }],
      tenders: [card('stripe', 120n)],
    });
    const refund = refundOf({
      currency: 'USD',
      lines: [{ kind: 'adjustment', net: 40n, taxUnknown: true }],
      tenders: [card('stripe', 40n)],
    });
    const gone = disputeOf({ currency: 'USD', amount: 40n, status: 'lost' });
    // 0.40 × 20/120 is 0.07, 0.80 × 20/120 is 0.13: the second one gives back 0.06.
    expect(rows(post(gone, { sale }, asRefund)[0], 'USD')[1]).toBe('Dr tax.output 0.07');
    const after = { sale, earlierLosses: [gone] };
    expect(rows(post(refund, after, asRefund)[0], 'USD')).toContain('Dr tax.output 0.06');
    expect(rows(post(refund, after, US)[0], 'USD')).toContain('Dr tax.output 0.07');
    const [note] = documentsFor(refund, factsWith(after), asRefund);
    expect(note).toMatchObject({ kind: 'credit_note', total: 40n, tax: 6n });
  });

  test('treated as a refund, it waits for a sale still to come, and is a loss where nobody knows the sale', () => {
    expect(relatedFacts(lost, asRefund)).toEqual([{ type: 'sale', id: '1001' }]);
    expect(relatedFacts(lost, US)).toEqual([]);
    expect(() => post(lost, { related: new Map([['sale:1001', null]]) }, asRefund)).toThrow(
      /dispute dp_1 lost \(USD 54\.10\): the sale 1001 it belongs to is not in the books yet/,
    );
    expect(rows(post(lost, {}, asRefund)[0], 'USD')[0]).toBe('Dr chargeback.loss 54.10');
    const nameless = disputeOf({ currency: 'USD', amount: 5410n, status: 'lost', sale: undefined });
    expect(rows(post(nameless, {}, asRefund)[0], 'USD')[0]).toBe('Dr chargeback.loss 54.10');
  });

  test('treated as a refund, tax the channel collected is the channel’s to give back', () => {
    const taxes = [{ name: 'CA', rate: '8.25', amount: 330n, collectedBy: 'channel' as const }];
    const sale = saleOf({
      currency: 'USD',
      lines: [{ kind: 'product', net: 4000n, taxes }],
      tenders: [card('stripe', 4330n)],
    });
    const all = disputeOf({ currency: 'USD', amount: 4330n, status: 'lost' });
    expect(rows(post(all, { sale }, asRefund)[0], 'USD')).toEqual([
      'Dr sales.returns 40.00',
      'Dr tax.marketplace 3.30',
      'Cr dispute.held 43.30',
    ]);
  });

  test('a fee that comes with the loss is booked with it', () => {
    const dear = disputeOf({ currency: 'USD', amount: 5410n, status: 'lost', fee: 2000n });
    expect(rows(post(dear)[0], 'USD')).toEqual([
      'Dr chargeback.loss 54.10',
      'Cr dispute.held 54.10',
      'Cr clearing.stripe 20.00',
      'Dr fees.dispute 20.00',
    ]);
  });

  test('its fee is coded like any fee, also under reverse charge', () => {
    const dispute = disputeOf({ currency: 'GBP', amount: 10400n, fee: 2000n });
    expect(post(dispute, {}, GB)[0]?.lines.find((line) => line.role === 'fees.dispute')).toMatchObject({
      taxCode: 'E',
      taxKind: 'net_in',
    });
    const books = booksIn('GB', { settings: { feeTaxCode: 'RC20' } });
    expect(rows(post(dispute, {}, books)[0], 'GBP')).toEqual([
      'Cr clearing.stripe 124.00',
      'Dr dispute.held 104.00',
      'Dr fees.dispute 20.00',
      'Dr tax.input.rc 4.00',
      'Cr tax.output.rc 4.00',
    ]);
  });

  test('without a processor of its own it is at the one its sale was paid with', () => {
    const silent = disputeOf({ currency: 'USD', amount: 5410n, processor: undefined });
    expect(rows(post(silent, { sale: c1 })[0], 'USD')[0]).toBe('Cr clearing.stripe 54.10');
    expect(() => post(silent)).toThrow(/no account plays the role clearing\.card/);
  });

  test('its stages are facts of their own: a newer revision of one leaves the others alone', () => {
    expect([opened, won, lost, c1].map(stageOf)).toEqual(['opened', 'won', 'lost', null]);
    const entries = post(opened);
    const cancelled = disputeOf({ currency: 'USD', revision: '2', amount: 0n });
    const undone = post(cancelled, { previous: { version: 1, event: opened, entries } });
    expect(undone.map((entry) => entry.sourceKey)).toEqual(['webshop:demo.example:dispute:dp_1:opened:reversal']);
    const larger = disputeOf({ currency: 'USD', revision: '2', amount: 5410n, fee: 2000n });
    const edited = post(larger, { previous: { version: 1, event: opened, entries } });
    expect(edited.map((entry) => entry.sourceKey).at(-1)).toBe('webshop:demo.example:dispute:dp_1:opened:v2');
  });
});

describe('a dispute in a foreign currency', () => {
  const rates = { 'JPY 2026-03-10': '0.00668', 'JPY 2026-04-20': '0.00701' };
  const roles = { 'clearing.stripe.JPY': '1104' };
  const books = booksIn('US', { roles, rates });
  const later = { occurredAt: '2026-04-20T08:00:00Z' };
  const open = disputeOf({ currency: 'JPY', amount: 11000n });
  const held = post(open, {}, books);
  const related = new Map([['dispute:dp_1', held]]);
  const heldAfter = (...more: typeof held) => balances([...held, ...more], (line) => line.role).get('dispute.held JPY');

  test('is held at the rate of its day, and comes back at what it was held at', () => {
    expect(rows(held[0], 'USD')).toEqual(['Cr clearing.stripe.JPY 73.48', 'Dr dispute.held 73.48']);
    const back = disputeOf({ currency: 'JPY', amount: 11000n, status: 'won', ...later });
    expect(relatedFacts(back, books)).toEqual([{ type: 'dispute', id: 'dp_1' }]);
    const entries = post(back, { related }, books);
    expect(rows(entries[0], 'USD')).toEqual(['Dr clearing.stripe.JPY 73.48', 'Cr dispute.held 73.48']);
    expect(heldAfter(...entries)).toBeUndefined();
  });

  test('lost in part and won in part leaves nothing held', () => {
    const gone = disputeOf({ currency: 'JPY', amount: 3333n, status: 'lost', ...later });
    const one = post(gone, { related }, books);
    expect(rows(one[0], 'USD')).toEqual(['Dr chargeback.loss 22.26', 'Cr dispute.held 22.26']);
    const back = disputeOf({ currency: 'JPY', amount: 7667n, status: 'won', ...later });
    const two = post(back, { related: new Map([['dispute:dp_1', [...held, ...one]]]) }, books);
    expect(heldAfter(...one, ...two)).toBeUndefined();
  });

  test('lost as a refund: tax and returns at the sale’s rate, the difference to what was held is realised', () => {
    const asRefundBooks = booksIn('US', { roles, rates, settings: { lostDispute: 'refund' } });
    const heldLater = post(disputeOf({ currency: 'JPY', amount: 11000n, ...later }), {}, asRefundBooks);
    const gone = disputeOf({ currency: 'JPY', amount: 11000n, status: 'lost', ...later });
    const facts = { sale: c18, related: new Map([['dispute:dp_1', heldLater]]) };
    expect(rows(post(gone, facts, asRefundBooks)[0], 'USD')).toEqual([
      'Dr sales.returns 66.80',
      'Dr tax.output 6.68',
      'Cr dispute.held 77.11',
      'Dr fx.loss 3.63',
    ]);
  });

  test('closed before its opening is booked it waits, and where that never comes the rate of the day decides', () => {
    const back = disputeOf({ currency: 'JPY', amount: 11000n, status: 'won', ...later });
    expect(() => post(back, { related: new Map([['dispute:dp_1', null]]) }, books)).toThrow(
      /dispute dp_1 won \(JPY 11000\): the dispute dp_1 it belongs to is not in the books yet/,
    );
    expect(rows(post(back, {}, books)[0], 'USD')[0]).toBe('Dr clearing.stripe.JPY 77.11');
  });

  test('withdrawn in another currency than the sale’s takes the sale’s ratio', () => {
    const sale = saleOf({
      currency: 'JPY',
      lines: [{ kind: 'product', net: 10000n, taxes: taxed(1000n, '10') }],
      tenders: [card('stripe', 11000n)],
    });
    const gone = disputeOf({ currency: 'USD', amount: 7300n, status: 'lost' });
    // 73.00 × 1000 / 11000 = 6.636…
    expect(rows(post(gone, { sale }, asRefund)[0], 'USD')).toEqual([
      'Dr sales.returns 66.36',
      'Dr tax.output 6.64',
      'Cr dispute.held 73.00',
    ]);
  });
});
