import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ShopifySimulator, start } from '../simulator.ts';

const TEA = 'daybook-tea.myshopify.com';
const OUTDOOR = 'daybook-outdoor.myshopify.com';
const SECRET = 'secret-now';
const REDIRECT = 'http://127.0.0.1:3000/oauth/shopify/callback';

type Json = Record<string, unknown>;
interface Answer {
  data: Json;
  errors: { message: string; extensions: Json }[];
  extensions: Json;
}

describe('the simulated Admin API', () => {
  let shopify: ShopifySimulator;
  let time: number;

  beforeEach(async () => {
    time = Date.parse('2026-07-01T12:00:00Z');
    shopify = await start({
      seed: 3,
      app: { clientId: 'client', clientSecret: SECRET },
      now: () => new Date(time),
      redirectUris: [REDIRECT],
    });
  });
  afterEach(() => shopify.close());

  const authorizeUrl = (more: Record<string, string> = {}) => {
    const query = { client_id: 'client', scope: 'read_orders,read_products', redirect_uri: REDIRECT, state: 'st&te' };
    return `${shopify.url}/${TEA}/admin/oauth/authorize?${new URLSearchParams({ ...query, ...more })}`;
  };
  const exchange = (form: Record<string, string>, account = TEA) =>
    fetch(`${shopify.url}/${account}/admin/oauth/access_token`, { method: 'POST', body: new URLSearchParams(form) });
  const client = { client_id: 'client', client_secret: SECRET };
  const code = async (more: Record<string, string> = {}) =>
    new URL(await shopify.consent(authorizeUrl(more))).searchParams.get('code')!;
  const install = async (more: Record<string, string> = {}) => {
    const answer = await exchange({ ...client, code: await code(more), expiring: '1' });
    return (await answer.json()) as { access_token: string; refresh_token: string; expires_in: number };
  };
  const refresh = async (refreshToken: string) => {
    const answer = await exchange({ ...client, grant_type: 'refresh_token', refresh_token: refreshToken });
    return { status: answer.status, body: (await answer.json()) as { access_token: string; refresh_token: string } };
  };
  const ask = async (token: string, query: string, variables: Record<string, unknown> = {}) => {
    const answer = await fetch(`${shopify.url}/${TEA}/admin/api/2026-10/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
      body: JSON.stringify({ query, variables }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer };
  };
  const works = async (token: string) => (await ask(token, '{ shop { id } }')).status === 200;

  test('the consent page comes back with everything that can be checked, signed by the app secret', async () => {
    const back = new URL(await shopify.consent(authorizeUrl()));
    expect(back.origin + back.pathname).toBe(REDIRECT);
    const { hmac, ...query } = Object.fromEntries(back.searchParams);
    expect(Object.keys(query).sort()).toEqual(['code', 'host', 'shop', 'state', 'timestamp']);
    expect([query.shop, query.state, query.timestamp]).toEqual([TEA, 'st&te', '1782907200']);
    const sorted = `code=${query.code}&host=${query.host}&shop=${TEA}&state=st%26te&timestamp=1782907200`;
    expect(hmac).toBe(createHmac('sha256', SECRET).update(sorted).digest('hex'));
  });

  test('an unknown app, address, scope or shop is refused on the page', async () => {
    await expect(shopify.consent(authorizeUrl({ client_id: 'x' }))).rejects.toThrow(/400.*cannot be found/);
    await expect(shopify.consent(authorizeUrl({ redirect_uri: 'https://evil.example' }))).rejects.toThrow(
      /redirect_uri is not whitelisted/,
    );
    await expect(shopify.consent(authorizeUrl({ scope: 'orders' }))).rejects.toThrow(/scope is invalid: orders/);
    await expect(shopify.consent(authorizeUrl().replace(TEA, 'x.myshopify.com'))).rejects.toThrow(/404/);
  });

  test('a code is good once, for its shop, with the right secret', async () => {
    const wrong = await exchange({ ...client, client_secret: 'guess', code: await code(), expiring: '1' });
    expect([wrong.status, ((await wrong.json()) as Json).error]).toEqual([400, 'invalid_client']);
    expect((await exchange({ ...client, code: await code() }, OUTDOOR)).status).toBe(400);
    const good = await code();
    expect((await exchange({ ...client, code: good })).status).toBe(200);
    const again = await exchange({ ...client, code: good });
    expect([again.status, ((await again.json()) as Json).error]).toEqual([400, 'invalid_request']);
  });

  test('expiring tokens come with a refresh token and end after an hour', async () => {
    const tokens = await install();
    expect(tokens).toMatchObject({
      expires_in: 3600,
      refresh_token_expires_in: 7_776_000,
      scope: 'read_orders,read_products',
    });
    expect(await works(tokens.access_token)).toBe(true);
    time += 3_600_000 - 1;
    expect(await works(tokens.access_token)).toBe(true);
    time += 1;
    const answer = await ask(tokens.access_token, '{ shop { id } }');
    expect(answer.status).toBe(401);
    expect(answer.body.errors).toMatch(/^\[API\] Invalid API key or access token/);
  });

  test('a token that never expires is refused from 2027 on', async () => {
    const answer = await exchange({ ...client, code: await code() });
    const tokens = (await answer.json()) as { access_token: string };
    expect(Object.keys(tokens).sort()).toEqual(['access_token', 'scope']);
    expect(await works(tokens.access_token)).toBe(true);
    time = Date.parse('2027-01-01T00:00:00Z');
    expect(await works(tokens.access_token)).toBe(false);
  });

  test('the refresh token before works until its replacement is used, then no more', async () => {
    const first = await install();
    const lost = await refresh(first.refresh_token);
    const second = await refresh(first.refresh_token);
    expect([lost.status, second.status]).toEqual([200, 200]);
    expect(second.body.refresh_token).not.toBe(lost.body.refresh_token);
    expect(await works(lost.body.access_token)).toBe(false);
    expect(await works(second.body.access_token)).toBe(true);
    expect((await refresh(first.refresh_token)).status).toBe(400);
    expect((await refresh(second.body.refresh_token)).status).toBe(200);
  });

  test('a refresh token is refused after its own life', async () => {
    const tokens = await install();
    time += 90 * 24 * 3_600_000;
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  });

  test('removing the app ends its tokens', async () => {
    const tokens = await install();
    await shopify.uninstall(TEA);
    expect(await works(tokens.access_token)).toBe(false);
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  });

  test('a field that Shopify does not have is refused in its words', async () => {
    const { access_token: token } = await install();
    const { status, body } = await ask(token, '{ shop { id colour } }');
    expect(status).toBe(200);
    expect(body.errors[0]).toMatchObject({
      message: "Field 'colour' doesn't exist on type 'Shop'",
      extensions: { code: 'undefinedField', typeName: 'Shop', fieldName: 'colour' },
    });
    expect((await ask(token, '{ shop { ')).body.errors).toHaveLength(1);
  });

  test('orders need the scope, and old ones the larger scope', async () => {
    await shopify.trade(TEA);
    const none = await install({ scope: 'read_products' });
    const { body } = await ask(none.access_token, '{ orders(first: 1) { nodes { id } } }');
    expect(body.errors[0]).toMatchObject({ extensions: { code: 'ACCESS_DENIED' } });
    const count = async (scope: string) => {
      const { access_token: token } = await install({ scope });
      const answer = await ask(token, '{ orders(first: 5) { nodes { id } } }');
      return (answer.body.data.orders as { nodes: unknown[] }).nodes.length;
    };
    expect(await count('read_orders')).toBe(1);
    time += 61 * 24 * 3_600_000;
    expect(await count('read_orders')).toBe(0);
    expect(await count('read_orders,read_all_orders')).toBe(1);
  });

  test('orders page by their time of change, with a filter, up to 250 at a time', async () => {
    for (let step = 0; step < 12; step += 1) {
      time += 60_000;
      await shopify.trade(TEA);
    }
    const { access_token: token } = await install();
    const known = shopify
      .orders(TEA)
      .toSorted((a, b) => (a.updatedAt + a.id < b.updatedAt + b.id ? -1 : 1))
      .map((order) => ({ name: `#${order.number}`, updatedAt: order.updatedAt }));
    const since = known[2]!.updatedAt;
    const query = `query Page($after: String, $filter: String) {
      orders(first: 3, after: $after, sortKey: UPDATED_AT, query: $filter) {
        nodes { name updatedAt } pageInfo { hasNextPage endCursor } } }`;
    const seen: unknown[] = [];
    let after: string | null = null;
    do {
      const { body } = await ask(token, query, { after, filter: `updated_at:>='${since}'` });
      const page = body.data.orders as { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      expect(page.nodes.length).toBeLessThanOrEqual(3);
      seen.push(...page.nodes);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(known.slice(2));
    expect((await ask(token, '{ orders(first: 251) { nodes { id } } }')).body.errors[0]!.message).toMatch(/250/);
    expect((await ask(token, '{ orders { nodes { id } } }')).body.errors[0]!.message).toMatch(/first or last/);
  });

  test('an order told by GraphQL is the order told by REST', async () => {
    for (let step = 0; step < 25; step += 1) await shopify.trade(TEA);
    const { access_token: token } = await install();
    const both = '{ shopMoney { amount currencyCode } presentmentMoney { amount } }';
    const query = `query One($id: ID!) { order(id: $id) { legacyResourceId displayFinancialStatus taxesIncluded
      totalPriceSet ${both} currentTotalPriceSet ${both} totalTaxSet ${both}
      lineItems(first: 20) { nodes { sku quantity currentQuantity taxLines { rate priceSet ${both} }
        discountAllocations { allocatedAmountSet ${both} } } }
      shippingLines(first: 3) { nodes { discountedPriceSet ${both} } }
      transactions(first: 9) { kind status gateway amountSet ${both} }
      refunds(first: 9) { legacyResourceId refundLineItems(first: 5) { nodes { quantity subtotalSet ${both} } } } } }`;
    for (const { id, refunds } of shopify.orders(TEA)) {
      const { body } = await ask(token, query, { id: `gid://shopify/Order/${id}` });
      expect(body.errors).toBeUndefined();
      const told = body.data.order as GraphqlOrder;
      const answer = await fetch(`${shopify.url}/${TEA}/admin/api/2026-10/orders/${id}.json`, {
        headers: { 'x-shopify-access-token': token },
      });
      const rest = ((await answer.json()) as { order: RestOrder }).order;
      time += 1_000;
      expect(told.displayFinancialStatus).toBe(rest.financial_status.toUpperCase());
      expect(padded(told.totalPriceSet.shopMoney.amount)).toBe(rest.total_price);
      expect(padded(told.currentTotalPriceSet.shopMoney.amount)).toBe(rest.current_total_price);
      expect(padded(told.totalTaxSet.presentmentMoney.amount)).toBe(rest.total_tax_set.presentment_money.amount);
      expect(told.lineItems.nodes.map((line) => [line.sku, line.quantity, line.currentQuantity])).toEqual(
        rest.line_items.map((line) => [line.sku, line.quantity, line.current_quantity]),
      );
      expect(told.refunds.map((refund) => refund.legacyResourceId)).toEqual(refunds.map((refund) => refund.id));
      for (const refund of refunds) {
        const gid = `gid://shopify/Refund/${refund.id}`;
        const found = await ask(token, `{ refund(id: "${gid}") { id order { legacyResourceId } } }`);
        expect(found.body.data.refund).toEqual({ id: gid, order: { legacyResourceId: id } });
      }
    }
  });

  test('what costs over a thousand points is refused, and an empty bucket throttles until it refills', async () => {
    const { access_token: token } = await install();
    const huge = '{ orders(first: 250) { nodes { lineItems(first: 10) { nodes { id } } } } }';
    expect((await ask(token, huge)).body.errors[0]).toMatchObject({ extensions: { code: 'MAX_COST_EXCEEDED' } });
    // 2 + 240 × (order 1 + connection 2 + 1 × node 1) = 962; nothing is found, so all but 2 points come back.
    const large = '{ orders(first: 240) { nodes { lineItems(first: 1) { nodes { id } } } } }';
    const { body } = await ask(token, large);
    expect(body.extensions.cost).toMatchObject({
      requestedQueryCost: 962,
      actualQueryCost: 2,
      throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1998, restoreRate: 100 },
    });
    await shopify.close();
    const limits = { graphql: { maximum: 5, restoreRate: 1 } };
    shopify = await start({
      seed: 3,
      app: { clientId: 'client', clientSecret: SECRET },
      now: () => new Date(time),
      limits,
    });
    const again = (await install()).access_token;
    const shop = () => ask(again, '{ shop { id } }');
    for (let call = 0; call < 5; call += 1) expect((await shop()).body.errors).toBeUndefined();
    const refused = await shop();
    expect(refused.status).toBe(200);
    expect(refused.body.errors[0]).toMatchObject({ message: 'Throttled', extensions: { code: 'THROTTLED' } });
    time += 1_000;
    expect((await shop()).body.errors).toBeUndefined();
  });

  test('REST counts calls in its header and answers 429 with Retry-After', async () => {
    const { access_token: token } = await install();
    const call = () =>
      fetch(`${shopify.url}/${TEA}/admin/api/2026-10/shop.json`, { headers: { 'x-shopify-access-token': token } });
    expect((await call()).headers.get('x-shopify-shop-api-call-limit')).toBe('1/40');
    for (let number = 2; number <= 40; number += 1) expect((await call()).status).toBe(200);
    const refused = await call();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2.0']);
    time += 1_000;
    expect((await call()).status).toBe(200);
    expect((await fetch(`${shopify.url}/${TEA}/admin/api/2026-10/orders/1.json`)).status).toBe(401);
  });

  test('webhooks are subscribed once per topic and address', async () => {
    const { access_token: token } = await install();
    const create = (topic: string, uri: string) =>
      ask(
        token,
        `mutation Create($topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!) {
          webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
            webhookSubscription { id uri topic } userErrors { field message } } }`,
        { topic, webhookSubscription: { uri } },
      );
    const payload = ({ body }: Awaited<ReturnType<typeof create>>) => body.data.webhookSubscriptionCreate as Json;
    const made = payload(await create('ORDERS_CREATE', 'https://hub.example/hook')).webhookSubscription as Json;
    expect(made).toMatchObject({ uri: 'https://hub.example/hook', topic: 'ORDERS_CREATE' });
    expect(payload(await create('ORDERS_CREATE', 'https://hub.example/hook')).userErrors).toEqual([
      { field: ['webhookSubscription', 'uri'], message: 'Address for this topic has already been taken' },
    ]);
    expect((payload(await create('ORDERS_CREATE', 'http://hub.example')).userErrors as Json[])[0]!.message).toMatch(
      /protocol http:\/\/ is not supported/,
    );
    expect((await create('CUSTOMERS_REDACT', 'https://hub.example')).body.errors).toHaveLength(1);
    const list = await ask(token, '{ webhookSubscriptions(first: 10) { nodes { topic uri } } }');
    expect((list.body.data.webhookSubscriptions as { nodes: unknown[] }).nodes).toEqual([
      { topic: 'ORDERS_CREATE', uri: 'https://hub.example/hook' },
    ]);
    expect(shopify.webhookUrl(TEA)).toBe('https://hub.example/hook');
    const remove = () =>
      ask(token, `mutation { webhookSubscriptionDelete(id: "${made.id}") { userErrors { message } } }`);
    expect((await remove()).body.data.webhookSubscriptionDelete).toEqual({ userErrors: [] });
    expect((await remove()).body.data.webhookSubscriptionDelete).toEqual({
      userErrors: [{ message: 'Webhook subscription does not exist' }],
    });
  });

  test('transactions come in the currency of the buyer unless the shop currency is asked for', async () => {
    let order = shopify.orders(TEA)[0];
    for (let step = 0; step < 25 && order?.currencies.presentment !== 'EUR'; step += 1) {
      await shopify.trade(TEA);
      order = shopify.orders(TEA).findLast((each) => each.currencies.presentment === 'EUR');
    }
    const { access_token: token } = await install();
    const transactions = async (query: string) => {
      const url = `${shopify.url}/${TEA}/admin/api/2026-10/orders/${order!.id}/transactions.json${query}`;
      const answer = await fetch(url, { headers: { 'x-shopify-access-token': token } });
      return ((await answer.json()) as { transactions: { currency: string }[] }).transactions[0]!.currency;
    };
    expect(await transactions('')).toBe('EUR');
    expect(await transactions('?in_shop_currency=true')).toBe('GBP');
  });

  test('a fault hits the API without harm to what comes after', async () => {
    const { access_token: token } = await install();
    shopify.inject({ kind: 'status', status: 503, count: 1, path: 'graphql' });
    shopify.inject({ kind: 'html', count: 1, path: '/shop.json' });
    expect(await fetch(`${shopify.url}/${TEA}/admin/api/2026-10/shop.json`).then((answer) => answer.text())).toMatch(
      /<html>/,
    );
    const answer = await fetch(`${shopify.url}/${TEA}/admin/api/2026-10/graphql.json`, { method: 'POST' });
    expect(answer.status).toBe(503);
    expect(await works(token)).toBe(true);
  });
});

/** GraphQL drops trailing zeros. */
const padded = (amount: string) => amount.replace(/\.(\d)$/, '.$10');

interface Money {
  shopMoney: { amount: string };
  presentmentMoney: { amount: string };
}
interface GraphqlOrder {
  displayFinancialStatus: string;
  totalPriceSet: Money;
  currentTotalPriceSet: Money;
  totalTaxSet: Money;
  lineItems: { nodes: { sku: string | null; quantity: number; currentQuantity: number }[] };
  refunds: { legacyResourceId: string }[];
}
interface RestOrder {
  financial_status: string;
  total_price: string;
  current_total_price: string;
  total_tax_set: { presentment_money: { amount: string } };
  line_items: { sku: string | null; quantity: number; current_quantity: number }[];
}
