// What the wire schema cannot say about a command's arguments: names in their normal form, figures that fit together,
// the VM and the host. Pure. What only the hypervisor knows (space, slots, state) its driver refuses.
import { CAP_PER_VCPU, printCpuList, readCpuList } from '../../src/lib/model/cpu-share.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import type { HostFacts, Vm } from '../../src/lib/model/fleet.ts';
import { NAME, TAG, tagsOf } from '../../src/lib/model/ids.ts';
import { MAX_SSH_KEYS, sshKeyProblem } from '../../src/lib/model/ssh-key.ts';
import { mibToBytes } from '../../src/lib/model/units.ts';
import type { Command } from '../../src/lib/protocol/schema.ts';

/** Disks and interfaces a new VM can have; more can be attached later. */
export const MAX_NEW_DEVICES = 16;
/** Disks and interfaces of a VM that comes from another host. */
const MAX_COMING = 64;
/** vCPUs of one VM, for each CPU the host has: more only ever slows a guest down. */
export const VCPUS_PER_CPU = 16;
/** Bytes of user-data in UTF-8: what cloud-init's own sources carry. */
export const MAX_USER_DATA = 16 * 1024;

const bad = (name: string, value: string | number, reason: string): Fault =>
  new Fault('bad-argument', { name, value: String(value), reason });

/** The command with what people type in Unicode's composed form (NFC): what looks the same is the same name, or tag. */
export function normalise(command: Command): Command {
  switch (command.op) {
    case 'vm.create': {
      const { name, tags } = command.args;
      return {
        ...command,
        args: { ...command.args, name: name.normalize('NFC'), tags: tags === null ? null : tagsOf(tags) }
      };
    }
    case 'vm.clone':
      return { ...command, args: { ...command.args, name: command.args.name.normalize('NFC') } };
    case 'vm.rename':
      return { ...command, args: { ...command.args, name: command.args.name.normalize('NFC') } };
    case 'vm.set-tags':
      return { ...command, args: { ...command.args, tags: tagsOf(command.args.tags) } };
    case 'host.set-maintenance':
      return { ...command, args: { ...command.args, reason: command.args.reason.normalize('NFC').trim() } };
    case 'vm.set-vcpu-affinity': {
      const cpus = readCpuList(command.args.cpus);
      return cpus === null ? command : { ...command, args: { ...command.args, cpus: printCpuList(cpus) } };
    }
    case 'host.enroll':
      return { ...command, args: { label: command.args.label.normalize('NFC') } };
    default:
      return command;
  }
}

/**
 * Null when the arguments make sense; else the refusal.
 * @param vm the VM the command is about, as it is now; null when it is about none
 * @param facts null while the hypervisor has not described itself
 */
export function checkArguments(command: Command, vm: Vm | null, facts: HostFacts | null): Fault | null {
  if (command.expect !== null && vm === null) {
    return bad('expect', command.expect, 'is a VM’s revision, but the command is about no VM that is there');
  }
  switch (command.op) {
    case 'host.enroll':
      return checkName(command.args.label);
    case 'vm.rename':
    case 'vm.clone':
      return checkName(command.args.name);
    case 'vm.migrate': {
      const { to } = command.args;
      return to === command.host ? bad('to', to, 'is the host that the VM is on') : null;
    }
    case 'vm.set-tags':
      return checkTags(command.args.tags);
    case 'vm.create':
      return checkCreate(command, facts);
    case 'vm.set-vcpus': {
      const { vcpus } = command.args;
      return vm !== null && vcpus > vm.vcpusMax
        ? bad('vcpus', vcpus, `is more than the VM’s maximum, ${vm.vcpusMax}`)
        : null;
    }
    case 'vm.set-memory': {
      const { memory } = command.args;
      return vm !== null && memory > vm.memoryMax
        ? bad('memory', `${memory} MiB`, `is more than the VM’s maximum, ${vm.memoryMax} MiB`)
        : null;
    }
    case 'vm.set-cpu-share': {
      const { cap } = command.args;
      return vm !== null && cap !== null && cap > CAP_PER_VCPU * vm.vcpusMax
        ? bad('cap', `${cap} %`, `is more than ${CAP_PER_VCPU} % for each of the ${vm.vcpusMax} vCPUs it can have`)
        : null;
    }
    case 'vm.set-vcpu-affinity':
      return checkCpus(command.args.cpus, facts);
    case 'migration.prepare':
      return checkComing(command);
    case 'vm.attach-disk': {
      const { volume, capacity } = command.args;
      if ((volume === null) === (capacity === null)) {
        return bad('disk', volume ?? 'none', 'needs either an existing volume or the capacity of a new one');
      }
      return capacity === 0 ? bad('capacity', '0 MiB', 'must be at least 1 MiB') : null;
    }
    case 'vm.grow-disk': {
      const { target, capacity } = command.args;
      const disk = vm?.disks.find((each) => each.target === target);
      if (disk === undefined) return new Fault('not-found', { kind: 'disk', id: target });
      return disk.capacity !== null && mibToBytes(capacity) <= disk.capacity
        ? bad('capacity', `${capacity} MiB`, 'must be more than the disk has: a disk can only grow')
        : null;
    }
    case 'vm.detach-disk': {
      const { target } = command.args;
      if (vm?.disks.some((disk) => disk.target === target) === true) return null;
      return new Fault('not-found', { kind: 'disk', id: target });
    }
    case 'vm.detach-nic': {
      const { mac } = command.args;
      if (vm?.nics.some((nic) => nic.mac === mac) === true) return null;
      return new Fault('not-found', { kind: 'network interface', id: mac });
    }
    default:
      return null;
  }
}

function checkCpus(list: string, facts: HostFacts | null): Fault | null {
  const cpus = readCpuList(list);
  if (cpus === null) return bad('cpus', list, 'must be numbers of CPUs and ranges of them, ascending, like 0-3,8');
  const beyond = cpus.find((cpu) => facts !== null && cpu >= facts.cpus);
  return beyond === undefined
    ? null
    : bad('cpus', list, `names CPU ${beyond}: the host has 0 to ${(facts?.cpus ?? 1) - 1}`);
}

// Composing can lengthen a few names by a code point or two.
const checkName = (name: string): Fault | null =>
  NAME.test(name) ? null : bad('name', name.slice(0, 80), 'is longer than 128 characters in its composed form');

function checkTags(tags: readonly string[]): Fault | null {
  const wrong = tags.find((tag) => !TAG.test(tag));
  return wrong === undefined
    ? null
    : bad('tag', wrong.slice(0, 80), 'is longer than 40 characters in its composed form');
}

function checkSeed({ userData, sshKeys }: Command<'vm.create'>['args']): Fault | null {
  if (userData !== null && Buffer.byteLength(userData) > MAX_USER_DATA) {
    return new Fault('too-large', { what: 'the user-data', limit: `${MAX_USER_DATA} bytes` });
  }
  if (sshKeys.length > MAX_SSH_KEYS) return bad('ssh-keys', sshKeys.length, `must be at most ${MAX_SSH_KEYS}`);
  for (const { key } of sshKeys) {
    const problem = sshKeyProblem(key);
    if (problem !== null) return bad('ssh-key', `${key.slice(0, 40)}…`, problem);
  }
  return null;
}

function checkComing({ args: { disks, nics } }: Command<'migration.prepare'>): Fault | null {
  if (disks.length > MAX_COMING) return bad('disks', disks.length, `must be at most ${MAX_COMING}`);
  if (nics.length > MAX_COMING) return bad('nics', nics.length, `must be at most ${MAX_COMING}`);
  if (disks.some(({ capacity }) => capacity === 0)) return bad('capacity', '0 bytes', 'must be at least 1 byte');
  const places = disks.map(({ pool, volume }) => `${pool}/${volume}`);
  return new Set(places).size === places.length ? null : bad('disks', places.join(', '), 'name a volume twice');
}

function checkCreate({ args }: Command<'vm.create'>, facts: HostFacts | null): Fault | null {
  const { name, vcpus, vcpusMax, memory, memoryMax, disks, nics } = args;
  const wrong = checkName(name) ?? checkTags(args.tags ?? []) ?? checkSeed(args);
  if (wrong !== null) return wrong;
  if (vcpus > vcpusMax) return bad('vcpus', vcpus, `is more than the maximum asked for, ${vcpusMax}`);
  if (memory > memoryMax) return bad('memory', `${memory} MiB`, `is more than the maximum asked for, ${memoryMax} MiB`);
  if (disks.length > MAX_NEW_DEVICES) return bad('disks', disks.length, `must be at most ${MAX_NEW_DEVICES}`);
  if (nics.length > MAX_NEW_DEVICES) return bad('nics', nics.length, `must be at most ${MAX_NEW_DEVICES}`);
  if (disks.some(({ capacity }) => capacity === 0)) return bad('capacity', '0 MiB', 'must be at least 1 MiB');
  if (facts === null) return null;
  if (vcpusMax > facts.cpus * VCPUS_PER_CPU) {
    return bad('vcpus-max', vcpusMax, `is more than ${VCPUS_PER_CPU} for each of the host’s ${facts.cpus} CPUs`);
  }
  if (memoryMax > facts.memory) {
    return bad('memory-max', `${memoryMax} MiB`, `is more than the host has, ${facts.memory} MiB`);
  }
  return null;
}
