/**
 * A hub that does nothing but run the embedded database until it is killed. Says `ready <url>`.
 * Started with: data folder.
 */
import { startEmbedded } from '@daybook/platform/embedded-postgres';
import { silentLog } from '@daybook/platform/logger';

const [, , dataDir = ''] = process.argv;
const { url, adopted } = await startEmbedded({ dataDir, log: silentLog });
process.stdout.write(`ready ${url} ${adopted ? 'adopted' : 'started'}\n`);
setInterval(() => {}, 60_000);
