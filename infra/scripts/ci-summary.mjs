// Prints `N passed, N failed`, with `, N skipped` where there are some, for `.ci/run`: the tests of vitest's JSON report
// plus `pnpm check` as one. Plain JavaScript, so that it can say so when not even Node 24 could be installed.
// node ci-summary.mjs <report.json> <exit code of npm test> <exit code of pnpm check>
import { existsSync, readFileSync } from 'node:fs';

const [report, testExit, checkExit] = process.argv.slice(2);
const tests = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};

let passed = tests.numPassedTests ?? 0;
let failed = tests.numFailedTests ?? 0;
const skipped = (tests.numPendingTests ?? 0) + (tests.numTodoTests ?? 0);

// A file that could not even be loaded has no tests to fail, so it counts as one.
for (const file of tests.testResults ?? []) {
  if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) failed += 1;
}
// Whatever else made the run fail (no report, an error outside every test) must not pass unseen.
if (testExit !== '0' && failed === 0) failed += 1;
if (passed + failed === 0) failed += 1;
if (checkExit === '0') passed += 1;
else failed += 1;

process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 ? 1 : 0;
