// Why a job cannot be run as it is.
import type { Role, VmState } from '../../model/fleet.ts';
import { common } from './common.ts';

export const problem = {
  inMaintenance: (host: string) => `${host} is in maintenance: no VM comes there, and none is started.`,
  unmanaged: (vm: string, tool: string) => `It was made with ${tool}, past libvirt: ${vm} is shown, and not managed.`,
  longReason: (most: number) => `At most ${most} characters for the reason.`,
  deleteInState: (vm: string, state: VmState) =>
    `${vm} is ${common.vmState[state]}; shut it down or power it off first.`,
  deleteProtected: (vm: string) => `${vm} is protected: turn its protection off first.`,
  cloneInState: (vm: string, state: VmState) =>
    state === 'saved'
      ? `${vm} is saved; restore it and shut it down, or discard its saved state first.`
      : `${vm} is ${common.vmState[state]}; shut it down first: a disk that is written to cannot be copied.`,
  movesAlready: (vm: string) => `${vm} is being moved. Wait until that has ended, or cancel it.`,
  moveInState: (vm: string, state: VmState) =>
    state === 'saved'
      ? `${vm} is saved; restore it, or discard its saved state first: its memory is on the disk of its host.`
      : `${vm} is ${common.vmState[state]}; it can be moved while it runs, is paused or off.`,
  changeSaved: (vm: string) => `${vm} is saved: restore it, or discard its saved state first.`,
  moveReadOnly: (disk: string) =>
    `Disk ${disk} is read-only and larger than the 256 MiB that are sent ahead. Eject or detach it first.`,
  moveNoPool: (disk: string) => `Disk ${disk} lies in no storage pool: it cannot move along.`,
  moveHere: 'It is on this host already.',
  moveXenKind: (kind: string) => `On Xen only PVH guests move, and it is ${kind === 'HVM' ? 'an' : 'a'} ${kind} one.`,
  moveXenRuns: 'On Xen a VM moves only while it runs.',
  moveXenDisks: 'Xen copies no disks along, and it has some.',
  moveHypervisor: (there: string, here: string) => `Its hypervisor is ${there}, not ${here}.`,
  moveAccelerator: (there: string, here: string) => `It runs guests by ${there}, not by ${here}.`,
  moveCpu: (there: string) => `Its processor is another: ${there}.`,
  moveNetwork: (network: string) => `It has no network ${network}.`,
  movePool: (pool: string) => `It has no pool ${pool}.`,
  moveMemory: (free: string) => `It has ${free} of memory free.`,
  moveBandwidth: 'A whole number of MiB a second, at least 1.',
  moveDowntime: 'A whole number of milliseconds, 1 to 60000.',
  moveNever: (host: string, reason: string) => `${host} moves no VMs: ${reason}`,
  weight: (most: number) => `A whole number from 1 to ${most}.`,
  cap: (most: number, vcpus: number) =>
    `A whole number of percent from 1 to ${most}: 100 for each of the ${vcpus} vCPUs it can have.`,
  cpuList: 'Numbers of CPUs and ranges, such as 0-3,8; nothing for any.',
  cpusOf: (host: string, last: number) => `${host} has CPUs 0 to ${last}.`,
  tag: (tag: string) =>
    `“${tag}” is no tag: 1 to 40 letters, digits, spaces and . _ : -, beginning with a letter or digit.`,
  tooManyTags: (most: number) => `At most ${most} tags.`,
  powerInState: (vm: string, state: VmState, needs: string) =>
    `${vm} is ${common.vmState[state]}; this needs it ${needs}.`,
  or: ' or ',
  longNotes: 'At most 16 384 characters.',
  volumeGone: 'This volume is not there any more.',
  volumeUsed: 'A VM uses this volume: detach it first.',
  noSuchDisk: (vm: string, target: string) => `${vm} has no disk ${target} any more.`,
  noSuchNic: (vm: string, mac: string) => `${vm} has no interface ${mac} any more.`,
  onlyGrows: (size: string) => `It has ${size} now; a disk can only grow.`,
  poolHas: (pool: string, free: string) => `${pool} has ${free} free.`,
  choosePool: 'Choose a pool.',
  chooseVolume: 'Choose a volume that no VM uses.',
  chooseNetwork: 'Choose a network.',
  diskSize: 'A disk needs a size.',
  sameRole: (operator: string, role: Role) => `${operator} is ${common.role[role]} already.`,
  sameName: 'That is its name already.',
  someMemory: 'A VM needs some memory.',
  someVcpus: 'A VM needs at least one vCPU.',
  madeForMemory: (most: string) => `This VM was made for at most ${most}.`,
  madeForVcpus: (most: number) => `This VM was made for at most ${most} vCPUs.`,

  name: {
    missing: 'It needs a name.',
    spaces: 'It must not begin or end with a space.',
    long: 'At most 128 characters.',
    characters: 'It holds a control, line-break or text-direction character.',
    taken: 'This name is taken on this host.'
  }
};
