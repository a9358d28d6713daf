import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../terminal.ts';

/** How the simulators remember; to be raised whenever they could no longer read what they wrote before. */
const FORMAT = '2';

/**
 * Notes in the sandbox's folder how its simulators remember. Throws UsageError where an earlier Daybook left memories
 * that they cannot read: its books and its shops belong together, so neither is thrown away unasked.
 */
export async function keepFormat(folder: string): Promise<void> {
  const file = join(folder, 'format');
  const found = await readFile(file, 'utf8').catch(() => null);
  const remembers = (await readdir(folder)).some((name) => name.endsWith('.jsonl'));
  if (remembers && found !== FORMAT)
    throw new UsageError(
      `the simulated shops in ${folder} were made by another version of Daybook, which these simulators cannot read. ` +
        'Delete the data folder above it to start afresh, or name another one in DAYBOOK_DATA_DIR; nothing was changed.',
    );
  if (found !== FORMAT) await writeFile(file, FORMAT);
}
