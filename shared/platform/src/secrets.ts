import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readOrCreatePrivate } from './private-file.ts';

/** A sealed secret cannot be opened, or the keys are not understood. Messages never contain a key or a secret. */
export class SecretsError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SecretsError';
  }
}

export interface Sealed {
  /** Which key opens it; stored beside it, so that keys can change. */
  keyId: string;
  /** Version byte, 12 bytes nonce, 16 bytes tag, then the ciphertext. */
  sealed: Buffer;
}

export interface Sealer {
  /** The key new secrets are sealed with. What was sealed with another one should be sealed again. */
  currentKeyId: string;
  seal(plain: string): Sealed;
  /** Throws SecretsError when the key is gone, is another one, or the bytes were changed. */
  unseal(keyId: string, sealed: Uint8Array): string;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
const KEY_SHAPE = 'id:key with an id of letters, digits, "-" or "_" and a key of 32 bytes in base64';

/**
 * Reads the keys: `id:base64key`, several separated by commas, the first is the current one. To change the key, put a
 * new one in front and keep the old ones until everything is sealed again. Throws SecretsError naming the faulty entry.
 */
export function parseKeys(keys: string): Map<string, Buffer> {
  const parsed = new Map<string, Buffer>();
  keys.split(',').forEach((entry, index) => {
    const [, id, text] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})$/.exec(entry.trim()) ?? [];
    const key = Buffer.from(text ?? '', 'base64');
    if (!id || key.length !== 32) {
      throw new SecretsError(`Entry ${index + 1} of the encryption keys is not ${KEY_SHAPE}.`);
    }
    if (parsed.has(id)) throw new SecretsError(`The encryption key id "${id}" is given twice.`);
    parsed.set(id, key);
  });
  return parsed;
}

/**
 * Seals secrets for the database with AES-256-GCM: a fresh random nonce each time, and the key's id bound to the
 * ciphertext, so that a row whose key id was changed does not open.
 * Throws SecretsError when the keys are not understood.
 */
export function openSealer(keys: string): Sealer {
  const known = parseKeys(keys);
  const [currentKeyId, currentKey] = [...known][0] as [string, Buffer];
  return {
    currentKeyId,
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', currentKey, nonce).setAAD(boundTo(currentKeyId));
      const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return {
        keyId: currentKeyId,
        sealed: Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), ciphertext]),
      };
    },
    unseal(keyId, sealed) {
      const key = known.get(keyId);
      if (!key) {
        throw new SecretsError(
          `A stored secret needs the encryption key "${keyId}", which is not among the configured ones ` +
            `(${[...known.keys()].join(', ')}). Put it back into DAYBOOK_ENCRYPTION_KEYS, behind the current key.`,
        );
      }
      return open(key, keyId, Buffer.from(sealed));
    },
  };
}

function open(key: Buffer, keyId: string, sealed: Buffer): string {
  try {
    if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) throw new Error('not sealed by this version');
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(boundTo(keyId))
      .setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SecretsError(
      `A stored secret does not open with the encryption key "${keyId}": the key is not the one it was sealed with, or ` +
        'the stored bytes were changed. Restore the right key, or connect the account again.',
      { cause },
    );
  }
}

const boundTo = (keyId: string) => Buffer.from(`daybook secret ${VERSION} ${keyId}`);

/** A new key in the form `openSealer` takes. */
export function newKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}

/**
 * The keys of an installation that configures none: made once, kept in `<dataDir>/encryption.key`, readable by the
 * owner only. Whoever loses this file has to connect every account again; it belongs into the backup, apart from the
 * database.
 */
export async function ensureKeyFile(dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  return readOrCreatePrivate(join(dataDir, 'encryption.key'), () => newKey('local'));
}
