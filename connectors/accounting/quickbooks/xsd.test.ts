import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { HttpRequest } from '../../kit/contract.ts';
import { connector } from './connector.ts';
import { NAMES } from './entities.ts';
import {
  type Answer,
  FIXTURES,
  type FixtureName,
  fixture,
  handed,
  json,
  mapping,
  mappingOf,
  rows,
} from './test-support.ts';
import { objections, readSchema, XSD_FOLDER } from './xsd-support.ts';

const absent = !existsSync(join(XSD_FOLDER, 'Finance.xsd'));
const OPENAPI = join(XSD_FOLDER, '../openapi.yaml');

/** The name of what a path creates: `/journalentry?…` → JournalEntry. */
function nameIn(path: string): string {
  const part = path.split(/[/?]/).find((each) => each !== '') ?? '';
  return (
    Object.values(NAMES).find((name) => name.toLowerCase() === part) ??
    part.replace(/^\w/, (first) => first.toUpperCase())
  );
}

/** Bodies of a fixture: the document's, and what sets it against another one. */
function bodiesOf(name: FixtureName): { type: string; body: unknown }[] {
  const { document, closing } = fixture(name);
  const by = mappingOf(name);
  const request = connector.prepare(document.kind, [connector.encode(document, by)], document, by);
  const both = [request, ...(closing ? [closing] : [])];
  return both.map(({ path, body }) => ({ type: nameIn(path), body: JSON.parse(body) }));
}

/** Bodies of the contacts and products we make, and of what takes documents out again. */
async function otherBodies(): Promise<{ type: string; body: unknown }[]> {
  const made = {
    Customer: { Id: '1', DisplayName: 'x' },
    Vendor: { Id: '1', DisplayName: 'x' },
    Item: { Id: '1', Name: 'x' },
  };
  const chart = rows('Account', { Id: '79', Name: 'Sales', AccountType: 'Income' });
  const wrong = { Customer: { Id: '58', DisplayName: 'Ada', CurrencyRef: { value: 'GBP' } } };
  const worlds = [
    await asked([rows('Customer'), json(made), rows('Vendor'), json(made)], (api) =>
      connector.ensureParties(
        [
          { id: 'a', name: 'A', email: 'a@example.com', country: 'GB' },
          { id: 'processor:p', name: 'P' },
        ],
        api,
      ),
    ),
    await asked([chart, rows('Item'), json(made), json(wrong), rows('Customer'), json(made)], async (api) =>
      connector.ensureRecords?.(['item:79', 'customer:58:EUR'], api),
    ),
  ];
  for (const name of ['payment', 'invoice', 'fees', 'sales-receipt', 'refund-receipt'] as const) {
    const { document, expected, response } = fixture(name);
    worlds.push(
      await asked([json(response.body), json(response.body)], (api) =>
        connector.undo(document, expected.remoteId, mapping, api),
      ),
    );
  }
  return worlds
    .flat()
    .filter(({ method }) => method === 'POST')
    .map(({ url, body }) => ({
      type: nameIn(new URL(url).pathname.replace(/.*\/company\/\d+/, '')),
      body: JSON.parse(body ?? ''),
    }));
}

async function asked(
  answers: Answer[],
  work: (api: ReturnType<typeof handed>['api']) => Promise<unknown>,
): Promise<HttpRequest[]> {
  const world = handed(...answers);
  await work(world.api);
  return world.asked;
}

describe("the provider's schema", () => {
  if (absent) process.stdout.write('xsd.test.ts: ../shared is not beside the repository, its schema is not checked.\n');
  const schema = absent ? undefined : readSchema();

  test.skipIf(absent).each(FIXTURES)('knows everything in what is sent for %s', (name) => {
    for (const { type, body } of bodiesOf(name)) expect(objections(schema!, type, body), type).toEqual([]);
  });

  test.skipIf(absent)('knows everything in contacts, products and deletions', async () => {
    const bodies = await otherBodies();
    expect(bodies.map(({ type }) => type)).toEqual([
      'Customer',
      'Vendor',
      'Item',
      'Customer',
      'Payment',
      'Invoice',
      'Purchase',
      'SalesReceipt',
      'RefundReceipt',
    ]);
    for (const { type, body } of bodies) expect(objections(schema!, type, body), type).toEqual([]);
  });

  test.skipIf(absent)('would notice misspelt, wrongly typed and unknown words', () => {
    const wrong = {
      DocNo: 'S-1',
      TxnDate: '9 November',
      GlobalTaxCalculation: 'Excluded',
      CustomerRef: '58',
      Line: [{ Amount: '1.00', SalesItemLineDetail: { Quantity: 1 } }],
    };
    expect(objections(schema!, 'Invoice', wrong)).toEqual([
      'Invoice.DocNo is not in the schema',
      'Invoice.TxnDate is no xs:date: "9 November"',
      'Invoice.GlobalTaxCalculation is "Excluded", which is no GlobalTaxCalculationEnum',
      'Invoice.CustomerRef is no reference: "58"',
      'Invoice.Line.Amount is no xs:decimal: "1.00"',
      'Invoice.Line.SalesItemLineDetail.Quantity is not in the schema',
    ]);
    expect(objections(schema!, 'Invoice', { Line: {} })).toEqual(['Invoice.Line is no list']);
  });

  test.skipIf(absent)('as others wrote it down for invoices, payments, customers and products, agrees', async () => {
    const spec = parse(readFileSync(OPENAPI, 'utf8')) as { components: { schemas: Record<string, object> } };
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false }).addSchema(spec, 'spec');
    const bodies = [...FIXTURES.flatMap(bodiesOf), ...(await otherBodies())];
    // It tells of creations only.
    const known = bodies.filter(({ type, body }) => spec.components.schemas[type] && !('Id' in (body as object)));
    expect(new Set(known.map(({ type }) => type))).toEqual(new Set(['Invoice', 'Payment', 'Customer', 'Item']));
    for (const { type, body } of known) {
      const validate = ajv.compile({ $ref: `spec#/components/schemas/${type}` });
      validate(body);
      expect(validate.errors ?? [], type).toEqual([]);
    }
  });
});
