import type { Random } from '../../../kit/random.ts';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789';
const CAPITALS = 'ABCDEFGHJKMNPQRSTVWXYZ0123456789';

function text(chance: Random, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[chance.below(alphabet.length)]).join('');
}

/** An id as payments and orders have them: "hYy9pRFVxpDsO1FB05SunFWUe9JZY". */
export function longId(chance: Random): string {
  return `${text(chance, LETTERS, 26)}ZY`;
}

/** Letters and digits in mixed case, e.g. the uid of a line. */
export function shortId(chance: Random, length = 22): string {
  return text(chance, LETTERS, length);
}

/** Capitals and digits, as merchants, locations and catalogue objects have them. */
export function capitalId(chance: Random, length: number): string {
  return text(chance, CAPITALS, length);
}

/** A version 4 UUID. */
export function uuid(chance: Random): string {
  const part = (length: number) => chance.hex(length);
  return `${part(8)}-${part(4)}-4${part(3)}-${chance.pick(['8', '9', 'a', 'b'])}${part(3)}-${part(12)}`;
}
