import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Inbox, inbox } from '../../../kit/test-inbox.ts';
import { KINDS } from './programme.ts';
import { APP, type TestSquare, testSquare } from './test-support.ts';

const SPEC = join(import.meta.dirname, '../../../../../shared/contracts/square/openapi.json');
const absent = !existsSync(SPEC);
if (absent) process.stdout.write('Skipped: Square’s OpenAPI is not beside this repository (../shared/contracts).\n');

interface Schema {
  [name: string]: unknown;
}
interface Spec {
  components: { schemas: Record<string, Schema> };
}

/** Square's schemas as JSON Schema; with a property it does not list, an object of theirs is refused. */
function validators(): (name: string) => ValidateFunction {
  // "nullable" is no JSON Schema, and we send no null.
  const spec = JSON.parse(readFileSync(SPEC, 'utf8'), (name, value) =>
    name === 'nullable' ? undefined : value,
  ) as Spec;
  for (const [name, schema] of Object.entries(spec.components.schemas)) {
    if (schema.type === 'object' && schema.properties !== undefined) schema.additionalProperties = false;
    strictly(name, schema);
  }
  // Referred to, but not in the file.
  spec.components.schemas.CatalogModifierToggleOverrideType ??= {};
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const format of ['int64', 'int32', 'date-time', 'double']) ajv.addFormat(format, true);
  ajv.addSchema(spec, 'spec');
  return (name) => ajv.compile({ $ref: `spec#/components/schemas/${name}` });
}

/** Where the schemas and Square's own examples differ, the examples are right as well. */
function strictly(name: string, schema: Schema): void {
  const properties = schema.properties as Record<string, unknown> | undefined;
  if (name === 'Money') properties!.currency_code = { type: 'string' };
  if (/^Dispute(Created|StateUpdated)EventObject$/.test(name))
    properties!.dispute = { $ref: '#/components/schemas/Dispute' };
  if (name === 'PaymentRefund') properties!.version = { type: 'integer' };
}

describe.skipIf(absent)('answers against Square’s own OpenAPI', () => {
  let square: TestSquare;
  let token: string;
  let hub: Inbox;
  const check = absent ? null : validators();
  const valid = (name: string, value: unknown) => {
    const validate = check!(name);
    validate(value);
    expect(validate.errors ?? [], `${name} ${JSON.stringify(value).slice(0, 300)}`).toEqual([]);
  };
  const read = async (path: string, name: string, method = 'GET', body?: unknown) => {
    const answer = await square.call(method, path, token, body);
    expect([path, answer.status]).toEqual([path, 200]);
    valid(name, answer.body);
    return answer.body;
  };

  beforeAll(async () => {
    square = await testSquare({ limits: { maximum: 10_000 } });
    hub = await inbox();
    token = (await square.connect()).body.access_token;
    await square.call('PUT', '/v2/events/enable', APP.token);
    await square.trade(KINDS.length + 20);
  });
  afterAll(async () => {
    await square.square.close();
    await hub.close();
  });

  test('merchant, locations and catalogue', async () => {
    await read('/v2/merchants', 'ListMerchantsResponse');
    await read('/v2/merchants/me', 'RetrieveMerchantResponse');
    const { locations } = await read('/v2/locations', 'ListLocationsResponse');
    expect(locations).toHaveLength(2);
    await read('/v2/locations/main', 'RetrieveLocationResponse');
    const { orders } = await read('/v2/orders/search', 'SearchOrdersResponse', 'POST', {
      location_ids: locations.map(({ id }: { id: string }) => id),
    });
    const ids = orders.flatMap((order: { line_items?: { catalog_object_id?: string }[] }) =>
      (order.line_items ?? []).flatMap(({ catalog_object_id }) => catalog_object_id ?? []),
    );
    for (const id of new Set(ids)) await read(`/v2/catalog/object/${id}`, 'RetrieveCatalogObjectResponse');
  });

  test('payments, refunds and orders of both locations', async () => {
    const { objects } = square.square;
    for (const { id } of (await read('/v2/locations', 'ListLocationsResponse')).locations) {
      await read(`/v2/payments?location_id=${id}`, 'ListPaymentsResponse');
      const search = { location_ids: [id], return_entries: true };
      await read('/v2/orders/search', 'SearchOrdersResponse', 'POST', search);
    }
    await read('/v2/refunds', 'ListPaymentRefundsResponse');
    const { payments, refunds, orders } = objects(square.account);
    for (const id of payments.keys()) await read(`/v2/payments/${id}`, 'GetPaymentResponse');
    for (const id of refunds.keys()) await read(`/v2/refunds/${id}`, 'GetPaymentRefundResponse');
    for (const id of orders.keys()) await read(`/v2/orders/${id}`, 'RetrieveOrderResponse');
    const order_ids = [...orders.keys()].slice(0, 100);
    await read('/v2/orders/batch-retrieve', 'BatchRetrieveOrdersResponse', 'POST', { order_ids });
  });

  test('payouts with their entries, disputes, gift cards, drawers and invoices', async () => {
    const { payouts, disputes, shifts, invoices } = square.square.objects(square.account);
    await read('/v2/payouts', 'ListPayoutsResponse');
    for (const id of payouts.keys()) {
      await read(`/v2/payouts/${id}`, 'GetPayoutResponse');
      await read(`/v2/payouts/${id}/payout-entries`, 'ListPayoutEntriesResponse');
    }
    await read('/v2/disputes', 'ListDisputesResponse');
    for (const id of disputes.keys()) await read(`/v2/disputes/${id}`, 'RetrieveDisputeResponse');
    await read('/v2/gift-cards/activities', 'ListGiftCardActivitiesResponse');
    for (const { id, location_id } of shifts.values()) {
      await read(`/v2/cash-drawers/shifts?location_id=${location_id}`, 'ListCashDrawerShiftsResponse');
      await read(`/v2/cash-drawers/shifts/${id}?location_id=${location_id}`, 'RetrieveCashDrawerShiftResponse');
      const events = `/v2/cash-drawers/shifts/${id}/events?location_id=${location_id}`;
      await read(events, 'ListCashDrawerShiftEventsResponse');
    }
    expect(invoices.size).toBeGreaterThan(0);
    for (const id of invoices.keys()) await read(`/v2/invoices/${encodeURIComponent(id)}`, 'GetInvoiceResponse');
  });

  test('every kind of event', async () => {
    const schemas: Record<string, string> = {
      'payment.created': 'PaymentCreatedEvent',
      'payment.updated': 'PaymentUpdatedEvent',
      'refund.created': 'RefundCreatedEvent',
      'refund.updated': 'RefundUpdatedEvent',
      'order.created': 'OrderCreatedEvent',
      'order.updated': 'OrderUpdatedEvent',
      'payout.sent': 'PayoutSentEvent',
      'payout.paid': 'PayoutPaidEvent',
      'payout.failed': 'PayoutFailedEvent',
      'dispute.created': 'DisputeCreatedEvent',
      'dispute.state.updated': 'DisputeStateUpdatedEvent',
      'gift_card.activity.created': 'GiftCardActivityCreatedEvent',
      'invoice.published': 'InvoicePublishedEvent',
      'invoice.payment_made': 'InvoicePaymentMadeEvent',
    };
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const { body } = await square.call('POST', '/v2/events', token, { limit: 100, ...(cursor ? { cursor } : {}) });
      valid('SearchEventsResponse', { ...body, events: [] });
      for (const event of body.events) {
        seen.add(event.type);
        // The schemas of events leave location_id out, Square's examples have it.
        const { location_id: _, ...rest } = event;
        valid(schemas[event.type]!, rest);
      }
      cursor = body.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(new Set(Object.keys(schemas)));
  });

  test('tokens and subscriptions', async () => {
    valid('ObtainTokenResponse', (await square.connect()).body);
    valid('ObtainTokenResponse', (await square.connect('PAYMENTS_READ', { code_challenge: 'none' })).body);
    valid('RetrieveTokenStatusResponse', (await square.call('POST', '/oauth2/token/status', token)).body);
    const subscription = { name: 'hub', event_types: ['payment.created'], notification_url: hub.url };
    const made = await square.call('POST', '/v2/webhooks/subscriptions', APP.token, { subscription });
    valid('CreateWebhookSubscriptionResponse', made.body);
    const path = `/v2/webhooks/subscriptions/${made.body.subscription.id}`;
    valid('ListWebhookSubscriptionsResponse', (await square.call('GET', '/v2/webhooks/subscriptions', APP.token)).body);
    valid('RetrieveWebhookSubscriptionResponse', (await square.call('GET', path, APP.token)).body);
    const changed = await square.call('PUT', path, APP.token, { subscription: { enabled: false } });
    valid('UpdateWebhookSubscriptionResponse', changed.body);
    const key = await square.call('POST', `${path}/signature-key`, APP.token, {});
    valid('UpdateWebhookSubscriptionSignatureKeyResponse', key.body);
    const tested = await square.call('POST', `${path}/test`, APP.token, { event_type: 'payment.created' });
    valid('TestWebhookSubscriptionResponse', tested.body);
    expect(tested.body.subscription_test_result.status_code).toBe(200);
    valid('DeleteWebhookSubscriptionResponse', (await square.call('DELETE', path, APP.token)).body);
  });

  test('refusals', async () => {
    for (const path of ['/v2/payments/none', '/v2/payments?limit=none', '/v2/nothing']) {
      const { status, body } = await square.call('GET', path, token);
      expect(status).toBeGreaterThanOrEqual(400);
      valid('ListPaymentsResponse', body);
    }
    valid('ListPaymentsResponse', (await square.call('GET', '/v2/payments', 'none')).body);
  });
});
