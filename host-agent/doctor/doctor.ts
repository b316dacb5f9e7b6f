// `smps-agent doctor`: looks into everything an agent stands on, and says what is wrong and what to do. Changes nothing, but
// boots a guest for some seconds where KVM is offered. Probes gather; judges, which are pure, decide.
import { isLocal } from '../drivers/libvirt/uri.ts';
import { connection } from '../drivers/libvirt/virsh.ts';
import { readState } from '../state.ts';
import { judgeClock, probeClock } from './clock-checks.ts';
import { CHECKS } from './finding.ts';
import type { Finding } from './finding.ts';
import { judgeImages, probeImages, qemuUser } from './image-checks.ts';
import type { User } from './image-checks.ts';
import { judgeKvm, probeKvm } from './kvm-checks.ts';
import { answers, judgeLibvirt, probeLibvirt } from './libvirt-checks.ts';
import { judgeSockets, probeSockets } from './migration-checks.ts';
import { judgeNode } from './node-checks.ts';
import { judgePort, probePort } from './port-checks.ts';
import { judgeSpace, probePoolRoom, probeRoom } from './space-checks.ts';
import type { Room } from './space-checks.ts';
import { judgeState, probeState } from './state-checks.ts';
import { judgeNetworks, judgePools, probeNetworks, probePools } from './storage-checks.ts';
import { looker, targetOf } from './target.ts';
import type { Looker, Target } from './target.ts';
import { judgeXen, probeXen } from './xen-checks.ts';

/**
 * @param directory of the agent's state; null: there is none yet
 * @param uri of the hypervisor, instead of the one in agent.json
 * @returns in the order of `CHECKS`
 */
export async function examine(directory: string | null, uri: string | null): Promise<readonly Finding[]> {
  const who = looker();
  const target = await targetOf(directory, uri);
  const state = directory === null ? null : await probeState(directory);
  const asked = await Promise.all([
    hypervisor(target, who),
    probeClock(directory).then(judgeClock),
    port(target, (state?.running ?? null) !== null)
  ]);
  const found = [judgeNode(process.versions.node), state === null ? [] : judgeState(state, who), ...asked];
  return found.flat().sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
}

async function port({ directory, config }: Target, running: boolean): Promise<readonly Finding[]> {
  if (directory === null || config === null) return [];
  const { address, port, advertise = null } = config;
  const own = await readState(directory).then(
    ({ pin }) => pin,
    () => null
  );
  return judgePort(await probePort({ address, port, advertise, own, running }));
}

async function hypervisor({ directory, libvirt }: Target, who: Looker): Promise<readonly Finding[]> {
  const rooms: (Room | null)[] = [];
  if (directory !== null) rooms.push(await probeRoom('state', directory, true));
  const found: Finding[] = [];
  if (libvirt !== null) {
    const { uri, virsh, images, sockets = null, pools: demanded = [] } = libvirt;
    const local = isLocal(uri);
    const xen = uri.startsWith('xen');
    const user = local && !xen ? await guestUser(uri, who) : null;
    const probe = await probeLibvirt(uri, virsh);
    found.push(...judgeLibvirt(probe, who));
    if (local && xen) found.push(...judgeXen(await probeXen(virsh ?? 'virsh', connection(uri)), who));
    if (images !== '') {
      found.push(...judgeImages(await probeImages(images, user)));
      rooms.push(await probeRoom('images', images, false));
    }
    if (sockets !== null) found.push(...judgeSockets(await probeSockets(sockets.directory, user)));
    if (answers(probe)) {
      if (!xen) found.push(...judgeKvm(await probeKvm(libvirt, local)));
      const pools = await probePools(uri, virsh);
      found.push(
        ...judgePools(
          pools,
          demanded.map(({ name }) => name)
        )
      );
      found.push(...judgeNetworks(await probeNetworks(uri, virsh)));
      rooms.push(...(await probePoolRoom(pools, uri, virsh)));
    }
  }
  return [...found, ...judgeSpace(rooms.filter((room) => room !== null))];
}

/** A session's guests run as whoever opens it. */
const guestUser = async (uri: string, { uid, name }: Looker): Promise<User | null> =>
  uri.includes('/session') ? { name, uid, gids: process.getgroups?.() ?? [] } : qemuUser();
