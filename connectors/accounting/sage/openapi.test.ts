import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { ACCOUNTS, FIXTURES, fixture, handed, KEY, mapping } from './test-support.ts';

/** The provider's own Swagger file is data beside the repository (SOURCES.md there names its origin). */
const SPEC = join(import.meta.dirname, '../../../../shared/contracts/sage/openapi.json');
const absent = !existsSync(SPEC);
/** Paths that the file lacks although the guides have them. */
const GUIDES_ONLY = /^\/businesses/;

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: boolean;
}
interface Parameter {
  in: string;
  name: string;
  schema?: { $ref: string };
}
interface Spec {
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
  definitions: Record<string, Schema>;
}

/** Made strict: a misspelt field would be silently ignored. The idempotency id is only in the guide. */
function strictSpec(): Spec {
  const spec = JSON.parse(readFileSync(SPEC, 'utf8')) as Spec;
  const close = (schema: Schema): void => {
    if (schema.properties) schema.additionalProperties = false;
    for (const each of Object.values(schema.properties ?? {})) close(each);
    if (schema.items) close(schema.items);
  };
  for (const [name, schema] of Object.entries(spec.definitions)) {
    if (!name.startsWith('post')) continue;
    close(schema);
    for (const object of Object.values(schema.properties ?? {})) {
      if (object.properties) object.properties.idempotency_id = { type: 'string' };
    }
  }
  return spec;
}

function validator(spec: Spec): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true });
  for (const format of ['double', 'int32', 'date-time', 'date']) ajv.addFormat(format, true);
  return ajv.addSchema({ definitions: spec.definitions }, 'spec');
}

/** What the file objects to in a request; [] when nothing. */
function objections(spec: Spec, ajv: Ajv, request: HttpRequest): string[] {
  const url = new URL(request.url);
  const path = url.pathname.replace('/v3.1', '');
  if (GUIDES_ONLY.test(path)) return [];
  const known = Object.keys(spec.paths).find((each) =>
    new RegExp(`^${each.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path),
  );
  const operation = spec.paths[known ?? '']?.[request.method.toLowerCase()];
  if (!operation) return [`${request.method} ${path} is not known`];
  const parameters = operation.parameters ?? [];
  const names = parameters.filter((each) => each.in === 'query').map(({ name }) => name);
  const unknown = [...url.searchParams.keys()].filter((name) => !names.includes(name));
  const found = unknown.map((name) => `${request.method} ${path} does not know ${name}`);
  const schema = parameters.find((each) => each.in === 'body')?.schema;
  if ((schema === undefined) !== (request.body === undefined)) found.push(`${path}: body expected or not`);
  if (schema === undefined || request.body === undefined) return found;
  const validate = ajv.compile({ $ref: `spec${schema.$ref}` });
  validate(JSON.parse(request.body));
  const errors = validate.errors ?? [];
  return [...found, ...errors.map((each) => `${each.instancePath} ${each.message} ${JSON.stringify(each.params)}`)];
}

/** Answers every call with what keeps the connector going, and keeps the requests. */
async function requestsOf(work: (api: ReturnType<typeof handed>['api']) => Promise<unknown>): Promise<HttpRequest[]> {
  const requests: HttpRequest[] = [];
  const request = async (each: HttpRequest): Promise<HttpResponse> => {
    requests.push(each);
    const body = {
      id: 'a1',
      $items: [],
      base_currency: { id: 'GBP' },
      multi_currency_enabled: true,
      rate: '0.87',
      amount: '1',
      total: '1',
      tax_amount: '0',
      total_amount: '1',
      allocated_artefacts: [{ amount: '1' }, { amount: '-1' }],
    };
    return { status: each.method === 'DELETE' ? 204 : 200, headers: {}, text: JSON.stringify(body) };
  };
  await work({ ...handed().api, http: { request } });
  return requests;
}

describe("the provider's Swagger file", () => {
  if (absent) {
    process.stdout.write('openapi.test.ts: ../shared is not beside the repository, its Swagger file is not checked.\n');
  }
  const spec = absent ? undefined : strictSpec();
  const ajv = spec && validator(spec);
  const check = (request: HttpRequest) => objections(spec!, ajv!, request);

  test.skipIf(absent).each(FIXTURES)('knows everything in the requests for a %s', async (name) => {
    const { document, request } = fixture(name);
    const requests = await requestsOf(async (api) => {
      await connector.send(request, [document], KEY, api);
      await connector.find([document], mapping, api);
      await connector.inspect(document, 'a1', mapping, api);
      await connector.undo(document, 'a1', mapping, api);
    });
    expect(requests.map(({ method }) => method)).toEqual(expect.arrayContaining(['POST', 'GET', 'DELETE']));
    expect(requests.flatMap(check)).toEqual([]);
  });

  test.skipIf(absent)('knows everything in the journal that a fee becomes away from a bank account', async () => {
    const { document } = fixture('fees');
    const entry = { ...document, role: 'processor.reserve', account: '1248' } as typeof document;
    const request = connector.prepare('bank_entry', [connector.encode(entry, mapping)], entry, mapping);
    const requests = await requestsOf((api) => connector.send(request, [entry], KEY, api));
    expect(requests.flatMap(check)).toEqual([]);
  });

  test.skipIf(absent)(
    'knows everything in our look-ups of books, rates and contacts, and the contacts we make',
    async () => {
      const requests = await requestsOf(async (api) => {
        await connector.readBooks(api);
        await connector.ensureRecords?.(['rate:EUR:2026-11-09'], api);
        const party = { id: 'p'.repeat(60), name: 'Ada', email: 'ada@example.com', country: 'GB' };
        await connector.ensureParties([party, { id: 'processor:stripe', name: 'Stripe' }], api);
      });
      expect(requests.map(({ method, url }) => `${method} ${new URL(url).pathname.split('/')[2]}`)).toEqual([
        'GET businesses',
        'GET financial_settings',
        'GET ledger_accounts',
        'GET bank_accounts',
        'GET tax_rates',
        'GET currencies',
        'GET financial_settings',
        'GET exchange_rates',
        'GET contacts',
        'POST contacts',
        'GET contacts',
        'POST contacts',
      ]);
      expect(requests.flatMap(check)).toEqual([]);
    },
  );

  test.skipIf(absent)('would notice a misspelt field, a wrong type and an unknown parameter', () => {
    const ledger = ACCOUNTS['bank.main']?.remoteId;
    const lines = [{ ledger_account_id: ledger, debit: '1', credit: 0, detail: 'x' }];
    const body = JSON.stringify({ journal: { date: '2026-11-09', reference: 'J', journal_lines: lines } });
    const url = 'https://api.accounting.sage.com/v3.1/journals?serach=J';
    expect(check({ method: 'POST', url, body })).toEqual([
      'POST /journals does not know serach',
      '/journal/journal_lines/0 must NOT have additional properties {"additionalProperty":"detail"}',
      '/journal/journal_lines/0/debit must be number {"type":"number"}',
    ]);
  });
});
