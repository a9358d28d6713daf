import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureKeyFile, newKey, openSealer, SecretsError } from './secrets.ts';

const first = `first:${Buffer.alloc(32, 1).toString('base64')}`;
const second = `second:${Buffer.alloc(32, 2).toString('base64')}`;
const token = 'refresh-token ä 1234';

test('what was sealed opens again and does not show its contents', () => {
  const sealer = openSealer(first);
  const { keyId, sealed } = sealer.seal(token);
  expect(keyId).toBe('first');
  expect(sealer.unseal(keyId, sealed)).toBe(token);
  expect(sealed.includes(Buffer.from('refresh'))).toBe(false);
  expect(sealer.unseal('first', sealer.seal('').sealed)).toBe('');
});

test('the same secret never looks the same twice', () => {
  const sealer = openSealer(first);
  const seen = new Set(Array.from({ length: 1_000 }, () => sealer.seal(token).sealed.toString('hex', 1, 13)));
  expect(seen.size, 'nonces').toBe(1_000);
});

test('every single changed byte is noticed', () => {
  const sealer = openSealer(first);
  const { sealed } = sealer.seal(token);
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => sealer.unseal('first', changed), `byte ${index}`).toThrow(SecretsError);
  }
  expect(() => sealer.unseal('first', sealed.subarray(0, 20))).toThrow(SecretsError);
  expect(() => sealer.unseal('first', Buffer.alloc(0))).toThrow(SecretsError);
});

test('a new key takes over while old secrets still open', () => {
  const before = openSealer(first).seal(token);
  const rotated = openSealer(`${second},${first}`);
  expect(rotated.currentKeyId).toBe('second');
  expect(rotated.unseal(before.keyId, before.sealed)).toBe(token);
  expect(rotated.seal(token).keyId).toBe('second');
});

test('the key id is bound: the same key under another id does not open the secret', () => {
  const { sealed } = openSealer(first).seal(token);
  const renamed = openSealer(first.replace('first:', 'renamed:'));
  expect(() => renamed.unseal('renamed', sealed)).toThrow(/does not open with the encryption key "renamed"/);
});

test('a missing key is named, with what to do', () => {
  const { sealed } = openSealer(first).seal(token);
  expect(() => openSealer(second).unseal('first', sealed)).toThrow(
    /needs the encryption key "first".*\(second\).*DAYBOOK_ENCRYPTION_KEYS/,
  );
});

test.each([
  ['nothing', '', /Entry 1/],
  ['no id', Buffer.alloc(32).toString('base64'), /Entry 1/],
  ['a key that is too short', `a:${Buffer.alloc(31).toString('base64')}`, /Entry 1/],
  ['a second entry in error', `${first},b:short`, /Entry 2/],
  ['an id given twice', `${first},${first}`, /"first" is given twice/],
])('keys with %s are refused without being printed', (_what, keys, message) => {
  expect(() => openSealer(keys)).toThrow(message);
  try {
    openSealer(keys);
  } catch (error) {
    expect(String(error)).not.toContain(Buffer.alloc(31).toString('base64').slice(0, 20));
  }
});

test('an installation without configured keys makes one, once, that only its owner may read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daybook-secrets-'));
  try {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensureKeyFile(join(folder, 'new'))));
    expect(new Set(made).size, 'five processes at once agree').toBe(1);
    expect((await readFile(join(folder, 'new', 'encryption.key'), 'utf8')).trim()).toBe(made[0]);
    expect((await stat(join(folder, 'new', 'encryption.key'))).mode & 0o777).toBe(0o600);
    expect(openSealer(made[0] ?? '').currentKeyId).toBe('local');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('two new keys differ', () => {
  expect(newKey('a')).not.toBe(newKey('a'));
});
