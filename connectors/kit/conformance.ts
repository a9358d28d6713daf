import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accountingConformance } from './conformance-accounting.ts';
import { oauthConformance } from './conformance-oauth.ts';
import { salesConformance } from './conformance-sales.ts';
import type { Subject } from './conformance-world.ts';
import type { AccountingConnector, SalesConnector } from './contract.ts';
import { checkRecordedExchange, fixtureNames, readSalesFixture } from './fixture.ts';

/**
 * What every connector owes, whoever wrote it (exemplars.md, "Adding a connector in one folder"). Run over the registry
 * by `test/conformance.test.ts`; each failing test names what the author still has to supply.
 */
export function conformance(subject: Subject): void {
  describe(`${subject.connector.kind}/${subject.connector.id}`, () => {
    describe('its folder', () => folderConformance(subject));
    if (subject.connector.oauth) describe('connecting', () => oauthConformance(subject));
    if (subject.connector.kind === 'sales') salesConformance(subject as Subject<SalesConnector>);
    else accountingConformance(subject as Subject<AccountingConnector>);
  });
}

function folderConformance({ connector, folder, simulator }: Subject): void {
  test('has a README that links the provider’s documents and says what is special', () => {
    const path = join(folder, 'README.md');
    const readme = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect(readme).toMatch(/https:\/\/\S+/);
    expect(readme.trim().split('\n').length, 'lines in README.md').toBeGreaterThanOrEqual(10);
  });

  test('brings a simulator', () => {
    expect(simulator).toBeDefined();
  });

  test('brings fixtures, each with its source and date', () => {
    const names = fixtureNames(folder);
    expect(names, 'fixtures/*.json').not.toEqual([]);
    for (const name of names) {
      if (connector.kind === 'sales') readSalesFixture(folder, name);
      else checkRecordedExchange(folder, name);
    }
  });

  test('is named as its folder, and names its documents, hosts and secrets', () => {
    expect(folder.endsWith(join(connector.kind, connector.id))).toBe(true);
    expect(connector.label).toMatch(/\S/);
    expect(connector.docsUrl).toMatch(/^https:\/\//);
    expect(connector.hosts.api).toMatch(/^https:\/\/.*[^/]$/);
    expect(connector.hosts.auth).toMatch(/^https:\/\/.*[^/]$/);
    expect(connector.secrets, 'a connector without any secret cannot prove who it is').not.toEqual([]);
  });
}
