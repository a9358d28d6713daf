import { accountingConnectors, salesConnectors } from '@daybook/connectors/registry';
import { type Config, loadConfig } from '@daybook/platform/config';
import type { Terminal } from './terminal.ts';

/** The settings of this run; a setting that names no connector is wrong too. Throws ConfigError naming every problem. */
export function configOf(terminal: Pick<Terminal, 'env'>): Config {
  return loadConfig(terminal.env, { connectors: [...salesConnectors, ...accountingConnectors].map(({ id }) => id) });
}
