// A fleet of two hypervisors at two sites as an operator has it: a real Xen host and a real QEMU host, an agent for each (that of
// Xen beside it), a gateway that serves the app.
import { mkdtemp, mkdir, chmod, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeProvider } from '../../host-agent/crypto.ts';
import { initState } from '../../host-agent/state.ts';
import type { State } from '../../host-agent/state.ts';
import { buildGuest } from '../../scripts/guest/build.ts';
import { makeTicket } from '../../scripts/sample/agents.ts';
import { startLibvirtHost } from '../../scripts/sample/libvirt-host.ts';
import { freePort } from '../../scripts/sample/ports.ts';
import { pairingUrl } from '../../scripts/sample/ready.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { printTicket } from '../../src/lib/seal/ticket.ts';
import { program } from '../bench/program.ts';
import { imagesDir } from '../conformance/libvirt-subject.ts';
import { startXenHost } from './host/host.ts';
import type { XenHost } from './host/host.ts';

export type MixedFleet = {
  /** `x1` at the site south. */
  readonly xen: XenHost;
  readonly origin: string;
  /** Pairs one browser with both hosts. */
  readonly link: string;
  stop(): Promise<void>;
};

/** Of the QEMU host's ports: apart from those of other tests. */
const INDEX = 59;

/** @throws Fault `unsupported` where there can be no Xen host */
export async function mixedFleet(): Promise<MixedFleet> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'smps-mixed-'));
    undo.push(() => rm(dir, { recursive: true, force: true }));
    // The daemon of QEMU's host runs as somebody else.
    await chmod(dir, 0o755);
    const xen = await startXenHost({ name: 'x1', progress: (line) => console.log(line) });
    undo.push(() => xen.stop());
    const guest = await buildGuest({ out: await imagesDir() });
    const images = join(dir, 'images');
    await mkdir(images);
    await symlink(guest.dir, join(images, guest.name));
    const qemu = await startLibvirtHost({ dir: join(dir, 'q1'), index: INDEX, restart: false });
    undo.push(() => qemu.stop());
    const made = [
      ['x1', 'south', { uri: xen.uri, images: xen.images }],
      ['q1', 'north', { uri: qemu.uri, images, sockets: qemu.sockets, accelerator: 'emulated' }]
    ] as const;
    const agents: State[] = [];
    const table: Record<string, object> = {};
    for (const [id, site, config] of made) {
      const port = await freePort(23_700);
      const about = { id: hostId(id), name: id, site, address: '127.0.0.1', port };
      const state = await initState(join(dir, `${id}.agent`), { ...about, driver: { kind: 'libvirt', config } });
      const agent = await program(['host-agent/main.ts', 'run', '--state', state.directory]);
      undo.push(() => agent.stop());
      agents.push(state);
      table[id] = { url: `https://127.0.0.1:${port}`, pin: state.pin };
    }
    await writeFile(join(dir, 'hosts.json'), JSON.stringify({ hosts: table }));
    const served = ['--table', join(dir, 'hosts.json'), '--static', 'build', '--port', '0'];
    const gateway = await program(['gateway/main.ts', ...served]);
    undo.push(() => gateway.stop());
    const provider = nodeProvider();
    const tickets = await Promise.all(agents.map(async (state) => printTicket(await makeTicket(state, provider))));
    return { xen, origin: `http://localhost:${gateway.port}`, link: pairingUrl(gateway.port, tickets), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
