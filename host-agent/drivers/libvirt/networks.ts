// What network interfaces can be plugged into: libvirt's networks, the host's bridges, and QEMU's own user-mode network
// where an unprivileged daemon has nothing else.
import { readdir } from 'node:fs/promises';
import type { Network } from '../../../src/lib/model/fleet.ts';
import type { Uplink } from './devices.ts';
import type { LibvirtHost } from './host.ts';
import { quote } from './virsh.ts';
import { attribute, find, readElement } from './xml.ts';

export type Offer = Network & { readonly uplink: Uplink };

const NAME = /^(?!\.)[A-Za-z0-9._+-]{1,128}$/;
const USER: Offer = { name: 'user', mode: 'user', uplink: { kind: 'user' } };

const KEEP = 10_000;
const known = new WeakMap<LibvirtHost, { readonly at: number; readonly offers: readonly Offer[] }>();

/** What is offered, as of a few seconds ago. */
export async function offers(host: LibvirtHost): Promise<readonly Offer[]> {
  const last = known.get(host);
  return last !== undefined && Date.now() - last.at < KEEP ? last.offers : networks(host);
}

/** What is offered now. */
export async function networks(host: LibvirtHost): Promise<readonly Offer[]> {
  const offers = await ask(host);
  known.set(host, { at: Date.now(), offers });
  return offers;
}

async function ask(host: LibvirtHost): Promise<readonly Offer[]> {
  // The path of the URI tells a user's own daemon from the system's.
  const session = /:\/\/[^/]*\/session/.test(host.config.uri);
  const [list = ''] = await host.virsh.read(['net-list --name']);
  const names = list.split('\n').flatMap((line) => (NAME.test(line.trim()) ? line.trim() : []));
  const texts = await host.virsh.read(names.map((name) => `net-dumpxml ${quote(name)}`));
  const offers = names.map((name, index): Offer => ({
    name,
    mode: modeOf(texts[index] ?? ''),
    uplink: { kind: 'network', name }
  }));
  if (session) return [...offers, USER];
  const bridges = host.local ? await hostBridges() : [];
  const own = bridges.filter((name) => !texts.some((text) => text.includes(`name='${name}'`)));
  return [...offers, ...own.map((name): Offer => ({ name, mode: 'bridge', uplink: { kind: 'bridge', name } }))];
}

function modeOf(text: string): string {
  try {
    const forward = find(readElement(text), 'forward');
    return forward === null ? 'isolated' : (attribute(forward, 'mode') ?? 'nat').slice(0, 64);
  } catch {
    return 'isolated';
  }
}

/** Bridges of this machine that are not libvirt's own. */
async function hostBridges(): Promise<readonly string[]> {
  const names = await readdir('/sys/class/net').catch(() => []);
  const found: string[] = [];
  for (const name of names) {
    if (!NAME.test(name)) continue;
    if (await readdir(`/sys/class/net/${name}/bridge`).catch(() => null)) found.push(name);
  }
  return found;
}
