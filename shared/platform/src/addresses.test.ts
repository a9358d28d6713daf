import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './addresses.ts';

const REFUSED: readonly [address: string, what: string][] = [
  ['0.0.0.0', 'this host'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.1', 'private, class A'],
  ['10.255.255.255', 'private, class A, last'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['100.127.255.255', 'carrier-grade NAT, last'],
  ['100.100.100.200', 'metadata of Alibaba Cloud'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback, last'],
  ['169.254.169.254', 'metadata of AWS, Azure, Google'],
  ['169.254.170.2', 'metadata of AWS containers'],
  ['169.254.0.1', 'link-local'],
  ['172.16.0.1', 'private, class B'],
  ['172.31.255.255', 'private, class B, last'],
  ['192.0.0.192', 'metadata of Oracle Cloud'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', '6to4 relay'],
  ['192.168.1.1', 'private, class C'],
  ['198.18.0.1', 'benchmarks'],
  ['198.19.255.255', 'benchmarks, last'],
  ['198.51.100.7', 'documentation'],
  ['203.0.113.7', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast, last'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback, written out'],
  ['::ffff:127.0.0.1', 'mapped loopback'],
  ['::ffff:7f00:1', 'mapped loopback in hexadecimal'],
  ['::ffff:169.254.169.254', 'mapped metadata'],
  ['::ffff:8.8.8.8', 'mapped public address: nobody publishes those'],
  ['::127.0.0.1', 'IPv4-compatible loopback'],
  ['64:ff9b::7f00:1', 'NAT64 of loopback'],
  ['64:ff9b:1::1', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001::1', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['2002:a9fe:a9fe::', '6to4 of metadata'],
  ['3fff::1', 'documentation'],
  ['fc00::1', 'unique local'],
  ['fd00:ec2::254', 'metadata of AWS'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['[::1]', 'loopback in brackets'],
  ['localhost', 'a name'],
  ['', 'nothing'],
  ['2130706433', 'loopback as one number'],
  ['0x7f.1', 'loopback in hexadecimal'],
];

const ALLOWED = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
  '[2620:fe::fe]',
];

describe('an address outside the public internet', () => {
  test.each(REFUSED)('%s (%s) is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('an address of the public internet', () => {
  test.each(ALLOWED)('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
