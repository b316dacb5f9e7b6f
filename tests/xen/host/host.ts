// A real Xen host for tests and for `npm start -- --with-xen`: hypervisor and dom0 in an emulated machine, its libvirtd and its
// shell reached over loopback. It has a storage pool `local`, a network `bridged`, and the image `tiny`.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOf, overlay, shellQuoted } from './disks.ts';
import { useImage, xenImage } from './image.ts';
import type { XenImage } from './image.ts';
import { FILES } from './machine.ts';
import { startQemu } from './qemu.ts';
import { openSsh } from './ssh.ts';
import type { Ssh } from './ssh.ts';

export type XenHost = {
  readonly name: string;
  /** `xen+tcp://127.0.0.1:PORT/system`. */
  readonly uri: string;
  /** The images directory, at the same path on this machine and in dom0. */
  readonly images: string;
  /** libvirt's id of the host: the same for a name at every start. */
  readonly uuid: string;
  /** Its address on the wire between two hosts: 192.168.77.INDEX. */
  readonly address: string;
  /** Process of the emulated machine. */
  readonly pid: number;
  /** What a command printed that root's shell in dom0 ran. @throws Error with its stderr when it fails */
  ssh(command: string, input?: string | Buffer): Promise<string>;
  /** As ssh forwards (ssh.ts). */
  readonly forward: Ssh['forward'];
  readonly unforward: Ssh['unforward'];
  /** What the guest of that name printed on its console since the host started; '' when nothing. */
  guestConsole(name: string): Promise<string>;
  /** What the tiny guest of that name said of itself, one for each change: `nproc=1 MemTotal=79076 disks=xvda nets=eth0,lo`. */
  guestStates(name: string): Promise<readonly string[]>;
  /** Loopback port that leads to a forwarded port of dom0. @throws RangeError when it is not forwarded */
  port(inside: number): number;
  /** Resolves when the machine has ended, asked to or not. */
  readonly gone: Promise<void>;
  /** Ends the machine; before it, where something is kept of it, the guests in order. Safe to call twice. */
  stop(): Promise<void>;
};

export type XenHostOptions = {
  /** Host name of dom0. */
  readonly name: string;
  /** 1 to 99; each of two hosts on one wire has its own. Default 1. */
  readonly index?: number;
  /** Where libvirt's definitions and the pool are kept between starts: a file that is made when absent. Default: nowhere. */
  readonly data?: string;
  /**
   * A path by which the images are known at every start, whatever the image's own directory is by then: definitions that are
   * kept name it. A link is made there, here and in dom0. Default: the image's own.
   */
  readonly images?: string;
  /** Joins the bridges of two hosts that name the same directory, one as `a`, the other as `b`. */
  readonly wire?: { readonly directory: string; readonly end: 'a' | 'b' };
  /** TCP ports of dom0 to be reached from here, beside ssh and libvirt. */
  readonly forward?: readonly number[];
  readonly cache?: string;
  readonly progress?: (line: string) => void;
};

const SSH = 22;
const LIBVIRT = 16_509;

/** @throws Fault `unsupported` where none can be built; Error when it does not come up */
export async function startXenHost(o: XenHostOptions): Promise<XenHost> {
  const image = await xenImage(o);
  await useImage(image);
  o.progress?.(`Xen host ${o.name}: starting`);
  const work = await mkdtemp(join(tmpdir(), 'smps-xen-'));
  try {
    return await launch(o, image, work);
  } catch (error) {
    await rm(work, { recursive: true, force: true });
    throw error;
  }
}

async function launch(o: XenHostOptions, image: XenImage, work: string): Promise<XenHost> {
  const root = join(work, 'root.qcow2');
  const data = o.data ?? join(work, 'data.qcow2');
  await overlay(join(image.dir, FILES.booted), 'qcow2', root);
  if (o.data === undefined) await overlay(join(image.dir, FILES.data), 'raw', data);
  else if ((await stat(data).catch(() => null)) === null) await copyOf(join(image.dir, FILES.data), data);
  const wire = o.wire === undefined ? null : ends(o.wire);
  const forward = [SSH, LIBVIRT, ...(o.forward ?? [])];
  const serial = join(work, 's');
  const machine = { name: o.name, image: image.dir, root, data, serial, waits: true, wire, forward };
  const qemu = await startQemu(machine, join(work, 'serial.log'));
  try {
    await qemu.qmp.takeOver(`exec cat ${shellQuoted(join(image.dir, FILES.state))}`);
    const ssh = await openSsh({
      key: join(image.dir, FILES.key),
      port: qemu.port(SSH),
      control: join(work, 'c')
    });
    const index = o.index ?? 1;
    const uuid = uuidOf(o.name);
    const images = o.images ?? image.images;
    if (images !== image.images) {
      await rm(images, { force: true });
      await symlink(image.images, images);
    }
    const settle = ['/smps/settle', o.name, index, uuid, Math.round(Date.now() / 1000), images];
    await ssh.run(settle.map((word) => shellQuoted(String(word))).join(' '));
    const end = async (): Promise<void> => {
      if (o.data !== undefined) await ssh.run('/smps/rest').catch(() => undefined);
      ssh.close();
      await qemu.end();
      await rm(work, { recursive: true, force: true });
    };
    let ended: Promise<void> | null = null;
    const guestConsole = (guest: string): Promise<string> =>
      ssh.run(`cat ${shellQuoted(`/var/log/xen/console/guest-${guest}.log`)} 2>/dev/null || :`);
    return {
      name: o.name,
      uri: `xen+tcp://127.0.0.1:${qemu.port(LIBVIRT)}/system`,
      images,
      uuid,
      address: `192.168.77.${index}`,
      pid: qemu.pid,
      ssh: (command, input) => ssh.run(command, input),
      forward: (way, what) => ssh.forward(way, what),
      unforward: (way, what) => ssh.unforward(way, what),
      guestConsole,
      // A shell's prompt may stand before it.
      guestStates: async (guest) =>
        [...(await guestConsole(guest)).matchAll(/GUEST-STATE (.*?)\r?\n/g)].map(([, state = '']) => state),
      gone: qemu.gone,
      port: (inside) => qemu.port(inside),
      stop: () => (ended ??= end())
    };
  } catch (error) {
    await qemu.end();
    throw error;
  }
}

const ends = ({ directory, end }: { directory: string; end: 'a' | 'b' }): { own: string; other: string } => ({
  own: join(directory, end),
  other: join(directory, end === 'a' ? 'b' : 'a')
});

/** Version 8 of RFC 9562: made from the name alone. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`xen host ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
