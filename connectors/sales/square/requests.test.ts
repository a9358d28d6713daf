import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api, HttpRequest } from '../../kit/contract.ts';
import { plainHttp } from '../../kit/test-http.ts';
import { connector } from './connector.ts';
import { APP, REDIRECT, type TestSquare, testSquare } from './simulator/test-support.ts';
import { testApi } from './test-support.ts';

const SPEC = fileURLToPath(new URL('../../../../shared/contracts/square/openapi.json', import.meta.url));
const isThere = existsSync(SPEC);
if (!isThere) process.stdout.write('Skipped: Square’s OpenAPI is not beside this repository (../shared/contracts).\n');

interface Schema {
  type?: string;
  properties?: object;
  additionalProperties?: boolean;
}
interface Operation {
  parameters?: { in: string; name: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
}
interface Spec {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** Square's specification as JSON Schema that refuses properties it does not list. */
function specification() {
  const spec = JSON.parse(readFileSync(SPEC, 'utf8'), (name, value) =>
    name === 'nullable' ? undefined : value,
  ) as Spec;
  for (const schema of Object.values(spec.components.schemas)) {
    if (schema.type === 'object' && schema.properties !== undefined) schema.additionalProperties = false;
  }
  // Referred to, but not in the file.
  spec.components.schemas.CatalogModifierToggleOverrideType ??= {};
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const format of ['int64', 'int32', 'date-time', 'double']) ajv.addFormat(format, true);
  ajv.addSchema(spec, 'spec');
  return { spec, ajv };
}

/** The path as the specification writes it: constant parts win over parameters. */
function templateOf(path: string, templates: readonly string[]): string | undefined {
  const fits = (template: string) => new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
  return templates.filter(fits).sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

describe.skipIf(!isThere)('every request against Square’s own OpenAPI', () => {
  let square: TestSquare;
  const sent: HttpRequest[] = [];
  const http = {
    request: (request: HttpRequest) => {
      sent.push(request);
      return plainHttp.request(request);
    },
  };

  beforeAll(async () => {
    square = await testSquare({ limits: { maximum: 10_000 } });
    await square.trade(90);
    const { hosts, consent } = square.square;
    const asked = { app: APP, hosts, http, now: square.clock.now, redirectUri: REDIRECT };
    const { oauth } = connector;
    const page = oauth?.authorizeUrl({ ...asked, state: 's1', codeChallenge: null, fields: {} }) ?? '';
    const query = Object.fromEntries(new URL(await consent(page)).searchParams);
    const first = await oauth?.exchange({ ...asked, query, codeVerifier: null });
    const tokens = first && (await oauth?.refresh({ ...asked, tokens: first }));
    if (tokens) await oauth?.accounts({ ...asked, tokens, fields: {} });
    const now = () => square.clock.now;
    const api: Api = { ...testApi(), http, hosts, credentials: tokens, account: square.account, app: APP, now };
    await everyCall(api);
  }, 60_000);
  afterAll(() => square.square.close());

  test('goes to a path, with parameters and a body that Square documents', () => {
    const { spec, ajv } = specification();
    const templates = Object.keys(spec.paths);
    const seen = new Set<string>();
    for (const { method, url, body } of sent) {
      const { pathname, searchParams } = new URL(url);
      const template = templateOf(pathname, templates);
      const operation = template && spec.paths[template]?.[method.toLowerCase()];
      expect(operation, `${method} ${pathname}`).toBeTypeOf('object');
      seen.add(`${method} ${template}`);
      const { parameters = [], requestBody } = operation as Operation;
      const known = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
      const missing = parameters.filter((each) => each.in === 'query' && each.required && !searchParams.has(each.name));
      expect({ unknown: [...searchParams.keys()].filter((name) => !known.includes(name)), missing }, url).toEqual({
        unknown: [],
        missing: [],
      });
      expect(body === undefined, `${method} ${url} has a body`).toBe(requestBody === undefined);
      const schema = requestBody?.content['application/json']?.schema;
      if (!schema || body === undefined) continue;
      const validate = ajv.compile({ $ref: `spec${schema.$ref}` });
      validate(JSON.parse(body));
      expect(validate.errors ?? [], `${method} ${url} ${body}`).toEqual([]);
    }
    expect([...seen].sort()).toEqual([
      'GET /v2/cash-drawers/shifts',
      'GET /v2/cash-drawers/shifts/{shift_id}',
      'GET /v2/disputes',
      'GET /v2/gift-cards/activities',
      'GET /v2/locations',
      'GET /v2/merchants/{merchant_id}',
      'GET /v2/orders/{order_id}',
      'GET /v2/payments',
      'GET /v2/payments/{payment_id}',
      'GET /v2/payouts',
      'GET /v2/payouts/{payout_id}/payout-entries',
      'GET /v2/refunds',
      'GET /v2/webhooks/subscriptions',
      'GET /v2/webhooks/subscriptions/{subscription_id}',
      'POST /oauth2/token',
      'POST /v2/catalog/batch-retrieve',
      'POST /v2/orders/batch-retrieve',
      'POST /v2/orders/search',
      'POST /v2/webhooks/subscriptions',
      'PUT /v2/webhooks/subscriptions/{subscription_id}',
    ]);
  });

  /** Subscribes, repairs a subscription that was switched off, polls everything, and re-reads a payment and a payout. */
  async function everyCall(api: Api): Promise<void> {
    const target = {
      url: '',
      appUrl: 'https://daybook.example/hook',
      freshSecret: 'f',
      known: { connection: false, app: false },
    };
    await connector.registerWebhooks?.(target, api);
    await connector.registerWebhooks?.(target, api);
    const { body } = await square.call('GET', '/v2/webhooks/subscriptions', APP.token);
    const path = `/v2/webhooks/subscriptions/${body.subscriptions[0].id}`;
    await square.call('PUT', path, APP.token, { subscription: { enabled: false } });
    await connector.registerWebhooks?.(target, api);
    for (const feed of connector.feeds) {
      const range = { feed, cursor: null, from: '2026-06-01T00:00:00Z', to: square.clock.now.toISOString() };
      for await (const { deliveries } of connector.changesSince?.(range, api) ?? []) {
        const [first] = deliveries;
        if (feed === 'payouts' && first) await connector.fetch?.('payout_entries', first, api);
        if (feed === 'refunds' && first) await connector.fetch?.('order', first, api);
      }
    }
  }
});
