/**
 * A hub that holds the hub lock until it is killed. Says `holding` once it has it, `refused …` when it may not.
 * Started with: database URL, data folder, URL of the hub.
 */
import { acquireHubLock } from '@daybook/platform/hub-lock';
import { silentLog } from '@daybook/platform/logger';

const [, , databaseUrl = '', dataDir = '', url = ''] = process.argv;
const holder = { pid: process.pid, startedAt: new Date().toISOString(), url };
try {
  await acquireHubLock(databaseUrl, holder, { dataDir, log: silentLog, onLost: () => process.exit(3) });
  process.stdout.write('holding\n');
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stdout.write(`refused ${(error as Error).message}\n`);
}
