// Installs the packages when they are not what the lockfile says. Runs before `npm start` and `npm test`, on whatever
// Node the machine has (20.19 or newer): plain JavaScript, nothing but Node's own modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const stamp = join(root, 'node_modules/.daybook-installed');

const [major, minor] = process.versions.node.split('.').map((part) => Number.parseInt(part, 10));
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Daybook needs Node 20.19 or newer to start; this is ${process.version}. Install a newer one.\n`,
  );
  process.exit(1);
}

/** Changes whenever an install could come out different. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

/** package.json of every workspace, one or two folders down. */
function manifests() {
  const folders = (under) =>
    readdirSync(join(root, under), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map((entry) => join(under, entry.name));
  const nested = [...folders('services'), ...folders('shared')];
  return [...folders('.'), ...nested]
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(join(root, file)));
}

const wanted = fingerprint();
const isInstalled =
  existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(join(root, 'node_modules/.bin/node'));
if (!isInstalled) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  process.stdout.write('Installing packages; the first time this takes a minute or two …\n');
  const options = ['install', '--frozen-lockfile', '--prefer-offline', '--config.confirmModulesPurge=false'];
  const { status, error } = spawnSync('npx', ['--yes', packageManager, ...options], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    process.stderr.write(
      `Installing failed (${error?.message ?? `exit code ${status}`}); what stands above says why. If it was the network: the ` +
        'packages come from the npm registry, `npm ping` tells whether it answers. Then run the command again.\n',
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}
