import { posix } from 'node:path';
import {
  isSimulator,
  isTest,
  type Node,
  type Problem,
  problem,
  readText,
  type Source,
  trackedFiles,
  walk,
} from './source.ts';

interface Workspace {
  folder: string;
  name: string;
  dependencies: Set<string>;
  devDependencies: Set<string>;
}

/** Every package of the workspace, the root last. */
export function workspaces(): Workspace[] {
  const manifests = trackedFiles().filter((path) => posix.basename(path) === 'package.json');
  return manifests
    .map((path) => {
      const manifest = JSON.parse(readText(path)) as {
        name: string;
        dependencies?: Record<string, string>;
        devDependencies?: Record<string, string>;
      };
      return {
        folder: path === 'package.json' ? '' : posix.dirname(path),
        name: manifest.name,
        dependencies: new Set(Object.keys(manifest.dependencies ?? {})),
        devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
      };
    })
    .sort((a, b) => b.folder.length - a.folder.length);
}

const PRODUCT = ['shared/domain', 'shared/platform', 'shared/ledger', 'connectors/kit', 'connectors/registry'];
const EVERY_FOLDER = ['connectors/kit', 'connectors/sales', 'connectors/accounting'];

/**
 * Who may import whom: each part of the house, and the parts it may use besides itself. Connectors never see each
 * other, and only the sandbox of the command line may play a provider.
 */
const MAY_IMPORT: [part: RegExp, allowed: string[]][] = [
  [/^shared\/(domain|platform)$/, []],
  [/^shared\/ledger$/, ['shared/domain', 'shared/platform']],
  [/^connectors\/kit$/, ['shared/domain']],
  [/^connectors\/(sales|accounting)\/[^/]+$/, ['shared/domain', 'connectors/kit']],
  [/^connectors\/(registry|simulators)$/, EVERY_FOLDER],
  [/^(workers|services\/ingest)$/, PRODUCT],
  // The API shows and replays the work, so it shares the workers' view of it.
  [/^services\/api$/, [...PRODUCT, 'workers']],
  // The command line starts everything.
  [/^services\/cli$/, [...PRODUCT, 'workers', 'services']],
  [/^services\/cli\/sandbox$/, [...PRODUCT, 'workers', 'services', 'connectors/simulators']],
  [/^(infra|test)$/, ['']],
];

/** The part of the house a file belongs to. */
export function partOf(path: string): string {
  if (/^services\/cli\/src\/sandbox/.test(path)) return 'services/cli/sandbox';
  if (/^connectors\/(registry|simulators)\.ts$/.test(path)) return path.replace(/\.ts$/, '');
  const parts = path.split('/');
  if (parts[0] === 'connectors' && parts[1] !== 'kit') return parts.slice(0, 3).join('/');
  return ['shared', 'services', 'connectors'].includes(parts[0] ?? '') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

/** Imports against the direction of the house, and of packages that the importing package does not declare. */
export function importDirections(source: Source, packages: Workspace[]): Problem[] {
  const home = packages.find((each) => each.folder === '' || source.path.startsWith(`${each.folder}/`));
  return importsOf(source).flatMap(({ specifier, node }) => {
    const target = specifier.startsWith('.')
      ? posix.join(posix.dirname(source.path), specifier)
      : workspaceFile(specifier, packages);
    const reasons = [
      target === undefined ? undefined : wrongDirection(source.path, target),
      specifier.startsWith('.')
        ? crossesPackages(source.path, target ?? '', packages)
        : undeclared(specifier, source.path, home, packages),
    ];
    return reasons.filter((reason) => reason !== undefined).map((reason) => problem(source, node, reason));
  });
}

function importsOf(source: Source): { specifier: string; node: Node }[] {
  const found: { specifier: string; node: Node }[] = [];
  walk(source.program, (node) => {
    if (!/^(Import|Export(Named|All))(Declaration|Expression)$/.test(node.type)) return;
    const literal = node.source as Node | null | undefined;
    if (literal && typeof literal.value === 'string') found.push({ specifier: literal.value, node });
  });
  return found;
}

/** The file a cross-package import names: `@daybook/ledger/post` → `shared/ledger/src/post.ts`. */
function workspaceFile(specifier: string, packages: Workspace[]): string | undefined {
  const owner = packages.find((each) => specifier === each.name || specifier.startsWith(`${each.name}/`));
  if (!owner) return undefined;
  const rest = specifier.slice(owner.name.length + 1) || 'index';
  return owner.folder === 'connectors' ? `connectors/${rest}.ts` : `${owner.folder}/src/${rest}.ts`;
}

function wrongDirection(from: string, to: string): string | undefined {
  if (isTest(from)) return undefined;
  if (isTest(to) && !from.startsWith('infra/')) return `imports ${to}: nothing but tests imports a test`;
  const [here, there] = [partOf(from), partOf(to)];
  const maySimulate = here === 'connectors/simulators' || (here === there && isSimulator(from)) || here === 'infra';
  if (isSimulator(to) && !maySimulate)
    return `imports ${to}: a simulator is imported by tests, infra and the sandbox only`;
  if (here === there) return undefined;
  const rule = MAY_IMPORT.find(([part]) => part.test(here));
  if (rule === undefined) return isRootFile(from) ? undefined : `${here} is not in the table of who may import whom`;
  const isAllowed = rule[1].some((each) => each === '' || there === each || there.startsWith(`${each}/`));
  return isAllowed ? undefined : `${here} must not import ${there} (${to})`;
}

const isRootFile = (path: string) => !path.includes('/');

function crossesPackages(from: string, to: string, packages: Workspace[]): string | undefined {
  const ownerOf = (path: string) => packages.find((each) => each.folder === '' || path.startsWith(`${each.folder}/`));
  const [here, there] = [ownerOf(from), ownerOf(to)];
  return here === there || isTest(from) || isRootFile(from)
    ? undefined
    : `imports ${to} by path; packages import each other by name (${there?.name})`;
}

function undeclared(
  specifier: string,
  path: string,
  home: Workspace | undefined,
  packages: Workspace[],
): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (home?.dependencies.has(name) || home?.name === name) return undefined;
  const root = packages.find((each) => each.folder === '');
  const mayUseDevelopment = isTest(path) || path.startsWith('infra/') || isRootFile(path);
  if (mayUseDevelopment && (home?.devDependencies.has(name) || root?.devDependencies.has(name))) return undefined;
  return `imports ${name}, which ${home?.folder || 'the root'}/package.json does not declare`;
}
