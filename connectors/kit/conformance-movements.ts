import type { BookDocument } from '@daybook/domain';
import { expect, test } from 'vitest';
import type { BooksWorld } from './conformance-books.ts';
import { bankEntry, forms, invoice, journal, payment, transfer } from './conformance-documents.ts';
import { failureOf } from './conformance-world.ts';

type Balances = Record<string, bigint>;

/** Payouts, fees, disputes: they arrive once, on the accounts they name. */
export function movementConformance(books: () => BooksWorld): void {
  test('a payout moves money from the processor to the bank', async () => {
    const { terms, mapping } = books();
    const moved = await movedBy(books(), transfer(terms(), 81_563n));
    expect(moved).toEqual({
      [mapping.account('bank.main', '1000')]: 81_563n,
      [mapping.account('clearing.stripe', '1101')]: -81_563n,
    });
  });

  test('a dispute takes the amount and the fee off the processor, and winning it brings them back', async () => {
    const { terms, mapping } = books();
    const opened = await movedBy(books(), bankEntry(terms(), 'spend'));
    expect(opened).toEqual({
      [mapping.account('clearing.stripe', '1101')]: -6_910n,
      [mapping.account('dispute.held', '1130')]: 5_410n,
      [mapping.account('fees.dispute', '6020')]: 1_500n,
    });
    const won = await movedBy(books(), bankEntry(terms(), 'receive'));
    expect(won).toEqual(Object.fromEntries(Object.entries(opened).map(([code, amount]) => [code, -amount])));
  });

  test('a lost chargeback is a journal', async () => {
    const { terms, mapping } = books();
    expect(await movedBy(books(), journal(terms(), 5_410n))).toEqual({
      [mapping.account('chargeback.loss', '6100')]: 5_410n,
      [mapping.account('dispute.held', '1130')]: -5_410n,
    });
  });

  test('each is found again by its number, and a lost reply is found, not repeated', async () => {
    const { terms, push, send, find, loseReplyOf } = books();
    for (const make of [
      () => transfer(terms(), 700n),
      () => bankEntry(terms(), 'spend'),
      () => journal(terms(), 900n),
    ]) {
      const [sent, lost] = [make(), make()];
      expect(await find([lost])).toEqual([null]);
      const remote = await push(sent);
      expect([remote.number, remote.total]).toEqual([sent.number, totalOf(sent)]);
      await loseReplyOf(lost);
      expect(await failureOf(() => send([lost]))).toMatchObject({ kind: 'retryable', ambiguous: true });
      expect((await find([sent, lost])).map((each) => [each?.number, each?.total])).toEqual([
        [sent.number, totalOf(sent)],
        [lost.number, totalOf(lost)],
      ]);
    }
  });

  test('one dated in a closed period is refused as such', async () => {
    const { terms, send, simulator, account } = books();
    simulator.lock(account, '2026-09-30');
    for (const document of [
      transfer({ ...terms(), date: '2026-09-30' }, 700n),
      bankEntry({ ...terms(), date: '2026-09-30' }, 'spend'),
      journal({ ...terms(), date: '2026-09-30' }, 700n),
    ]) {
      const outcome = await failureOf(() => send([document]));
      const [result] = (outcome as { answered?: { error?: unknown }[] }).answered ?? [];
      expect(result?.error ?? outcome, document.kind).toMatchObject({ kind: 'rejected', code: 'BOOKS_PERIOD_LOCKED' });
    }
  });
}

/** Documents as they are read back, untouched and after somebody worked on them. */
export function handworkConformance(books: () => BooksWorld): void {
  test('a document is read back as it was sent', async () => {
    const { connector, terms, push, mapping, api } = books();
    for (const document of [...forms(connector, terms), bankEntry(terms(), 'spend')]) {
      const { remoteId } = await push(document);
      const snapshot = await connector.inspect(document, remoteId, mapping, api);
      const { total, tax, date, currency, number } = document;
      expect(snapshot).toMatchObject({ state: 'live', remoteId, number, total, tax, date, currency });
      expect(perAccount(snapshot?.lines ?? [])).toEqual(
        perAccount(document.lines.map((line) => ({ ...line, account: mapping.account(line.role, line.account) }))),
      );
    }
    for (const document of [transfer(terms(), 700n), journal(terms(), 900n)]) {
      const { remoteId } = await push(document);
      const snapshot = await connector.inspect(document, remoteId, mapping, api);
      expect(snapshot).toMatchObject({ state: 'live', total: totalOf(document), date: document.date });
    }
  });

  test('what was voided or changed by hand is seen', async () => {
    const { connector, terms, push, mapping, api, simulator, account } = books();
    const [editedForms, voidedForms] = [forms(connector, terms), forms(connector, terms)];
    for (const [index, voided] of voidedForms.entries()) {
      const edited = editedForms[index] as typeof voided;
      const first = await push(voided);
      const second = await push(edited);
      simulator.tamper(account, first.remoteId, 'void');
      simulator.tamper(account, second.remoteId, 'edit');
      const gone = await connector.inspect(voided, first.remoteId, mapping, api);
      expect(gone === null || gone.state !== 'live', `${voided.kind} voided`).toBe(true);
      const changed = await connector.inspect(edited, second.remoteId, mapping, api);
      expect(changed?.state, `${edited.kind} edited`).toBe('live');
      expect(changed?.total).not.toBe(edited.total);
    }
  });

  test('a document that never was is null', async () => {
    const { connector, terms, push, mapping, api } = books();
    const { remoteId } = await push(invoice(terms()));
    const wrong = remoteId
      .replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '9' ? '8' : '9'))
      .replace(/^\d$/, '987654');
    expect(await connector.inspect(invoice(terms()), wrong, mapping, api)).toBeNull();
  });
}

/** Push and undo leave nothing behind; undoing twice is undoing once. */
export function undoConformance(books: () => BooksWorld): void {
  test('everything that was pushed can be taken out again, newest first, and the balances are as before', async () => {
    const { connector, terms, push, mapping, api, simulator, account } = books();
    const before = simulator.balances(account);
    const sold = invoice(terms());
    const documents: BookDocument[] = [
      sold,
      payment(sold, `${sold.number}-P1`, 700n),
      ...forms(connector, terms).filter(({ kind }) => kind !== 'invoice'),
      transfer(terms(), 700n),
      bankEntry(terms(), 'spend'),
      journal(terms(), 900n),
    ];
    const pushed: { document: BookDocument; remoteId: string }[] = [];
    for (const document of documents) pushed.push({ document, remoteId: (await push(document)).remoteId });
    for (const { document, remoteId } of pushed.toReversed()) {
      const undo = () => connector.undo(document, remoteId, mapping, api);
      expect(await undo(), `${document.kind} ${document.number}`).toBe('undone');
      expect(await undo(), `${document.kind} ${document.number} again`).toBe('gone');
      const left = await connector.inspect(document, remoteId, mapping, api);
      expect(left === null || left.state !== 'live', `${document.kind} is gone`).toBe(true);
    }
    expect(difference(simulator.balances(account), before)).toEqual({});
  });

  test('an undone document is not found, and can be pushed again', async () => {
    const { connector, terms, push, find, mapping, api } = books();
    for (const document of forms(connector, terms)) {
      const { remoteId } = await push(document);
      await connector.undo(document, remoteId, mapping, api);
      expect(await find([document])).toEqual([null]);
      expect(await push(document)).toMatchObject({ number: document.number, total: document.total });
    }
  });
}

/** What documents do to the balances of the books, minor units, by account code. */
export async function movedBy(
  { simulator, account, push }: BooksWorld,
  ...documents: readonly BookDocument[]
): Promise<Balances> {
  const before = simulator.balances(account);
  for (const document of documents) await push(document);
  return difference(simulator.balances(account), before);
}

function difference(after: Balances, before: Balances): Balances {
  const codes = new Set([...Object.keys(after), ...Object.keys(before)]);
  const moved = [...codes].map((code) => [code, (after[code] ?? 0n) - (before[code] ?? 0n)] as const);
  return Object.fromEntries(moved.filter(([, amount]) => amount !== 0n));
}

function totalOf(document: BookDocument): bigint {
  return 'total' in document ? document.total : document.amount;
}

/** Net per account; some books keep the tax of the whole document only. */
function perAccount(lines: readonly { account: string; net: bigint }[]): Balances {
  const sums: Balances = {};
  for (const { account, net } of lines) sums[account] = (sums[account] ?? 0n) + net;
  return sums;
}
