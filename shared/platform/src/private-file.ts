import { randomUUID } from 'node:crypto';
import { link, open, readFile, unlink } from 'node:fs/promises';

/**
 * Answers the trimmed text of a file that only its owner may read (0600). When there is none, writes what `make` gives;
 * of two processes that do so at once one wins and both answer the same.
 */
export async function readOrCreatePrivate(path: string, make: () => string): Promise<string> {
  const present = await readIfPresent(path);
  if (present !== null) return present;
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'w', 0o600);
  await file.writeFile(`${make()}\n`);
  await file.sync();
  await file.close();
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(draft);
  return (await readFile(path, 'utf8')).trim();
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
