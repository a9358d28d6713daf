const TERM = /(?:^|\s)([a-z_]+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|(\S+))/g;

/** What a search term can ask of an object: an instant to compare, or a word that must be equal. */
export interface Fields<Item> {
  instants: Readonly<Record<string, (item: Item) => string>>;
  words: Readonly<Record<string, (item: Item, value: string) => boolean>>;
}

/**
 * The test a search query makes: terms joined by AND. A filter nobody knows is left out and named in `ignored`, as
 * Shopify does with a warning.
 */
export function search<Item>(
  query: string | null | undefined,
  { instants, words }: Fields<Item>,
): { fits: (item: Item) => boolean; ignored: string[] } {
  const ignored: string[] = [];
  const tests: ((item: Item) => boolean)[] = [];
  for (const [, name = '', comparator = '', single, double, plain] of (query ?? '').matchAll(TERM)) {
    const value = single ?? double ?? plain ?? '';
    const [instant, word] = [instants[name], words[name]];
    const limit = Date.parse(value);
    if (instant && !Number.isNaN(limit)) tests.push((item) => compares(Date.parse(instant(item)) - limit, comparator));
    else if (word) tests.push((item) => word(item, value));
    else ignored.push(name);
  }
  return { fits: (item) => tests.every((test) => test(item)), ignored };
}

function compares(difference: number, comparator: string): boolean {
  switch (comparator) {
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    default:
      return difference === 0;
  }
}
