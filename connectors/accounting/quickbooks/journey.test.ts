import type { BankEntry, BookDocument, BookPayment, Transfer } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { accountingConformance } from '../../kit/conformance-accounting.ts';
import { type BooksWorld, openBooks } from '../../kit/conformance-books.ts';
import { allocation, creditNote, invoice, PROCESSOR, payment } from '../../kit/conformance-documents.ts';
import { opened, openInbox, type Subject } from '../../kit/conformance-world.ts';
import { ConnectorError } from '../../kit/connector-error.ts';
import type { AccountingConnector, HttpClient, SendResult } from '../../kit/contract.ts';
import { verifySignature } from '../../kit/signature.ts';
import { closingPayments } from './closing.ts';
import { connector } from './connector.ts';
import { DEFAULT_COMPANIES } from './simulator/world.ts';
import { type QuickBooksSimulator, start } from './simulator.ts';
import { failureOf } from './test-support.ts';

const [, AUTOMATED, BRITISH] = DEFAULT_COMPANIES;

/** The machine's network, where only a lost answer is a failure. */
function client(timeoutMs: number): HttpClient {
  return {
    request: async ({ url, body, ...rest }) => {
      try {
        const init = { ...rest, redirect: 'error' as const, signal: AbortSignal.timeout(timeoutMs) };
        const response = await fetch(url, body === undefined ? init : { ...init, body });
        return { status: response.status, headers: Object.fromEntries(response.headers), text: await response.text() };
      } catch (cause) {
        throw new ConnectorError('retryable', 'There was no answer to the request.', {
          code: 'HTTP_NO_ANSWER',
          ambiguous: true,
          cause,
        });
      }
    },
  };
}

type Plan = (typeof DEFAULT_COMPANIES)[number];

/** One simulated company as the suite takes it. */
function subjectOf(company: Plan): Subject<AccountingConnector> {
  type Options = Parameters<typeof start>[0];
  const simulator = async () => ({ start: (options: Options) => start({ ...options, companies: [company] }) });
  return { connector, folder: import.meta.dirname, simulator, http: (_, timeoutMs) => client(timeoutMs) };
}

/** The books of that company, connected and mapped as suggested. */
const booksOf = (company: Plan): (() => BooksWorld) => opened(() => openBooks(subjectOf(company)));

type Balances = Record<string, bigint>;

function moved(after: Balances, before: Balances): Balances {
  const codes = new Set([...Object.keys(after), ...Object.keys(before)]);
  const all = [...codes].map((code) => [code, (after[code] ?? 0n) - (before[code] ?? 0n)] as const);
  return Object.fromEntries(all.filter(([, amount]) => amount !== 0n));
}

/** What documents do to accounts by double entry, debit positive: the ledger's view, worked out from the documents alone. */
function posted(documents: BookDocument[], { mapping }: BooksWorld): Balances {
  const sums: Balances = {};
  const put = (role: string, amount: bigint) => {
    const code = mapping.account(role, '');
    sums[code] = (sums[code] ?? 0n) + amount;
  };
  for (const document of documents) {
    if (document.kind === 'invoice' || document.kind === 'credit_note') {
      const sign = document.kind === 'invoice' ? 1n : -1n;
      put('ar.control', sign * document.total);
      put('tax.output', -sign * document.tax);
      for (const { role, net } of document.lines) put(role, -sign * net);
    }
    if (document.kind === 'payment') {
      const sign = document.settles.kind === 'invoice' ? 1n : -1n;
      put(document.role, sign * document.amount);
      put('ar.control', -sign * document.amount);
    }
    if (document.kind === 'transfer') {
      put(document.from.role, -document.amount);
      put(document.to.role, document.amount);
    }
    if (document.kind === 'bank_entry') {
      const sign = document.direction === 'spend' ? 1n : -1n;
      put(document.role, -sign * document.total);
      // The simulated British books keep both sides of VAT on one control account.
      put('tax.output', sign * document.tax);
      for (const { role, net } of document.lines) put(role, sign * net);
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n));
}

const onto = (role: string, of: BookPayment): BookPayment => ({ ...of, role });

/** A sale paid by card and gift card, a return paid back to both, a return set against an open sale, and the payout. */
function aDay({ terms }: BooksWorld): BookDocument[] {
  const [sold, open] = [invoice(terms()), invoice(terms())];
  const [returned, exchanged] = [creditNote(terms()), creditNote(terms())];
  const { number, currency, taxes } = terms();
  const head = { reference: 'po_1', date: '2026-11-09', currency, party: PROCESSOR };
  const [clearing, bank] = [
    { role: 'clearing.stripe', account: '1101' },
    { role: 'bank.main', account: '1000' },
  ];
  const payout: Transfer = { ...head, kind: 'transfer', number, from: clearing, to: bank, amount: 1_500n };
  const words = { description: 'Processing fees', role: 'fees.processing', account: '6000', quantity: '1' };
  const fees: BankEntry = {
    ...head,
    kind: 'bank_entry',
    number: terms().number,
    direction: 'spend',
    ...clearing,
    lines: [{ ...words, taxCode: taxes.standard.code, net: 187n, tax: 37n }],
    total: 224n,
    tax: 37n,
  };
  return [
    sold,
    onto('clearing.stripe', payment(sold, `${sold.number}-p1`, sold.total - 1_000n)),
    onto('giftcard.liability', payment(sold, `${sold.number}-p2`, 1_000n)),
    returned,
    onto('clearing.stripe', payment(returned, `${returned.number}-p1`, returned.total - 300n)),
    onto('giftcard.liability', payment(returned, `${returned.number}-p2`, 300n)),
    open,
    exchanged,
    allocation(exchanged, open, exchanged.total),
    onto('clearing.stripe', payment(open, `${open.number}-p1`, open.total - exchanged.total)),
    payout,
    fees,
  ];
}

const refusalIn = ([result]: SendResult[]) => (result?.ok === false ? result.error : undefined);
const simulatorOf = ({ simulator }: BooksWorld) => simulator as QuickBooksSimulator;

describe('British books', () => {
  const books = booksOf(BRITISH!);

  test('a day leaves every account where double entry puts it, receivables at nothing, and can be undone', async () => {
    const world = books();
    const { simulator, account, push, mapping, api } = world;
    const before = simulator.balances(account);
    const day = aDay(world);
    const ids: string[] = [];
    for (const document of day) ids.push((await push(document)).remoteId);
    const after = moved(simulator.balances(account), before);
    expect(after).toEqual(posted(day, world));
    expect(after[mapping.account('ar.control', '')]).toBeUndefined();
    const forms = simulatorOf(world)
      .documents(account)
      .filter(({ entity }) => entity === 'Invoice' || entity === 'CreditMemo');
    expect(forms.map(({ open }) => open)).toEqual([0n, 0n, 0n, 0n]);
    for (const [index, document] of [...day.entries()].reverse()) {
      expect(await connector.undo(document, ids[index]!, mapping, api), document.number).toBe('undone');
    }
    expect(moved(simulator.balances(account), before)).toEqual({});
  });

  test.each([-1n, 0n, 1n, 7n])('our tax stands, %s from what the books work out', async (off) => {
    const { terms, push } = books();
    const sold = invoice(terms());
    const [first, ...rest] = sold.lines;
    const lines = [{ ...first!, tax: first!.tax + off }, ...rest];
    const ours = { ...sold, lines, tax: sold.tax + off, total: sold.total + off };
    expect(await push(ours)).toMatchObject({ total: ours.total, tax: ours.tax });
  });

  test.each(['lost_reply', 'drop_before'] as const)(
    'a refund whose second half is lost (%s) is finished by the look-up, once',
    async (kind) => {
      const world = books();
      const { terms, push, send, find, simulator, account, mapping } = world;
      const before = simulator.balances(account);
      const returned = creditNote(terms());
      await push(returned);
      const refund = onto('clearing.stripe', payment(returned, `${returned.number}-p1`, returned.total));
      simulator.inject({ kind, count: 1, method: 'POST', path: '/payment' });
      expect(await failureOf(() => send([refund]))).toMatchObject({ kind: 'retryable', ambiguous: true });
      for (let look = 0; look < 2; look++) expect(await find([refund])).toMatchObject([{ total: refund.amount }]);
      expect(await closingPayments(refund, world.api)).toHaveLength(1);
      expect(moved(simulator.balances(account), before)[mapping.account('ar.control', '')]).toBeUndefined();
    },
  );

  test('an invoice that was taken out goes in again under its own number', async () => {
    const { terms, push, find, mapping, api } = books();
    const sold = invoice(terms());
    const first = await push(sold);
    await connector.undo(sold, first.remoteId, mapping, api);
    const second = await push(sold);
    expect(second.remoteId).not.toBe(first.remoteId);
    expect(await find([sold])).toEqual([second]);
  });

  test('a refund of more than the credit leaves nothing behind', async () => {
    const { terms, push, send, find, simulator, account } = books();
    const returned = creditNote(terms());
    await push(returned);
    const before = simulator.balances(account);
    const refund = onto('clearing.stripe', payment(returned, `${returned.number}-p1`, returned.total + 1n));
    expect(refusalIn(await send([refund]))).toMatchObject({ kind: 'rejected', code: 'BOOKS_AMOUNT_EXCEEDS_OPEN' });
    expect(moved(simulator.balances(account), before)).toEqual({});
    expect(await find([refund])).toEqual([null]);
  });

  test('a fee that is given back with its tax takes both off again', async () => {
    const world = books();
    const { simulator, account, push } = world;
    const before = simulator.balances(account);
    const fee = aDay(world).find(({ kind }) => kind === 'bank_entry') as BankEntry;
    const back: BankEntry = { ...fee, number: `${fee.number}-2`, direction: 'receive' };
    for (const document of [fee, back]) {
      expect(await push(document)).toMatchObject({ total: fee.total, tax: fee.tax });
    }
    expect(moved(simulator.balances(account), before)).toEqual({});
  });

  test('a sale in euros goes to a customer kept in euros', async () => {
    const { terms, push, remote } = books();
    expect(remote.currencies).toContain('EUR');
    const [pounds, euros] = [invoice(terms()), invoice({ ...terms(), currency: 'EUR' })];
    for (const sold of [pounds, euros]) {
      expect(await push(sold)).toMatchObject({ total: sold.total, currency: sold.currency });
      const paid = payment(sold, `${sold.number}-p1`, sold.total);
      expect(await push(paid)).toMatchObject({ total: sold.total, currency: sold.currency });
    }
  });

  test('a currency the books do not have is told about the document', async () => {
    const { terms, send } = books();
    const failure = await failureOf(() => send([invoice({ ...terms(), currency: 'CHF' })]));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'BOOKS_CURRENCY_REFUSED' });
  });

  test('a customer named like a vendor is another record, found again', async () => {
    const { api } = books();
    const vendor = { id: 'processor:same', name: 'Same name' };
    const customer = { id: 'shop:same', name: 'Same name' };
    const [first] = (await connector.ensureParties([vendor], api)).values();
    const [second] = (await connector.ensureParties([customer], api)).values();
    expect(second).not.toBe(first);
    expect([...(await connector.ensureParties([customer, vendor], api)).values()]).toEqual([second, first]);
  });

  test('what is settled or deactivated is refused in our words', async () => {
    const world = books();
    const { terms, push, send, mapping, api, account } = world;
    const sold = invoice(terms());
    const { remoteId } = await push(sold);
    await push(payment(sold, `${sold.number}-p1`, 700n));
    expect(await failureOf(() => connector.undo(sold, remoteId, mapping, api))).toMatchObject({
      code: 'BOOKS_STILL_REFERRED',
      subject: expect.stringMatching(/^Payment \d+$/),
    });
    simulatorOf(world).deactivate(account, 'Customer', mapping.party(sold.party.id));
    expect(refusalIn(await send([invoice(terms())]))).toMatchObject({ code: 'BOOKS_CONTACT_ARCHIVED' });
  });
});

describe('American books that number and tax by themselves', () => {
  const books = booksOf(AUTOMATED!);

  test('a sale arrives with our tax as a line, and is found by its note', async () => {
    const { terms, push, find, simulator, account, mapping, api } = books();
    const before = simulator.balances(account);
    const sold = invoice(terms());
    const remote = await push(sold);
    expect(remote).toMatchObject({ number: sold.number, total: sold.total, tax: sold.tax });
    expect(await find([sold])).toEqual([remote]);
    const after = moved(simulator.balances(account), before);
    expect(after[mapping.account('tax.output', '')]).toBe(-sold.tax);
    expect(await connector.inspect(sold, remote.remoteId, mapping, api)).toMatchObject({
      tax: sold.tax,
      total: sold.total,
    });
  });

  test('a lost reply is found, not repeated', async () => {
    const { terms, send, find, count, loseReplyOf } = books();
    const [sold, before] = [invoice(terms()), count()];
    await loseReplyOf(sold);
    expect(await failureOf(() => send([sold]))).toMatchObject({ ambiguous: true });
    expect(await find([sold])).toMatchObject([{ number: sold.number, total: sold.total }]);
    expect(count() - before).toBe(1);
  });
});

test('webhooks of the simulated company are ours to read', async () => {
  const clock = { now: new Date('2026-11-10T09:00:00Z') };
  const inbox = await openInbox(
    clock,
    () => true,
    () => 200,
  );
  const world = await openBooks(subjectOf(BRITISH!));
  try {
    simulatorOf(world).notify(world.account, inbox.target.appUrl, 'verifier-token');
    const { remoteId } = await world.push(invoice(world.terms()));
    await simulatorOf(world).notified();
    const told = inbox.received.flatMap((each) => {
      expect(verifySignature(connector.webhooks!.signature, each, ['verifier-token'])).toBe(true);
      return connector.webhooks!.changes(each.body);
    });
    expect(told).toContainEqual({ account: world.account, remoteId, operation: 'created' });
  } finally {
    await world.close();
    await inbox.close();
  }
});

// The registry's own run takes the first company only; the others keep tax otherwise, and yen and dinars.
const OTHERS: Plan[] = [
  { ...AUTOMATED!, customNumbers: true },
  { ...BRITISH!, currencies: ['EUR', 'JPY', 'KWD'] },
];
describe.each(OTHERS)('the suite for $name', (company) => accountingConformance(subjectOf(company)));
