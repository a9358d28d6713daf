import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const KINDS = ['sales', 'accounting'] as const;
const LINE_WIDTH = 120;

interface Folder {
  kind: (typeof KINDS)[number];
  id: string;
  /** Name the connector is imported under: `odoo-pos` → `odooPos`. */
  name: string;
  hasSimulator: boolean;
}

/**
 * The two generated files of `connectors/`, by path from the root: the registry of every folder that has a
 * `connector.ts`, and the loaders of their simulators, which product code other than the sandbox must not import.
 */
export function registryFiles(root: string): Map<string, string> {
  const folders = KINDS.flatMap((kind) => foldersOf(root, kind));
  return new Map([
    ['connectors/registry.ts', registrySource(folders)],
    ['connectors/simulators.ts', simulatorsSource(folders.filter((folder) => folder.hasSimulator))],
  ]);
}

function foldersOf(root: string, kind: Folder['kind']): Folder[] {
  const parent = join(root, 'connectors', kind);
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((id) => existsSync(join(parent, id, 'connector.ts')))
    .sort()
    .map((id) => ({
      kind,
      id,
      name: id.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase()),
      hasSimulator: existsSync(join(parent, id, 'simulator.ts')),
    }));
}

const BANNER = '// Generated from the folders by `pnpm generate`; never edited.';

function registrySource(folders: Folder[]): string {
  const imports = [
    { path: './kit/contract.ts', what: 'type { AccountingConnector, Connector, SalesConnector }' },
    ...folders.map((each) => ({
      path: `./${each.kind}/${each.id}/connector.ts`,
      what: `{ connector as ${each.name} }`,
    })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const namesOf = (kind: Folder['kind']) => folders.filter((each) => each.kind === kind).map((each) => each.name);
  return `${BANNER}
${imports.map((each) => `import ${each.what} from '${each.path}';`).join('\n')}

/** Every sales channel, in alphabetical order. */
${listDeclaration('salesConnectors', 'SalesConnector', namesOf('sales'))}

/** Every system of books, in alphabetical order. */
${listDeclaration('accountingConnectors', 'AccountingConnector', namesOf('accounting'))}

const byId = new Map<string, Connector>([...salesConnectors, ...accountingConnectors].map((each) => [each.id, each]));

/** The connector of that id, or undefined where there is no such folder. */
export function connectorById(id: string): Connector | undefined {
  return byId.get(id);
}
`;
}

function listDeclaration(name: string, type: string, items: string[]): string {
  const head = `export const ${name}: readonly ${type}[] = [`;
  const oneLine = `${head}${items.join(', ')}];`;
  return oneLine.length <= LINE_WIDTH ? oneLine : `${head}\n${items.map((item) => `  ${item},\n`).join('')}];`;
}

function simulatorsSource(folders: Folder[]): string {
  const loaders = folders.map((each) => {
    const key = each.name === each.id ? each.id : `'${each.id}'`;
    return `  ${key}: () => import('./${each.kind}/${each.id}/simulator.ts'),\n`;
  });
  return `${BANNER}
import type { SimulatorModule } from './kit/simulator.ts';

/** Loads the simulator of a connector. For tests, infra and the sandbox only. */
export const simulators: Readonly<Record<string, () => Promise<SimulatorModule>>> = {
${loaders.join('')}};
`;
}
