/**
 * Natural group commit (performance.md 7.2): whatever arrives while earlier flushes are under way goes into the next
 * one. No timer: an idle system flushes a single item at once, a busy one in groups that grow with the backlog.
 */
export interface GroupCommitOptions<Item, Result> {
  /** Stores all items or none; answers one result per item, in order. */
  flush(items: Item[]): Promise<Result[]>;
  size(item: Item): number;
  /** Whether a failed group may be retried item by item: true for bad rows, false when the store is out of reach. */
  splittable(error: unknown): boolean;
  maxItems: number;
  maxBytes: number;
  maxInFlight: number;
}

export interface GroupCommit<Item, Result> {
  /** Resolves after the commit that contains the item; rejects when it could not be stored. */
  submit(item: Item): Promise<Result>;
  /** Resolves when everything submitted so far is settled. */
  drain(): Promise<void>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** See `GroupCommitOptions`. One bad item never hurts its neighbours: a failed group is retried one by one. */
export function groupCommit<Item, Result>(options: GroupCommitOptions<Item, Result>): GroupCommit<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  const flights = new Set<Promise<void>>();

  const takeGroup = (): Waiting<Item, Result>[] => {
    let bytes = 0;
    let count = 0;
    for (const { item } of waiting) {
      bytes += options.size(item);
      if (count > 0 && (count >= options.maxItems || bytes > options.maxBytes)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  };

  const flushGroup = async (group: Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await options.flush(group.map((each) => each.item));
      group.forEach((each, index) => {
        each.resolve(results[index] as Result);
      });
    } catch (error) {
      if (group.length === 1 || !options.splittable(error)) {
        for (const each of group) each.reject(error);
      } else {
        for (const each of group) await flushGroup([each]);
      }
    }
  };

  const launch = (): void => {
    while (waiting.length > 0 && flights.size < options.maxInFlight) {
      const flight: Promise<void> = flushGroup(takeGroup()).finally(() => {
        flights.delete(flight);
        launch();
      });
      flights.add(flight);
    }
  };

  return {
    submit: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        // Requests read from sockets in this turn of the event loop share the flush.
        if (waiting.length === 1) setImmediate(launch);
      }),
    async drain() {
      while (waiting.length > 0 || flights.size > 0) {
        launch();
        await Promise.all(flights);
      }
    },
  };
}
