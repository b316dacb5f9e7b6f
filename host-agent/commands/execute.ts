// A command about VMs becomes one call of the driver: the last stage of the receiving line.
import { Fault } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { Command, Op } from '../../src/lib/protocol/schema.ts';
import type { Control } from '../drivers/control.ts';
import { UNCERTAIN } from '../drivers/driver.ts';
import type { Driver, PowerAction } from '../drivers/driver.ts';
import type { Ending } from '../journal/line.ts';
import type { Departures } from '../migration/departures.ts';
import { isMigrationCommand } from '../migration/migration-command.ts';
import { clip } from '../journal/summary.ts';

export type VmOp = Extract<Op, `vm.${string}` | `volume.${string}`>;
export type VmCommand = Command<VmOp>;
export const isVmCommand = (command: Command): command is VmCommand =>
  command.op.startsWith('vm.') || command.op.startsWith('volume.');

const POWER = {
  'vm.start': 'start',
  'vm.shutdown': 'shutdown',
  'vm.power-off': 'power-off',
  'vm.reboot': 'reboot',
  'vm.pause': 'pause',
  'vm.resume': 'resume',
  'vm.save': 'save',
  'vm.discard-saved': 'discard-saved'
} as const satisfies Partial<Record<VmOp, PowerAction>>;

const OF_NO_VM_HERE: ReadonlySet<Op> = new Set<Op>([
  'activity.list',
  'load.history',
  'migration.prepare',
  'migration.release',
  'migration.decide'
]);

/** The VM there is already that the command is about; null for a new one, and for volumes. */
export const subjectOf = (command: Command): VmId | null =>
  'vm' in command.args && !OF_NO_VM_HERE.has(command.op) ? command.args.vm : null;

/** The VM that results: for `vm.create` and `vm.clone` under the id chosen for it; that comes, does not, or has left. */
export const vmOf = (command: Command, created: VmId): VmId | null => {
  if (isMigrationCommand(command)) return command.args.vm;
  return makesVm(command.op) ? created : subjectOf(command);
};

export const makesVm = (op: string): boolean => op === 'vm.create' || op === 'vm.clone';

/** Ops that may be cancelled while they run: all others are over at once, or cannot stop half-way. */
export const canStop = (op: Op): boolean =>
  makesVm(op) || op === 'vm.shutdown' || op === 'vm.save' || op === 'vm.migrate';

/** @param created the id of the VM to be, for `vm.create` and `vm.clone` @throws what the driver throws */
export function drive(
  { driver, departures }: { readonly driver: Driver; readonly departures: Departures },
  command: VmCommand,
  created: VmId,
  control: Control
): Promise<Outcome<readonly Effect[]>> {
  switch (command.op) {
    case 'vm.create': {
      const { description, tags, autostart, userData, sshKeys, ...asked } = command.args;
      const seeded = userData !== null || sshKeys.length > 0;
      const seed = seeded ? { userData: userData ?? '', sshKeys: sshKeys.map(({ key }) => key) } : null;
      const said = { description: description ?? '', tags: tags ?? [], autostart: autostart ?? false };
      return driver.create({ ...asked, ...said, id: created, seed }, control);
    }
    case 'vm.clone':
      return driver.clone(command.args.vm, { id: created, name: command.args.name }, control);
    case 'vm.migrate':
      return departures.depart(command.id, command.args, control);
    case 'vm.start':
    case 'vm.shutdown':
    case 'vm.power-off':
    case 'vm.reboot':
    case 'vm.pause':
    case 'vm.resume':
    case 'vm.save':
    case 'vm.discard-saved':
      return driver.power(command.args.vm, POWER[command.op], control);
    case 'vm.rename':
      return driver.rename(command.args.vm, command.args.name);
    case 'vm.delete':
      return driver.delete(command.args.vm, command.args.deleteDisks);
    case 'vm.set-tags':
      return driver.setTags(command.args.vm, command.args.tags);
    case 'vm.set-notes':
      return driver.setNotes(command.args.vm, command.args.notes);
    case 'vm.set-protected':
      return driver.setProtected(command.args.vm, command.args.protected);
    case 'vm.set-autostart':
      return driver.setAutostart(command.args.vm, command.args.autostart);
    case 'vm.set-vcpus':
      return driver.setVcpus(command.args.vm, command.args.vcpus, command.args.when);
    case 'vm.set-memory':
      return driver.setMemory(command.args.vm, command.args.memory, command.args.when);
    case 'vm.set-cpu-share': {
      const { vm, weight, cap, when } = command.args;
      return driver.setCpuShare(vm, { weight, cap }, when);
    }
    case 'vm.set-vcpu-affinity':
      return driver.setAffinity(command.args.vm, command.args.cpus, command.args.when);
    case 'vm.attach-disk': {
      const { vm, pool, volume, capacity } = command.args;
      if (volume !== null) return driver.attachDisk(vm, { pool, volume, capacity: null });
      if (capacity !== null) return driver.attachDisk(vm, { pool, volume: null, capacity });
      throw new Fault('internal', { reason: 'a disk from nowhere passed the check of arguments' });
    }
    case 'vm.detach-disk':
      return driver.detachDisk(command.args.vm, command.args.target, command.args.deleteVolume);
    case 'vm.grow-disk':
      return driver.growDisk(command.args.vm, command.args.target, command.args.capacity);
    case 'vm.attach-nic':
      return driver.attachNic(command.args.vm, command.args.network);
    case 'vm.detach-nic':
      return driver.detachNic(command.args.vm, command.args.mac);
    case 'volume.delete':
      return driver.deleteVolume(command.args.pool, command.args.volume);
  }
}

/** Runs `work` and says how it ended, whatever it did: done and refused as answered, broken by what was thrown. */
export async function ending(work: () => Promise<Outcome<readonly Effect[]>>): Promise<Ending> {
  try {
    const outcome = await work();
    if (outcome.status === 'refused') return { status: 'refused', fault: outcome.fault, effects: [], code: null };
    return { status: 'done', fault: null, effects: outcome.value.map(fit), code: null };
  } catch (thrown) {
    const fault = Fault.from(thrown);
    return { status: UNCERTAIN.has(fault.code) ? 'unknown' : 'failed', fault, effects: [], code: null };
  }
}

const LINE = 1024;
const maybe = (text: string | null): string | null => (text === null ? null : clip(text, LINE));
/** What a hypervisor said, fit for the wire. */
const fit = (effect: Effect): Effect => ({
  ...effect,
  asked: clip(effect.asked, LINE),
  seen: maybe(effect.seen),
  note: maybe(effect.note)
});
