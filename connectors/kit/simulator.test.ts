import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LosslessNumber } from 'lossless-json';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { durableLog } from './simulator.ts';

describe('the memory of a simulator', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    file = join(folder, 'below', 'state.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('entries are replayed in their order, amounts and exact numbers with every digit', () => {
    const rate = new LosslessNumber('0.100000000000000000001');
    const entries = [
      { kind: 'sale', total: 900719925474099301n, lines: [{ net: -5n, note: '12n' }], rate, left: null, paid: true },
      { kind: 'number', number: '7', minor: '8' },
    ];
    const log = durableLog(file);
    for (const entry of entries) log.append(entry);
    expect(durableLog(file).past).toEqual(entries);
  });

  test('a line that a crash cut off is dropped, and what comes after it stands on a line of its own', () => {
    durableLog(file).append({ step: 1 });
    appendFileSync(file, '{"step":');
    const log = durableLog(file);
    expect(log.past).toEqual([{ step: 1 }]);
    log.append({ step: 3 });
    expect(readFileSync(file, 'utf8')).toBe('{"step":1}\n{"step":3}\n');
  });

  test('without a file nothing is kept', () => {
    durableLog(undefined).append({ step: 1 });
    expect(durableLog(undefined).past).toEqual([]);
  });
});
