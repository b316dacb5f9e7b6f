// VMs moving between simulated hosts, through the agents' passage like real ones: the target makes room, the source describes
// the VM, takes its time, and says the last word. What is not taken has never been there.
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import { Talk } from '../talk.ts';
import type { Coming, Made, Migration } from '../migration.ts';
import { POOL } from './config.ts';
import { depart } from './depart.ts';
import type { Guest } from './guest.ts';
import type { Operations } from './operation.ts';
import { refuse } from './operation.ts';
import { demandName, demandNetwork } from './power.ts';
import { readSheet } from './sheet.ts';
import { demandMemory, demandSpace } from './space.ts';

/** Must be alike on both hosts: it stands for the way in which the hypervisors talk. */
const SOCKETS = 'simulated';

export function migrationOf(on: Operations): Migration {
  const { host } = on;
  const expected = new Map<VmId, readonly Made[]>();

  const check = (guest: Guest): string | null => {
    const made = expected.get(guest.id);
    if (made === undefined) return 'it is not expected here any more';
    const unmade = guest.disks.find(
      ({ volume }) => volume !== null && !made.some((each) => each.volume === volume && host.volumes.has(volume))
    );
    if (unmade !== undefined) return `nothing was prepared for its disk ${unmade.target}`;
    const [need, free] = [guest.live?.memory ?? 0, host.memoryFree()];
    return need > free ? `the memory of the host has ${free} MiB free, ${need} MiB are needed` : null;
  };
  /** Hears of the VM, agrees or not, and has it the moment the source says so. */
  const receive = async (stream: Duplex, vm: VmId): Promise<void> => {
    const talk = new Talk(stream);
    try {
      for (const word of ['offer', 'take']) {
        const fields = await talk.hear();
        const guest = readSheet(fields.object(word));
        fields.end();
        host.demandUp();
        const reason = guest.id === vm ? check(guest) : 'it is another VM than the permit is for';
        if (reason === null && word === 'take') host.put(guest);
        talk.say(reason === null ? { agreed: true } : { refused: reason });
        if (reason !== null) break;
      }
      await host.save();
    } catch (thrown) {
      talk.say({ refused: Fault.from(thrown).message });
    }
    talk.end();
  };

  return {
    sockets: SOCKETS,
    witness: 'simulated',
    prepare: (coming, note) =>
      on.prepare(async () => {
        const made = prepare(on, coming, expected);
        try {
          // Kept only after it, with all that this host has.
          await note(made);
        } catch (thrown) {
          expected.delete(coming.vm);
          for (const { volume } of made) host.volumes.delete(volume);
          throw thrown;
        }
        return made;
      }),
    connect(vm, kind) {
      const [here, there] = duplexPair();
      if (kind === 'talk') void receive(here, vm);
      else here.destroy();
      return there;
    },
    look: (vm) => {
      host.demandUp();
      return Promise.resolve(host.guests.has(vm) ? 'arrived' : 'absent');
    },
    async setAutostart(vm, autostart) {
      host.demandUp();
      host.put({ ...on.guest(vm), autostart });
      await host.save();
    },
    welcome: (vm) => {
      expected.delete(vm);
      host.tell(vm);
    },
    async release(vm, made) {
      expected.delete(vm);
      if (host.guests.has(vm)) return 'arrived';
      for (const { volume } of made) host.volumes.delete(volume);
      await host.save();
      return 'absent';
    },
    async evict(vm) {
      host.demandUp();
      host.take(vm);
      await host.save();
    },
    depart: (vm, passage, options, control, watch) => depart(on, vm, passage, options, control, watch),
    remains(vm) {
      host.demandUp();
      const state = host.guests.get(vm)?.state;
      return Promise.resolve(state === undefined ? 'gone' : state === 'moving' ? 'still' : 'running');
    },
    async settle(vm, { running }, there) {
      host.demandUp();
      const guest = host.guests.get(vm);
      if (guest === undefined) return null;
      if (there === 'arrived') host.take(vm);
      else if (guest.state === 'moving') {
        host.put({ ...guest, state: guest.live === null ? 'off' : running ? 'running' : 'paused' });
      }
      await host.save();
      return null;
    }
  };
}

function prepare(on: Operations, coming: Coming, expected: Map<VmId, readonly Made[]>): readonly Made[] {
  const what = `moving ${coming.name} here`;
  if (coming.hypervisor !== 'simulated') {
    const reason = `the hypervisor there is ${coming.hypervisor}, here simulated`;
    refuse('unsupported', { what, reason, instead: '' });
  }
  if (on.host.guests.has(coming.vm)) refuse('unsupported', { what, reason: 'it is on this host already', instead: '' });
  demandName(on, coming.name, null);
  for (const { network } of coming.nics) demandNetwork(network);
  if (coming.running) demandMemory(on.host, coming.memory);
  demandSpace(on.host, bytes(coming.disks.reduce((sum, { capacity }) => sum + capacity, 0)));
  for (const { target, pool, volume } of coming.disks) {
    if (pool !== POOL) refuse('not-found', { kind: 'pool', id: pool });
    if (!on.host.volumes.has(volume)) continue;
    const reason = `pool ${pool} has a volume ${volume} here already`;
    refuse('unsupported', { what: `disk ${target}`, reason, instead: 'remove it, if it is of no use' });
  }
  const made = coming.disks.map(({ pool, volume }) => ({ pool, volume }));
  for (const { volume, capacity } of coming.disks) on.host.volumes.set(volume, { name: volume, capacity });
  expected.set(coming.vm, made);
  return made;
}
