import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepFormat } from './format.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daybook-format-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a sandbox goes on from what it remembers itself', async () => {
  await keepFormat(folder);
  await writeFile(join(folder, 'shop.jsonl'), '{}\n');
  await keepFormat(folder);
});

test('what another version remembers is refused with what to do, and stays as it was', async () => {
  await writeFile(join(folder, 'shop.jsonl'), 'from long ago\n');
  await expect(keepFormat(folder)).rejects.toThrow(`${folder} were made by another version of Daybook`);
  await expect(keepFormat(folder)).rejects.toThrow('Delete the data folder');
  expect(await readFile(join(folder, 'shop.jsonl'), 'utf8')).toBe('from long ago\n');
  await writeFile(join(folder, 'format'), '1');
  await expect(keepFormat(folder)).rejects.toThrow('another version');
});
