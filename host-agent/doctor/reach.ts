// From where an address can be reached, as far as the address itself tells.
import { BlockList, isIP } from 'node:net';

/** `some-internet`: all addresses of a machine that has one of the Internet. */
export type Reach = 'machine' | 'network' | 'some-internet' | 'internet';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** RFC 1918, 6598, 3927, 4193, 4291. */
const INNER = new BlockList();
INNER.addSubnet('10.0.0.0', 8, 'ipv4');
INNER.addSubnet('172.16.0.0', 12, 'ipv4');
INNER.addSubnet('192.168.0.0', 16, 'ipv4');
INNER.addSubnet('100.64.0.0', 10, 'ipv4');
INNER.addSubnet('169.254.0.0', 16, 'ipv4');
INNER.addSubnet('fc00::', 7, 'ipv6');
INNER.addSubnet('fe80::', 10, 'ipv6');

const within = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** @param address one to listen on, or a name @param own all that this machine has */
export function reachOf(address: string, own: readonly string[]): Reach {
  const plain = address.replace(/%.*$/, '');
  if (plain === 'localhost') return 'machine';
  // What a name means is up to who resolves it.
  if (isIP(plain) === 0) return 'network';
  if (plain === '0.0.0.0' || plain === '::') {
    const same = own.filter((each) => plain === '::' || isIP(each) === 4);
    return same.some((each) => reachOf(each, []) === 'internet') ? 'some-internet' : 'network';
  }
  if (within(LOOPBACK, plain)) return 'machine';
  return within(INNER, plain) ? 'network' : 'internet';
}
