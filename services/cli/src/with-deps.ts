import { silentLog } from '@daybook/platform/logger';
import { openQueues } from '@daybook/platform/queue';
import { ensureKeyFile, openSealer } from '@daybook/platform/secrets';
import type { WorkerDeps } from '@daybook/workers/deps';
import { withDatabase } from './database.ts';
import type { Terminal } from './terminal.ts';

/** Runs a command with everything the workers have: database, queue, and the systems that are connected. */
export async function withDeps<Result>(
  terminal: Terminal,
  work: (deps: WorkerDeps) => Promise<Result>,
): Promise<Result> {
  return withDatabase(terminal, async (database, config) => {
    const queues = await openQueues({
      databaseUrl: database.url,
      redisUrl: config.redisUrl,
      prefix: config.queuePrefix,
      log: silentLog,
    });
    try {
      const { assembleHub } = await import('./hub.ts');
      const hub = assembleHub({
        config,
        database,
        queues,
        log: silentLog,
        apiKey: null,
        sealer: openSealer(config.encryptionKeys ?? (await ensureKeyFile(config.dataDir))),
        apps: config.apps,
        hosts: config.hosts,
        publicUrl: () => config.publicUrl ?? '',
      });
      return await work(hub.deps);
    } finally {
      await queues.close();
    }
  });
}
