import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'daybook-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What `.ci/run` would end with, and its exit code. */
function summary(report: object | null, testExit: number, checkExit: number): [string, number | null] {
  const file = join(folder, report === null ? 'absent.json' : 'report.json');
  if (report !== null) writeFileSync(file, JSON.stringify(report));
  const script = join(import.meta.dirname, 'ci-summary.mjs');
  const { stdout, status } = spawnSync(process.execPath, [script, file, String(testExit), String(checkExit)]);
  return [stdout.toString(), status];
}

const green = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, testResults: [] };

test('tests and the check are summed, and skipped ones are told', () => {
  expect(summary(green, 0, 0)).toEqual(['13 passed, 0 failed\n', 0]);
  expect(summary({ ...green, numPendingTests: 2, numTodoTests: 1 }, 0, 0)).toEqual([
    '13 passed, 0 failed, 3 skipped\n',
    0,
  ]);
  expect(summary({ ...green, numFailedTests: 2 }, 1, 0)).toEqual(['13 passed, 2 failed\n', 1]);
  expect(summary(green, 0, 1)).toEqual(['12 passed, 1 failed\n', 1]);
});

test('a file that cannot be loaded, an error outside every test and a missing report are failures', () => {
  const unloadable = { status: 'failed', assertionResults: [] };
  const failing = { status: 'failed', assertionResults: [{ status: 'failed' }] };
  expect(summary({ ...green, testResults: [unloadable] }, 1, 0)).toEqual(['13 passed, 1 failed\n', 1]);
  expect(summary({ ...green, numFailedTests: 1, testResults: [failing] }, 1, 0)).toEqual(['13 passed, 1 failed\n', 1]);
  expect(summary(green, 1, 0)).toEqual(['13 passed, 1 failed\n', 1]);
  expect(summary(null, 0, 0)).toEqual(['1 passed, 1 failed\n', 1]);
  expect(summary(null, 1, 1)).toEqual(['0 passed, 2 failed\n', 1]);
});
