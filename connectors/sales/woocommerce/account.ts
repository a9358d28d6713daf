/** Address of a store: host, port for test machines, and the folder WordPress lives in. */
export const STORE_PATTERN =
  /^(?:https:\/\/)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::\d{1,5})?(?:\/[\w.~-]+)*\/?$/i;

/**
 * A store's identity from any spelling of its address: `https://Books.example.com/shop/` → `books.example.com/shop`.
 * Scheme and last slash do not count, nor do capitals in the host; the folder is case-sensitive.
 */
export function storeAddress(address: string): string {
  const bare = address
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  return slash === -1 ? bare.toLowerCase() : `${bare.slice(0, slash).toLowerCase()}${bare.slice(slash)}`;
}
