import { join } from 'node:path';
import { conformance } from '@daybook/connectors/kit/conformance';
import { accountingConnectors, salesConnectors } from '@daybook/connectors/registry';
import { simulators } from '@daybook/connectors/simulators';
import { expect, test } from 'vitest';
import { testHttp } from './support/http.ts';

const connectors = [...salesConnectors, ...accountingConnectors];

test('there are connectors to hold to the suite', () => {
  expect(connectors.map(({ id }) => id)).not.toEqual([]);
});

for (const connector of connectors) {
  conformance({
    connector,
    folder: join(import.meta.dirname, '../connectors', connector.kind, connector.id),
    simulator: simulators[connector.id],
    http: testHttp,
  });
}
