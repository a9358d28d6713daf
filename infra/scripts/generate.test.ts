import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeConfig } from '@daybook/platform/config';
import { expect, test } from 'vitest';
import { staleFiles } from './generate.ts';
import { registryFiles } from './generate-registry.ts';

const root = join(import.meta.dirname, '../..');

test('every generated file is what its generator would write now', () => {
  expect(staleFiles(root)).toEqual([]);
});

test('every setting is in .env.example and in the configuration page, and no default is a secret', () => {
  for (const file of ['.env.example', 'docs/configuration.md']) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const { name } of describeConfig()) expect(text).toContain(name);
  }
  expect(describeConfig().filter((setting) => setting.secret && setting.default !== null)).toEqual([]);
});

test('a new folder makes the registry stale, and only folders with a simulator can be simulated', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'daybook-registry-'));
  try {
    for (const file of [
      'sales/corner-shop/connector.ts',
      'sales/corner-shop/simulator.ts',
      'accounting/paper/connector.ts',
    ]) {
      mkdirSync(dirname(join(scratch, 'connectors', file)), { recursive: true });
      writeFileSync(join(scratch, 'connectors', file), '');
    }
    expect(staleFiles(scratch)).toEqual(expect.arrayContaining(['connectors/registry.ts', 'connectors/simulators.ts']));
    const registry = registryFiles(scratch).get('connectors/registry.ts') ?? '';
    expect(registry).toContain("import { connector as cornerShop } from './sales/corner-shop/connector.ts';");
    expect(registry).toContain('salesConnectors: readonly SalesConnector[] = [cornerShop];');
    expect(registry).toContain('accountingConnectors: readonly AccountingConnector[] = [paper];');
    const simulators = registryFiles(scratch).get('connectors/simulators.ts') ?? '';
    expect(simulators).toContain("'corner-shop': () => import('./sales/corner-shop/simulator.ts'),");
    expect(simulators).not.toContain('paper');
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
