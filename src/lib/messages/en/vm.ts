// One VM: power, vCPUs and memory, disks, networks, load, facts.
import type { Pending, VmState, Witness } from '../../model/fleet.ts';
import { plural } from '../plural.ts';
import { common } from './common.ts';
import type { PowerWord } from './tasks.ts';

const many = plural('en');
/** What a move does with as many disks. */
const disksAlong = (disks: number): string =>
  disks === 0
    ? ''
    : many(disks, {
        one: 'Its disk is copied along, and deleted here at the end. ',
        other: 'Its disks are copied along, and deleted here at the end. '
      });

export const vm = {
  noSuchVm: 'No such VM',
  notThere: 'This VM is not there',
  notThereHelp: 'It was deleted, its host was forgotten or not reached yet, or the address is wrong.',
  allVms: 'All VMs',
  linkingToHosts: 'Linking to the hosts',
  upFor: (span: string) => `, up ${span}`,
  asOf: (age: string) => `as of ${age}`,
  vcpusAndMemory: 'Processors and memory',
  whatHappened: 'What happened',
  allActivity: 'All activity',
  line: (state: VmState, host: string, site: string) => `${common.vmState[state]} on ${host} (${site})`,
  lineUp: (span: string) => ` · up ${span}`,

  up: 'Up',
  movedHere: 'Moved here',
  kind: 'Kind',
  guestReports: 'Guest reports',
  nothing: 'nothing',
  by: (witness: string) => `by ${witness}`,
  id: 'Id',
  copyId: 'Copy id',

  power: {
    start: 'Start',
    shutdown: 'Shut down',
    reboot: 'Reboot',
    pause: 'Pause',
    resume: 'Resume',
    save: 'Save',
    'discard-saved': 'Discard saved state',
    'power-off': 'Power off'
  } satisfies Record<PowerWord, string>,
  restore: 'Restore',
  saved: 'Saved',
  savedFor: (span: string) => `, for ${span}`,
  savedNote: (host: string) => `Its memory is on the disk of ${host}; it takes no CPU and no memory there.`,
  savedAdvice:
    'Restore lets it go on where it was. Until then its size, its devices and its name cannot be changed, and it cannot move.',
  deleteSaved: 'What was in its memory when it was saved is removed with it.',
  discardTitle: (vm: string) => `Discard the saved state of ${vm}?`,
  discardHelp:
    'What was in its memory is lost, as if its plug had been pulled when it was saved; its disks stay. The next start boots it.',
  powerOf: (vm: string) => `Power of ${vm}`,
  hostCannot: 'this host cannot do that',
  powerOffTitle: (vm: string) => `Power off ${vm}?`,
  powerOffHelp:
    'This is like pulling the plug: what the guest has not written to its disks is lost. “Shut down” asks the guest to end by itself.',

  upTo: (vcpus: number, memory: string) => `Up to ${vcpus} vCPUs and ${memory} without a reboot, as this VM was made.`,
  share: {
    weight: 'Weight',
    cap: 'Cap',
    none: 'none',
    cpus: 'CPUs',
    anyCpu: 'any',
    notDivided: (reason: string) => `No share of the CPUs: ${reason}.`,
    help: 'Where CPU time is short, twice the weight gets twice of it (256 is ordinary). The cap holds always, in percent of one CPU for all vCPUs together.'
  },
  nextBoot: (value: string) => `next boot: ${value}`,
  nextBootTitle: 'The configuration differs from what runs now',
  between: (least: string, most: string) => `Between ${least} and ${most}.`,
  applyNow: 'Apply now',
  atNextBoot: 'At next boot',
  apply: 'Apply',
  undo: 'Undo',
  byMeans: (means: string) => `By ${means}.`,

  witness: {
    'guest-agent': 'the guest agent',
    balloon: 'the balloon driver in the guest',
    console: 'the guest, on its serial line',
    hypervisor: 'the hypervisor (the guest itself does not report)',
    simulated: 'the simulated guest'
  } satisfies Record<Witness, string>,
  noReport: 'no report from the guest',
  noReportTitle: 'Nothing in this guest reports what it sees (no guest agent, no balloon driver)',
  reportedBy: (witness: string) => `Reported by ${witness}`,
  reportedFigureBy: (figure: string, witness: string) => `${figure} reported by ${witness}`,
  guestSees: (figure: string) => `guest sees ${figure}`,
  guestUses: (used: number, given: number) => `guest uses ${used} of ${given}`,
  hostKeeps: (reported: string, given: number) => `${reported}; the host keeps ${given} for it until the next boot`,
  seenOf: (seen: string, asked: string) => `${seen} of ${asked}`,

  attachDisk: 'Attach disk',
  noDisk: 'No disk. This guest lives in memory; a disk can be attached while it runs.',
  notManaged: 'not in a managed pool',
  empty: 'empty',
  guestReportsSize: 'The guest reports this size',
  guestReportsOther: (size: string) => `The guest reports ${size}`,
  guestSeesIt: 'guest sees it',
  readOnly: 'read-only',
  cd: 'CD',
  grow: 'Grow',
  growName: (target: string) => `Grow ${target}`,
  detach: 'Detach',
  detachName: (what: string) => `Detach ${what}`,
  attachDiskTo: (vm: string) => `Attach a disk to ${vm}`,
  noPool: (host: string) => `${host} offers no storage pool. Its administrator decides which pools the agent manages.`,
  whichDisk: 'Which disk',
  newDisk: 'New disk',
  existingVolume: 'Existing volume',
  pool: 'Pool',
  size: 'Size',
  sizeHelp: 'With a unit: 512 MiB, 2 GiB',
  sizeWanted: 'A size, such as 512 MiB or 2 GiB.',
  allUsed: (pool: string) => `Every volume of ${pool} is used by a VM. Make a new disk, or detach one elsewhere first.`,
  volume: 'Volume',
  attach: 'Attach',
  detachDiskTitle: (target: string, vm: string) => `Detach ${target} from ${vm}?`,
  unmountFirst: 'Unmount it in the guest first: a guest that still uses it will not let it go.',
  alsoDeleteVolume: (volume: string, size: string | null) =>
    `Also delete the volume ${volume} and all data on it${size === null ? '' : ` (${size})`}`,
  volumeStays: (pool: string, host: string) => `The volume stays in pool ${pool} of ${host} and can be attached again.`,
  detachAndDelete: 'Detach and delete',
  growTitle: (target: string, vm: string) => `Grow ${target} of ${vm}`,
  newSize: 'New size',
  sizeNow: (size: string) => `${size} now`,
  sizeNowFree: (size: string, free: string, pool: string) => `${size} now, ${free} free in ${pool}`,
  growHelp:
    'The guest sees a larger disk at once; enlarging the partition or file system on it is done in the guest. There is no way to shrink it again.',

  nics: 'Network interfaces',
  attachNetwork: 'Attach network',
  noNic: 'No network interface: nothing reaches this guest over a network.',
  linkDown: 'link down',
  guestHasItAs: (name: string) => `The guest has it as ${name}`,
  attachTo: (vm: string) => `Attach ${vm} to a network`,
  noNetwork: (host: string) => `${host} offers no network. Its administrator decides which networks the agent offers.`,
  network: 'Network',
  uncounted: 'User network: its traffic passes through the hypervisor’s own process, where nobody counts it.',
  networkHelp: 'The host chooses the hardware address (MAC).',
  detachNic: 'Detach',
  detachNicName: (mac: string) => `Detach ${mac}`,
  detachNicTitle: (mac: string) => `Detach ${mac}?`,
  detachNicHelp: (vm: string, network: string) =>
    `${vm} loses its interface on network ${network}. Connections over it break.`,

  diskIo: 'Disk I/O',
  figureNow: (name: string, now: string) => `${name}, now ${now}`,
  collecting: 'Collecting: figures arrive every two seconds.',
  last: (span: string) => `Last ${span}.`,

  tags: 'Tags and notes',
  noTags: 'No tag yet.',
  addTag: 'Add a tag',
  removeTag: (tag: string) => `Remove the tag ${tag}`,
  notes: 'Notes',
  noNotes: 'No notes yet.',
  editNotes: 'Edit the notes',
  save: 'Save',
  adopt: (vm: string) =>
    `To have it managed, on its host: virsh domxml-from-native --format xen-xl FILE.cfg > vm.xml; virsh define vm.xml (FILE.cfg is what xl made it from). Then end it with xl shutdown ${vm}, and start it here.`,
  protected: 'Protected from deletion',
  protectHelp: 'Neither the VM nor its volumes can be deleted while this is on',
  autostart: 'Start with the host',
  autostartHelp: 'The host starts this VM whenever it boots itself',
  clone: 'Clone',
  cloneTitle: (vm: string) => `Clone ${vm}`,
  cloneName: 'Name of the copy',
  cloneHelp:
    'Disks, settings, tags and notes are copied, under a new id and new MAC addresses. Protection and the start with the host are not.',
  move: 'Move…',
  moveTitle: (vm: string) => `Move ${vm} to another host`,
  moveVm: 'Move',
  pinAfter: 'Keep it there for',
  pinAfterHelp: 'So long no rebalancing moves it again. Hosts can still be emptied.',
  pinNot: 'not at all',
  pinnedUntil: (time: string) => `pinned until ${time} (moved by hand)`,
  unpin: 'Unpin',
  moveTo: 'To',
  moveNowhere: 'No other host is paired with this tab.',
  moveLimit: 'Bandwidth limit, MiB/s',
  moveLimitHelp: 'Empty: as fast as it goes.',
  moveDowntime: 'Longest standstill at the end, ms',
  moveDowntimeHelp: 'Empty: its host chooses, as short as it can.',
  moveNote: (host: string, note: string) => `${host} says: ${note}.`,
  moveConverge: 'Slow the guest down if it writes to its memory faster than that can be sent',
  moveHelp: (disks: number) =>
    `The VM goes on running. ${disksAlong(disks)}Until it runs there the move can be stopped: the VM stays here.`,
  moveOffHelp: (disks: number) =>
    `The VM stays off. ${disksAlong(disks)}Until all of it is there the move can be stopped: the VM stays here.`,
  moveShared: (disks: string) => `${disks}: not copied if both hosts see the same storage`,
  memoryFree: (free: string) => `${free} of memory free`,
  hereFor: (span: string) => `, moved here ${span} ago`,
  undecided: {
    message: (move: string) => `${move}: whether it has left is unknown, and being checked`,
    help: (vm: string, host: string) =>
      `Until the other host has answered ${vm} stands still on ${host}, so that it never runs twice. This ends by itself. Only if the other host is gone for good, say where the VM runs.`,
    ask: { here: 'Let it continue here…', there: 'Remove it here…' },
    title: {
      here: (vm: string, host: string) => `Let ${vm} continue on ${host}?`,
      there: (vm: string, host: string) => `Remove ${vm} from ${host}?`
    },
    warning: {
      here: (vm: string, host: string) =>
        `If ${vm} runs on the other host it will then run twice, and both write to what they share. Make sure that it is off there, or that the other host is, before it continues on ${host}.`,
      there: (vm: string, host: string) =>
        `${vm} and its copied disks are removed from ${host}. If it does not run on the other host it is lost. There is no way back.`
    },
    verb: { here: 'Let it continue', there: 'Remove it' }
  },
  revert: 'Revert',
  revertNext: (label: string) => `Take back what the next boot would bring: ${label}`,
  pending: { attach: 'from the next boot', detach: 'until the next boot' } satisfies Record<Pending, string>,
  rename: 'Rename',
  renameTitle: (vm: string) => `Rename ${vm}`,
  newName: 'New name',
  delete: 'Delete',
  deleteTitle: (vm: string) => `Delete ${vm}?`,
  deleteVm: 'Delete VM',
  deleteHelp: (host: string) => `The VM is removed from ${host}. There is no way back.`,
  alsoDeleteDisks: (n: number, volumes: string) =>
    `Also delete its ${many(n, { one: '# disk', other: '# disks' })}: ${volumes}`
};
