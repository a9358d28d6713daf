import { describe, expect, test } from 'vitest';
import { sign, verifySignature } from '../../kit/signature.ts';
import { connector } from './connector.ts';
import { failureOf, NOW } from './test-support.ts';

const { signature, changes } = connector.webhooks!;
const body = (value: unknown) => Buffer.from(JSON.stringify(value));
const event = (type: string, intuitentityid: string, intuitaccountid = '310687') => ({
  specversion: '1.0',
  id: 'd1a3aedd-9670-41bf-a4f9-c148a1cc4e03',
  source: 'intuit.x',
  type,
  time: '2025-10-07T19:59:07.034359333Z',
  intuitentityid,
  intuitaccountid,
  data: {},
});
const legacy = (realmId: string, ...entities: { name: string; id: string; operation: string }[]) => ({
  realmId,
  dataChangeEvent: { entities: entities.map((each) => ({ ...each, lastUpdated: '2023-12-01T10:00:00-08:00' })) },
});

describe('webhooks', () => {
  test('are signed over the raw body with the verifier token, as base64', () => {
    const raw = body([event('qbo.invoice.updated.v1', '147')]);
    const value = sign(signature, { body: raw, url: '', at: NOW }, 'verifier');
    const request = { headers: { 'intuit-signature': value }, body: raw, url: '', receivedAt: NOW };
    expect(verifySignature(signature, request, ['verifier'])).toBe(true);
    expect(verifySignature(signature, { ...request, body: body([]) }, ['verifier'])).toBe(false);
    expect(value).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });

  test('tell what changed, for any number of companies at once', () => {
    const told = changes(
      body([
        event('qbo.invoice.updated.v1', '147'),
        event('qbo.payment.voided.v1', '190', '42'),
        event('qbo.creditmemo.deleted.v1', '184'),
        event('qbo.journalentry.created.v1', '240'),
        event('qbo.salesreceipt.voided.v1', '263'),
        event('qbo.refundreceipt.deleted.v1', '266'),
      ]),
    );
    expect(told).toEqual([
      { account: '310687', remoteId: '147', operation: 'updated' },
      { account: '42', remoteId: '190', operation: 'voided' },
      { account: '310687', remoteId: '184', operation: 'deleted' },
      { account: '310687', remoteId: '240', operation: 'created' },
      { account: '310687', remoteId: '263', operation: 'voided' },
      { account: '310687', remoteId: '266', operation: 'deleted' },
    ]);
  });

  test('about customers or products are none of ours, though their ids may equal an invoice’s', () => {
    const others = ['qbo.customer.merged.v1', 'qbo.item.updated.v1', 'qbo.class.created.v1', 'qbo.invoice.emailed.v1'];
    expect(changes(body(others.map((type) => event(type, '147'))))).toEqual([]);
    expect(changes(body([]))).toEqual([]);
  });

  test('of the former shape still count', () => {
    const told = changes(
      body({
        eventNotifications: [
          legacy(
            '1',
            { name: 'Invoice', id: '147', operation: 'Void' },
            { name: 'Item', id: '2', operation: 'Update' },
          ),
          legacy('2', { name: 'JournalEntry', id: '7', operation: 'Merge' }),
          { realmId: '3' },
        ],
      }),
    );
    expect(told).toEqual([
      { account: '1', remoteId: '147', operation: 'voided' },
      { account: '2', remoteId: '7', operation: 'merged' },
    ]);
  });

  test.each([
    ['not JSON', Buffer.from('<html>'), 'PAYLOAD_NOT_JSON'],
    ['nothing', Buffer.from(''), 'PAYLOAD_NOT_JSON'],
    ['another shape', body({ hello: 'world' }), 'PAYLOAD_UNREADABLE'],
    ['events without a company', body([{ type: 'qbo.invoice.updated.v1', intuitentityid: '1' }]), 'PAYLOAD_UNREADABLE'],
  ])('%s is refused', async (_, raw, code) => {
    expect(await failureOf(() => changes(raw))).toMatchObject({ kind: 'rejected', code });
  });
});
