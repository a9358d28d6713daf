import { BlockList, isIP } from 'node:net';

/**
 * Networks that are not the public internet (IANA special-purpose registries, RFC 6890 and its successors): our own
 * machine, our own network, cloud metadata, documentation, multicast. A request to them on behalf of a stranger could
 * reach what only we may reach.
 */
const PRIVATE_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Parts of the public IPv6 range that lead elsewhere: IETF protocols and Teredo, documentation, 6to4. */
const PRIVATE_V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const privateV4 = blockList(PRIVATE_V4, 'ipv4');
const privateV6 = blockList(PRIVATE_V6, 'ipv6');
/** Everything public in IPv6 lies here; loopback, link-local, unique-local, mapped and multicast addresses do not. */
const globalV6 = blockList([['2000::', 3]], 'ipv6');

function blockList(networks: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family);
  return list;
}

/** True when the address belongs to the public internet. What is no IP address is not public. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 4) return !privateV4.check(plain, 'ipv4');
  if (family === 6) return globalV6.check(plain, 'ipv6') && !privateV6.check(plain, 'ipv6');
  return false;
}
