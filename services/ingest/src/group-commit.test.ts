import { describe, expect, it } from 'vitest';
import { groupCommit } from './group-commit.ts';

interface Item {
  name: string;
  bytes: number;
}
const item = (name: string, bytes = 1): Item => ({ name, bytes });

/** A store that commits when told to, so that tests decide what is under way. */
function heldStore(refuse: (items: Item[]) => Error | undefined = () => undefined) {
  const groups: string[][] = [];
  const releases: (() => void)[] = [];
  const commits = groupCommit<Item, string>({
    flush: (items) => {
      groups.push(items.map((each) => each.name));
      return new Promise((resolve, reject) => {
        releases.push(() => {
          const error = refuse(items);
          if (error) reject(error);
          else resolve(items.map((each) => `stored ${each.name}`));
        });
      });
    },
    size: (each) => each.bytes,
    splittable: (error) => (error as Error).message === 'bad row',
    maxItems: 4,
    maxBytes: 100,
    maxInFlight: 1,
  });
  /** Lets everything under way commit, and what follows from it, until nothing is held any more. */
  const release = async () => {
    for (;;) {
      await new Promise((turn) => setImmediate(turn));
      const next = releases.shift();
      if (!next) return;
      next();
    }
  };
  return { commits, groups, release };
}

describe('group commit', () => {
  it('puts what arrives during a flush into the next one', async () => {
    const { commits, groups, release } = heldStore();
    const first = commits.submit(item('a'));
    await new Promise((turn) => setImmediate(turn));
    const rest = ['b', 'c', 'd'].map((name) => commits.submit(item(name)));
    await release();
    expect(await Promise.all([first, ...rest])).toEqual(['stored a', 'stored b', 'stored c', 'stored d']);
    expect(groups).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('keeps groups below the limits of items and bytes, but never refuses a single large one', async () => {
    const { commits, groups, release } = heldStore();
    const all = [item('huge', 500), ...'abcdefg'.split('').map((name) => item(name, 30))].map(commits.submit);
    await release();
    await Promise.all(all);
    expect(groups).toEqual([['huge'], ['a', 'b', 'c'], ['d', 'e', 'f'], ['g']]);
  });

  it('retries a failed group one by one, so that a bad row hurts nobody else', async () => {
    const { commits, release } = heldStore((items) =>
      items.some((each) => each.name === 'bad') ? new Error('bad row') : undefined,
    );
    const settled = Promise.allSettled(['a', 'bad', 'c'].map((name) => commits.submit(item(name))));
    await release();
    expect((await settled).map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails a whole group at once when the store is out of reach', async () => {
    const { commits, groups, release } = heldStore(() => new Error('connection refused'));
    const settled = Promise.allSettled(['a', 'b'].map((name) => commits.submit(item(name))));
    await release();
    expect((await settled).map((each) => each.status)).toEqual(['rejected', 'rejected']);
    expect(groups).toHaveLength(1);
  });

  it('drains: everything submitted is settled afterwards', async () => {
    const { commits, release } = heldStore();
    const results: string[] = [];
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
      void commits.submit(item(name)).then((each) => results.push(each));
    const drained = commits.drain();
    await release();
    await drained;
    expect(results).toHaveLength(6);
  });
});
