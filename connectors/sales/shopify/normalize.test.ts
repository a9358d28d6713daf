import { fileURLToPath } from 'node:url';
import { toWire } from '@daybook/domain';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../kit/connector-error.ts';
import { fixtureNames, readSalesFixture } from '../../kit/fixture.ts';
import { connector } from './connector.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
describe('fixtures', () => {
  test.for(fixtureNames(folder))('%s', (name) => {
    const f = readSalesFixture(folder, name);
    const topic = f.topic ?? connector.header(f.headers).topic;
    let got: unknown;
    try {
      got = JSON.parse(toWire(connector.normalize({ topic, headers: f.headers, body: f.body }, f)));
    } catch (e) {
      if (!(e instanceof ConnectorError)) throw e;
      got = { rejected: { code: e.code } };
    }
    expect(got).toEqual(f.expected);
  });
});
