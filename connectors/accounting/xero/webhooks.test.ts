import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { sign, verifySignature } from '../../kit/signature.ts';
import { connector } from './connector.ts';
import { INVOICE_ID, NOW, TENANT } from './test-support.ts';

const { signature, changes } = connector.webhooks!;
const body = (...events: object[]) =>
  Buffer.from(JSON.stringify({ events, firstEventSequence: 1, lastEventSequence: events.length, entropy: 'S0m3' }));
const event = (eventCategory: string, eventType: string, tenantId = TENANT) => ({
  resourceUrl: `https://api.xero.com/api.xro/2.0/Invoices/${INVOICE_ID}`,
  resourceId: INVOICE_ID,
  tenantId,
  tenantType: 'ORGANISATION',
  eventCategory,
  eventType,
  eventDateUtc: '2026-11-21T12:00:00.923',
});

const SAMPLE = join(import.meta.dirname, '../../../../shared/contracts/xero/samples/webhook-contact-update.json');
const absent = !existsSync(SAMPLE);

describe('webhooks', () => {
  test('are signed over the raw body with the key of the application, as base64', () => {
    // printf '{"events":[]}' | openssl dgst -sha256 -hmac key-1 -binary | base64
    const raw = Buffer.from('{"events":[]}');
    const headers = { 'x-xero-signature': 'eiPn/Q95Ptw86d9nNjrDLl7iYYuzkttS+h/aItiblJI=' };
    const request = { headers, body: raw, url: '', receivedAt: NOW };
    expect(sign(signature, { body: raw, url: '', at: NOW }, 'key-1')).toBe(headers['x-xero-signature']);
    expect(verifySignature(signature, request, ['key-1'])).toBe(true);
    expect(verifySignature(signature, request, ['key-2'])).toBe(false);
    expect(verifySignature(signature, { ...request, body: body() }, ['key-1'])).toBe(false);
  });

  test('that only ask whether we are there tell of nothing', () => {
    expect(changes(body())).toEqual([]);
  });

  test('tell what changed in which organisation', () => {
    expect(changes(body(event('INVOICE', 'UPDATE'), event('CREDITNOTE', 'CREATE', 'another')))).toEqual([
      { account: TENANT, remoteId: INVOICE_ID, operation: 'updated' },
      { account: 'another', remoteId: INVOICE_ID, operation: 'created' },
    ]);
  });

  test('about contacts and subscriptions are none of ours', () => {
    expect(changes(body(event('CONTACT', 'UPDATE'), event('SUBSCRIPTION', 'CREATE')))).toEqual([]);
  });

  if (absent) process.stdout.write('webhooks.test.ts: ../shared is not beside the repository, no sample is read.\n');
  test.skipIf(absent)('as really seen are read', () => {
    const seen = JSON.parse(readFileSync(SAMPLE, 'utf8')) as { events: Record<string, unknown>[] };
    expect(changes(Buffer.from(JSON.stringify(seen)))).toEqual([]);
    const invoices = { ...seen, events: seen.events.map((each) => ({ ...each, eventCategory: 'INVOICE' })) };
    expect(changes(Buffer.from(JSON.stringify(invoices)))).toEqual([
      {
        account: 'c2cc9b6e-9458-4c7d-93cc-f02b81b0594f',
        remoteId: '717f2bfc-c6d4-41fd-b238-3f2f0c0cf777',
        operation: 'updated',
      },
    ]);
  });

  test.each([
    ['no JSON', 'hello'],
    ['of another shape', '{"weather":"fine"}'],
    ['an event without a tenant', '{"events":[{"resourceId":"1","eventCategory":"INVOICE","eventType":"UPDATE"}]}'],
  ])('in no form that is documented are refused: %s', (_, text) => {
    const reading = () => changes(Buffer.from(text));
    expect(reading).toThrow(ConnectorError);
    expect(reading).toThrow('The webhook is not in the form Xero documents');
  });
});
