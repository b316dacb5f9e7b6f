// What two agents of Xen hosts say to each other before a VM leaves (docs/WIRE.md, Migration): what it is, and over which TCP port of
// both hosts' loopback its memory goes. libvirt's Xen driver knows no UNIX socket for that: the target's daemon listens on the port,
// the source's connects to the same one of its own host, where the agent stands.
import { randomInt } from 'node:crypto';
import { access } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Fields } from '../../files/fields.ts';
import { Talk } from '../talk.ts';
import type { Passage } from '../migration.ts';
import { versions } from './facts.ts';
import type { LibvirtHost } from './host.ts';
import { demandAll, refuse, settle } from './refusal.ts';
import type { Listener, XenGround } from './xen-ground.ts';

/** Only root can take these: nobody else on either host can stand where memory is expected. */
const LOWEST = 600;
const HIGHEST = 1023;
/** Ports offered: one is free on both hosts. */
const OFFERED = 4;
const MAX_TRIES = 64;

export type XenOffer = {
  /** The only ones that move. */
  readonly kind: 'pvh';
  /** Xen’s own there. */
  readonly version: string;
  readonly files: readonly string[];
  readonly ports: readonly number[];
};

/** @throws Fault `corrupt-state` for anything else */
export function readXenOffer(fields: Fields): XenOffer {
  const offer = {
    kind: fields.choice('kind', ['pvh'] as const),
    version: fields.text('version', /^\d{1,3}\.\d{1,3}[A-Za-z0-9.+~-]{0,32}$/),
    files: fields.list('files', (item) => item.text('path', /^\/[^\0]{1,4096}$/)),
    ports: fields.list('ports', (item) => item.whole('port', LOWEST, HIGHEST))
  };
  if (offer.ports.length > MAX_TRIES) throw fields.corrupt(`“ports” has more than ${MAX_TRIES}`);
  fields.end();
  return offer;
}
export const printXenOffer = (offer: XenOffer): object => ({
  ...offer,
  files: offer.files.map((path) => ({ path })),
  ports: offer.ports.map((port) => ({ port }))
});

/** `version`: of Xen there. */
export type Agreed = { readonly listener: Listener; readonly port: number; readonly version: string };

/** The source's side. @returns the listener on the port both have @throws Refusal with the target's reasons, Fault `link-ended` */
export async function agreeOnPort(
  ground: XenGround,
  offer: Omit<XenOffer, 'ports'>,
  passage: Passage,
  accept: (stream: Duplex) => void
): Promise<Agreed> {
  const taken = await takePorts(ground, OFFERED, accept);
  if (taken.size === 0) noPort('moving the VM');
  let kept: Listener | undefined;
  try {
    const talk = new Talk(await passage.open('talk'));
    try {
      talk.say({ offer: printXenOffer({ ...offer, ports: [...taken.keys()] }) });
      const answer = await talk.answer((fields) => ({
        agreed: fields.flag('agreed'),
        port: fields.whole('port', LOWEST, HIGHEST),
        version: fields.text('version', /^[A-Za-z0-9.+~-]{1,64}$/)
      }));
      if ('why' in answer) refuse('unsupported', { what: 'moving the VM there', reason: answer.why, instead: '' });
      const { port, version } = answer.value;
      kept = taken.get(port);
      if (kept === undefined) {
        throw new Fault('corrupt-state', { file: 'what the other agent says', reason: `port ${port} was not offered` });
      }
      return { listener: kept, port, version };
    } finally {
      talk.end();
    }
  } finally {
    for (const each of taken.values()) if (each !== kept) void each.close();
  }
}

/** The target's side: answers, well or not, and ends. Never rejects. */
export async function receiveXen(host: LibvirtHost, ground: XenGround, vm: VmId, stream: Duplex): Promise<void> {
  const talk = new Talk(stream);
  const outcome = await settle(async () => {
    if (!host.expected.has(vm)) {
      refuse('unsupported', { what: 'moving it here', reason: 'it is not expected here any more', instead: '' });
    }
    const fields = await talk.hear();
    const offer = readXenOffer(fields.object('offer'));
    fields.end();
    const version = await xenVersion(host);
    await demandAll('moving it here', [
      () => demandNotOlder(version, offer.version),
      ...offer.files.map((file) => () => demandFile(file))
    ]);
    const port = await freeOf(ground, offer.ports);
    host.ports.set(vm, port);
    return { port, version };
  }).catch((thrown: unknown) => ({ status: 'refused' as const, fault: Fault.from(thrown) }));
  talk.say(outcome.status === 'done' ? { agreed: true, ...outcome.value } : { refused: outcome.fault.message });
  talk.end();
}

/** The first that this host's libvirt can listen on. */
async function freeOf(ground: XenGround, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const server = await ground.listen(port, (stream) => stream.destroy());
    if (server === null) continue;
    await server.close();
    return port;
  }
  return noPort('moving it here');
}

const noPort = (what: string): never =>
  refuse('unsupported', {
    what,
    reason: `of the TCP ports ${LOWEST} to ${HIGHEST} on loopback none can be had for its memory`,
    instead: 'let the agent have CAP_NET_BIND_SERVICE (docs/OPERATING.md, “Moving VMs”)'
  });

/** `4.17.5`. */
export const xenVersion = async (host: LibvirtHost): Promise<string> =>
  (await versions(host)).version.replace(/^Xen /, '');

/** A VM moves to the same Xen or a newer one. */
export async function demandNotOlder(here: string, there: string): Promise<void> {
  await Promise.resolve();
  const parts = (version: string): readonly number[] => version.split('.').slice(0, 2).map(Number);
  const [[major = 0, minor = 0], [wanted = 0, least = 0]] = [parts(here), parts(there)];
  if (major > wanted || (major === wanted && minor >= least)) return;
  refuse('unsupported', {
    what: 'moving it here',
    reason: `Xen is ${here} here and ${there} there: to an older one nothing moves`,
    instead: 'update Xen here'
  });
}

async function demandFile(file: string): Promise<void> {
  const there = await access(file).then(
    () => true,
    () => false
  );
  if (!there) refuse('unsupported', { what: file, reason: 'the VM needs it, and there is none here', instead: '' });
}

async function takePorts(
  ground: XenGround,
  count: number,
  accept: (stream: Duplex) => void
): Promise<ReadonlyMap<number, Listener>> {
  const taken = new Map<number, Listener>();
  for (let tries = 0; taken.size < count && tries < MAX_TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    const server = taken.has(port) ? null : await ground.listen(port, accept);
    if (server !== null) taken.set(port, server);
  }
  return taken;
}
