import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fields } from '../../files/fields.ts';
import { duplexPair } from 'node:stream';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Passage } from '../migration.ts';
import { LibvirtHost } from './host.ts';
import type { XenGround } from './xen-ground.ts';
import { settle } from './refusal.ts';
import { agreeOnPort, demandNotOlder, printXenOffer, readXenOffer, receiveXen } from './xen-talk.ts';

const read = (value: unknown) => readXenOffer(Fields.of('offer', value));
const OFFER = { kind: 'pvh', version: '4.17.5', files: [], ports: [] } as const;

test('an offer is what was offered', () => {
  const offer = fc.record({
    kind: fc.constant('pvh' as const),
    version: fc.constantFrom('4.17', '4.17.5', '4.18.3-pre'),
    files: fc.array(fc.stringMatching(/^\/[a-z/]{1,20}$/)),
    ports: fc.array(fc.integer({ min: 600, max: 1023 }), { maxLength: 8 })
  });
  fc.assert(
    fc.property(offer, (given) => {
      expect(read(printXenOffer(given))).toEqual(given);
    })
  );
});

test.each([
  [{ kind: 'pv' }],
  [{ version: 'new' }],
  [{ files: [{ path: 'relative' }] }],
  [{ ports: [{ port: 8080 }] }],
  [{ ports: Array.from({ length: 65 }, () => ({ port: 700 })) }],
  [{ more: 1 }]
])('an offer with %j is none', (wrong) => {
  expect(() => read({ ...OFFER, ...wrong })).toThrow(expect.objectContaining({ code: 'corrupt-state' }) as Error);
});

test.each([
  ['4.17.5', '4.17.2', 'done'],
  ['4.18', '4.17.5', 'done'],
  ['5.0', '4.19', 'done'],
  ['4.16.9', '4.17', 'refused'],
  ['4.17', '5.0', 'refused']
])('to Xen %s from Xen %s: %s', async (here, there, status) => {
  expect(await settle(() => demandNotOlder(here, there))).toMatchObject({ status });
});

const VM = '5a1f0c1e-0000-4000-8000-0000000000aa' as VmId;

/** Ports of a host's loopback, of which `busy` ones cannot be had; those that are held. */
function ground(busy: (port: number) => boolean): XenGround & { readonly held: Set<number> } {
  const held = new Set<number>();
  const not = (): never => {
    throw new Error('not here');
  };
  return {
    held,
    xl: not,
    daemon: not,
    connect: not,
    listen(port) {
      if (busy(port) || held.has(port)) return Promise.resolve(null);
      held.add(port);
      return Promise.resolve({
        close: () => {
          held.delete(port);
          return Promise.resolve();
        }
      });
    }
  };
}

/** The two hosts' talk, over a pair of streams. @param answer of `virsh version` at the target */
function talk(busyHere: (port: number) => boolean, busyThere: (port: number) => boolean, expected = true) {
  const [here, there] = [ground(busyHere), ground(busyThere)];
  const target = new LibvirtHost(
    {
      uri: 'xen+tcp://127.0.0.1/system',
      images: '/images',
      virsh: new URL('fixtures/xen/virsh', import.meta.url).pathname
    },
    there
  );
  if (expected) target.expected.set(VM, { made: [], there: [], markers: [] });
  const passage: Passage = {
    to: 'b',
    sockets: 'xen',
    look: () => Promise.resolve('absent'),
    lost: () => false,
    open() {
      const [one, other] = duplexPair();
      void receiveXen(target, there, VM, one);
      return Promise.resolve(other);
    }
  };
  const offer = { kind: 'pvh', version: '4.17.5', files: ['/etc/passwd'] } as const;
  return {
    here,
    there,
    target,
    agree: (files = offer.files as readonly string[]) =>
      settle(() => agreeOnPort(here, { ...offer, files }, passage, () => undefined))
  };
}

test('they agree on a port that is free on both, and the source keeps that one alone', async () => {
  const { here, there, target, agree } = talk(
    (port) => port % 2 === 1,
    (port) => port % 3 === 0
  );
  // Of four even ports each is divided by three once in three times: all four once in eighty.
  const outcome = await agree();
  if (outcome.status === 'refused') {
    expect(outcome.fault.message).toContain('TCP ports');
    return;
  }
  const { port, version } = outcome.value;
  expect([port % 2, port % 3 === 0, version]).toEqual([0, false, '4.17.2']);
  expect([...here.held]).toEqual([port]);
  expect([...there.held]).toEqual([]);
  expect(target.ports.get(VM)).toBe(port);
});

test.each<[RegExp, boolean, (port: number) => boolean, readonly string[]]>([
  [/TCP ports.*CAP_NET_BIND_SERVICE/, true, () => true, []],
  [/not expected/, false, () => false, []],
  [/\/no\/such\/kernel/, true, () => false, ['/no/such/kernel']]
])('it is refused with the reason, and no port is kept: %s', async (why, expected, busy, files) => {
  const { here, target, agree } = talk(() => false, busy, expected);
  const outcome = await agree(files);
  expect(outcome.status === 'refused' && outcome.fault.message).toMatch(why);
  expect([here.held.size, target.ports.size]).toEqual([0, 0]);
});
