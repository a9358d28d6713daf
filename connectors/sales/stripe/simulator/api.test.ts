import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APP, type Stand, stand } from './test-support.ts';

describe('the API of the simulated Stripe', () => {
  let at: Stand;

  beforeAll(async () => {
    at = await stand();
    await at.trade(70);
  });
  afterAll(() => at.stripe.close());

  const first = async (path: string) => (await at.call(`${path}?limit=1`)).body.data[0];
  const refusal = async (path: string, headers: Record<string, string> = {}) => {
    const { status, body } = await at.call(path, { headers });
    return { status, ...body.error };
  };

  test('a request without a key, with a wrong one or with half a one is 401', async () => {
    for (const authorization of ['', 'Bearer ', 'Bearer sk_live_nobody', `Bearer ${at.key.slice(0, -1)}`, 'Digest x']) {
      const { status, headers, body } = await at.call('/v1/charges', { headers: { authorization } });
      expect(status, authorization).toBe(401);
      expect(body.error).toMatchObject({ type: 'invalid_request_error', message: expect.stringMatching(/API [kK]ey/) });
      expect(headers.get('www-authenticate')).toContain('Basic');
      expect(JSON.stringify(body)).not.toContain(at.key);
    }
  });

  test('a key is taken as Bearer and as the name of Basic', async () => {
    const basic = `Basic ${Buffer.from(`${at.key}:`).toString('base64')}`;
    expect((await at.call('/v1/account', { headers: { authorization: basic } })).body.id).toBe(at.account);
    expect((await at.call('/v1/account')).body).toMatchObject({
      id: at.account,
      default_currency: 'usd',
      country: 'US',
    });
  });

  test('the platform may act for an account only while it is connected', async () => {
    const platform = { authorization: `Bearer ${APP.clientSecret}` };
    const acting = { ...platform, 'stripe-account': at.account };
    expect(await refusal('/v1/charges', acting)).toMatchObject({ status: 403, code: 'account_invalid' });
    const { access_token: token } = await at.connect();
    expect((await at.call('/v1/charges', { headers: acting })).body.data).toHaveLength(10);
    expect((await at.call('/v1/charges', { headers: { authorization: `Bearer ${token}` } })).body.data).toHaveLength(
      10,
    );
    // Without the header the platform sees its own account, which has sold nothing.
    expect((await at.call('/v1/charges', { headers: platform })).body.data).toEqual([]);
    expect((await at.call('/v1/account', { headers: platform })).body.id).not.toBe(at.account);
    expect((await at.call(`/v1/accounts/${at.account}`, { headers: platform })).body.id).toBe(at.account);
    expect(await refusal('/v1/charges', { ...platform, 'stripe-account': 'acct_1Nobody' })).toMatchObject({
      status: 403,
    });
    expect(await refusal('/v1/charges', { 'stripe-account': 'acct_1Nobody' })).toMatchObject({ status: 403 });
  });

  test('an unknown object is 404, an unknown address too, and a test object says that it is one', async () => {
    expect(await refusal('/v1/charges/ch_nobody')).toMatchObject({
      status: 404,
      code: 'resource_missing',
      param: 'id',
    });
    expect(await refusal('/v1/chargers')).toMatchObject({
      status: 404,
      message: expect.stringContaining('/v1/chargers'),
    });
    const testCharge = at.stripe
      .books(at.account)
      .all('charge')
      .find(({ live }) => !live);
    const { status, message } = await refusal(`/v1/charges/${testCharge?.id}`);
    expect([status, message]).toEqual([404, expect.stringContaining('exists in test mode')]);
  });

  test('parameters that Stripe does not know, or not in that form, are 400 and named', async () => {
    const refused: [string, string][] = [
      ['/v1/charges?colour=red', 'colour'],
      ['/v1/charges?limit=0', 'limit'],
      ['/v1/charges?limit=101', 'limit'],
      ['/v1/charges?limit=ten', 'limit'],
      ['/v1/charges?created[from]=1', 'created[from]'],
      ['/v1/charges?created[gte]=yesterday', 'created[gte]'],
      ['/v1/charges?starting_after=ch_nobody', 'starting_after'],
      ['/v1/charges?payment_intent=pi_nobody', 'payment_intent'],
      ['/v1/balance_transactions?payout=po_nobody', 'payout'],
      ['/v1/charges?expand[]=data.currency', 'expand'],
      ['/v1/charges?expand[]=data.payment_intent.latest_charge.balance_transaction.source', 'expand'],
      ['/v1/events?type=charge.succeeded&types[]=charge.failed', 'types'],
      [`/v1/events?${Array.from({ length: 21 }, (_, index) => `types[]=type${index}`).join('&')}`, 'types'],
      ['/v1/invoice_payments?payment[payment_intent]=pi_1', 'payment[type]'],
    ];
    for (const [path, param] of refused)
      expect(await refusal(path), path).toMatchObject({ status: 400, type: 'invalid_request_error', param });
    const { id } = await first('/v1/charges');
    expect(await refusal(`/v1/charges?starting_after=${id}&ending_before=${id}`)).toMatchObject({ status: 400 });
  });

  test('a list is newest first, and its pages meet without gaps in both directions', async () => {
    const whole = (await at.call('/v1/balance_transactions?limit=100')).body.data as { id: string; created: number }[];
    const created = whole.map((each) => each.created);
    expect(created).toEqual([...created].sort((a, b) => b - a));
    const page = (await at.call(`/v1/balance_transactions?limit=7&starting_after=${whole[9]?.id}`)).body;
    expect(page.data.map(({ id }: { id: string }) => id)).toEqual(whole.slice(10, 17).map(({ id }) => id));
    expect(page).toMatchObject({ object: 'list', has_more: true, url: '/v1/balance_transactions' });
    const before = (await at.call(`/v1/balance_transactions?limit=7&ending_before=${whole[10]?.id}`)).body;
    expect(before.data.map(({ id }: { id: string }) => id)).toEqual(whole.slice(3, 10).map(({ id }) => id));
    const top = (await at.call(`/v1/balance_transactions?limit=7&ending_before=${whole[3]?.id}`)).body;
    expect([top.data.length, top.has_more]).toEqual([3, false]);
  });

  test('lists are filtered by instants, by what belongs together, and by several types at once', async () => {
    const middle = (await at.call('/v1/charges?limit=20')).body.data[19].created as number;
    const ids = async (query: string) =>
      (await at.call(`/v1/charges?limit=100&${query}`)).body.data as { created: number }[];
    for (const { created } of await ids(`created[gte]=${middle}`)) expect(created).toBeGreaterThanOrEqual(middle);
    for (const { created } of await ids(`created[lt]=${middle}`)) expect(created).toBeLessThan(middle);
    expect((await ids(`created[gt]=${middle}&created[lte]=${middle}`)).length).toBe(0);
    expect((await ids(`created=${middle}`)).length).toBeGreaterThan(0);
    const refund = await first('/v1/refunds');
    const of = (await at.call(`/v1/refunds?charge=${refund.charge}`)).body.data as { charge: string }[];
    expect(of.length).toBeGreaterThan(0);
    expect(of.every(({ charge }) => charge === refund.charge)).toBe(true);
    const types = ['refund.created', 'payout.paid'];
    const events = (await at.call(`/v1/events?limit=100&types[]=${types[0]}&types[1]=${types[1]}`)).body.data;
    expect(new Set(events.map(({ type }: { type: string }) => type))).toEqual(new Set(types));
  });

  test('what belongs to a charge is found from it, and back', async () => {
    const session = await first('/v1/checkout/sessions');
    const bySession = (await at.call(`/v1/checkout/sessions?payment_intent=${session.payment_intent}`)).body.data;
    expect(bySession.map(({ id }: { id: string }) => id)).toEqual([session.id]);
    const lines = (await at.call(`/v1/checkout/sessions/${session.id}/line_items?expand[]=data.taxes`)).body.data;
    const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
    const amounts = (name: string) => sum(lines.map((line: Record<string, number>) => line[name]));
    expect(amounts('amount_subtotal')).toBe(session.amount_subtotal);
    expect(amounts('amount_total') + (session.shipping_cost?.amount_total ?? 0)).toBe(session.amount_total);
    expect(lines[0].taxes[0]).toMatchObject({ amount: lines[0].amount_tax, rate: { percentage: 8.875 } });
    const paid = (await at.call('/v1/invoices?status=paid&limit=1')).body.data[0];
    const payment = (await at.call(`/v1/invoice_payments?invoice=${paid.id}`)).body.data[0];
    const query = `payment[type]=payment_intent&payment[payment_intent]=${payment.payment.payment_intent}`;
    expect((await at.call(`/v1/invoice_payments?${query}`)).body.data[0].invoice).toBe(paid.id);
  });

  test('ids become objects where they are asked for, four levels deep', async () => {
    const { body } = await at.call('/v1/balance_transactions?type=refund&expand[]=data.source.charge.payment_intent');
    expect(body.data[0].source).toMatchObject({ object: 'refund', charge: { object: 'charge' } });
    expect(body.data[0].source.charge.payment_intent?.object ?? 'payment_intent').toBe('payment_intent');
    const session = await first('/v1/checkout/sessions');
    expect(session.line_items).toBeUndefined();
    const shown = (
      await at.call(`/v1/checkout/sessions/${session.id}?expand[]=line_items&expand[]=payment_intent.latest_charge`)
    ).body;
    expect(shown.line_items.data[0].object).toBe('item');
    expect(shown.payment_intent.latest_charge.object).toBe('charge');
    const list = await at.call('/v1/checkout/sessions?limit=100&expand[]=data.shipping_cost.shipping_rate');
    const shipped = list.body.data.filter((each: { shipping_cost: object | null }) => each.shipping_cost !== null);
    expect(shipped[0].shipping_cost.shipping_rate.display_name).toBe('Ground shipping');
  });

  test('the lines of a payout can be asked for once it is reconciled, and not before', async () => {
    const late = await stand({ seed: 2 });
    await late.trade(15);
    const [payout] = (await late.call('/v1/payouts?status=in_transit')).body.data;
    expect(payout.reconciliation_status).toBe('in_progress');
    expect((await late.call(`/v1/balance_transactions?payout=${payout.id}`)).body.data).toEqual([]);
    await late.trade(2);
    const { body } = await late.call(`/v1/payouts/${payout.id}`);
    expect([body.reconciliation_status, body.status]).toEqual(['completed', 'in_transit']);
    expect((await late.call(`/v1/balance_transactions?payout=${payout.id}`)).body.data.length).toBeGreaterThan(1);
    await late.stripe.close();
  });

  test('events are kept for 30 days', async () => {
    const old = await stand({ seed: 3 });
    await old.trade(3);
    const { id } = (await old.call('/v1/events?limit=1')).body.data[0];
    expect((await old.call(`/v1/events/${id}`)).body.id).toBe(id);
    old.clock.now = new Date(old.clock.now.getTime() + 31 * 864e5);
    expect((await old.call('/v1/events')).body.data).toEqual([]);
    expect((await old.call(`/v1/events/${id}`)).status).toBe(404);
    expect((await old.call('/v1/charges')).body.data.length).toBeGreaterThan(0);
    await old.stripe.close();
  });

  test('a version it does not know is refused, and its own is told in every answer', async () => {
    expect(await refusal('/v1/charges', { 'stripe-version': '2015-01-26' })).toMatchObject({ status: 400 });
    const { status, headers } = await at.call('/v1/charges', { headers: { 'stripe-version': '2026-10-28.endive' } });
    expect([status, headers.get('stripe-version')]).toEqual([200, '2026-10-28.endive']);
    expect(headers.get('request-id')).toMatch(/^req_\w{14}$/);
  });

  test('too many requests in a second are 429, without a word of when to come back', async () => {
    const busy = await stand({ limits: { account: 40, endpoint: 3 } });
    for (let count = 0; count < 3; count += 1) expect((await busy.call('/v1/charges')).status).toBe(200);
    const { status, headers, body } = await busy.call('/v1/charges');
    expect([status, body.error.code, headers.get('stripe-rate-limited-reason')]).toEqual([
      429,
      'rate_limit',
      'endpoint-rate',
    ]);
    expect(headers.get('retry-after')).toBeNull();
    expect((await busy.call('/v1/refunds')).status).toBe(200);
    busy.clock.now = new Date(busy.clock.now.getTime() + 1_000);
    expect((await busy.call('/v1/charges')).status).toBe(200);
    await busy.stripe.close();
  });

  test('a fault is committed as often as it was injected', async () => {
    at.stripe.inject({ kind: 'status', status: 409, count: 1, path: '/v1/payouts', body: '{}' });
    expect((await at.call('/v1/payouts')).status).toBe(409);
    expect((await at.call('/v1/payouts')).status).toBe(200);
  });
});

describe('webhook endpoints of the simulated Stripe', () => {
  let at: Stand;
  const path = '/v1/webhook_endpoints';
  const url = 'https://daybook.example/webhooks/stripe/connection';
  const form = (changes: Record<string, string> = {}) =>
    `${new URLSearchParams({ url, 'enabled_events[]': 'charge.succeeded', api_version: '2026-10-28.endive', ...changes })}`;

  beforeAll(async () => {
    at = await stand();
  });
  afterAll(() => at.stripe.close());

  test('one tells its secret when it is made, and never again', async () => {
    const made = (await at.call(path, { form: form() })).body;
    expect(made).toMatchObject({ object: 'webhook_endpoint', status: 'enabled', url, livemode: true });
    expect(made.secret).toMatch(/^whsec_\w{32}$/);
    const { id, secret } = made;
    expect((await at.call(`${path}/${id}`)).body.secret).toBeUndefined();
    expect(JSON.stringify((await at.call(path)).body)).not.toContain(secret);
    expect((await at.call(`${path}/${id}`, { form: 'description=ours' })).body).not.toHaveProperty('secret');
  });

  test('it is switched off and on, changed and deleted', async () => {
    const { id } = (await at.call(path, { form: form() })).body;
    expect((await at.call(`${path}/${id}`, { form: 'disabled=true' })).body.status).toBe('disabled');
    const events = 'disabled=false&enabled_events[0]=payout.paid&enabled_events[1]=charge.updated';
    expect((await at.call(`${path}/${id}`, { form: events })).body).toMatchObject({
      status: 'enabled',
      enabled_events: ['payout.paid', 'charge.updated'],
    });
    expect((await at.call(`${path}/${id}`, { method: 'DELETE' })).body).toMatchObject({ id, deleted: true });
    expect((await at.call(`${path}/${id}`)).status).toBe(404);
  });

  test('what no endpoint can be made of is refused by name', async () => {
    const refused: [string, string][] = [
      [form({ url: 'daybook' }), 'url'],
      [form({ url: 'http://daybook.example/hook' }), 'url'],
      [form({ 'enabled_events[]': 'charge.eaten' }), 'enabled_events[0]'],
      [form({ api_version: '2015-01-26' }), 'api_version'],
      [form({ connect: 'true' }), 'connect'],
      [form({ connect: 'perhaps' }), 'connect'],
      [form({ colour: 'red' }), 'colour'],
      [`${new URLSearchParams({ url })}`, 'enabled_events'],
      ['enabled_events[]=charge.succeeded', 'url'],
    ];
    for (const [asked, param] of refused) {
      const { status, body } = await at.call(path, { form: asked });
      expect([status, body.error.param], asked).toEqual([400, param]);
    }
    const headers = { 'content-type': 'application/json' };
    expect((await at.call(path, { form: JSON.stringify({ url }), headers })).status).toBe(400);
  });

  test('nobody makes one on a connected account, the platform makes one for all of them', async () => {
    const { access_token: token } = await at.connect();
    const platform = { authorization: `Bearer ${APP.clientSecret}` };
    for (const headers of [{ authorization: `Bearer ${token}` }, { ...platform, 'stripe-account': at.account }]) {
      const { status, body } = await at.call(path, { form: form(), headers });
      expect([status, body.error.message]).toEqual([403, expect.stringContaining('not permitted')]);
    }
    const made = await at.call(path, { form: form({ connect: 'true' }), headers: platform });
    expect(made.status).toBe(200);
    const own = (await at.call(path)).body.data as { id: string }[];
    expect(own.map(({ id }) => id)).not.toContain(made.body.id);
  });

  test('an account has at most 16', async () => {
    const full = await stand();
    for (let count = 0; count < 16; count += 1) expect((await full.call(path, { form: form() })).status).toBe(200);
    expect((await full.call(path, { form: form() })).body.error.message).toContain('maximum of 16');
    await full.stripe.close();
  });

  test('a key is answered from memory, and never for another request', async () => {
    const headers = { 'idempotency-key': 'once' };
    const made = await at.call(path, { form: form(), headers });
    const again = await at.call(path, { form: form(), headers });
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([made.body, 'true']);
    expect(made.headers.get('idempotent-replayed')).toBeNull();
    const other = await at.call(path, { form: form({ url: `${url}2` }), headers });
    expect([other.status, other.body.error.type]).toEqual([400, 'idempotency_error']);
    const count = async () => (await at.call(`${path}?limit=100`)).body.data.length;
    const before = await count();
    at.clock.now = new Date(at.clock.now.getTime() + 25 * 3_600_000);
    expect((await at.call(path, { form: form({ url: `${url}2` }), headers })).status).toBe(200);
    expect(await count()).toBe(before + 1);
  });
});
