import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
/** Where `.ci/run` reads the counts. */
const report = join(root, 'node_modules/.cache/daybook/tests.json');

/**
 * Runs the test suite once; arguments go to vitest, so `npm test -- connectors/sales` runs one folder. Prints a line
 * per file as it finishes and leaves the counts as JSON.
 */
function main(): void {
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = status ?? 1;
}

main();
