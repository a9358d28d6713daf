import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreatePrivate } from '@daybook/platform/private-file';

/** The key that opens API and page: made once, kept beside the data, readable by its owner only. */
export async function ensureApiKey(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  return readOrCreatePrivate(join(dataDir, 'api.key'), () => randomBytes(24).toString('base64url'));
}
