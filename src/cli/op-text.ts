// What the operations and their arguments are, in a few words each: the help is made of this and of the wire schema.
import type { Op } from '../lib/protocol/schema.ts';

/** What a link does by itself, not an operator, and the parts of a move, which need each other's answers. */
export const INTERNAL = [
  'host.watch',
  'host.enroll',
  'vm.migrate',
  'migration.prepare',
  'migration.release',
  'migration.decide',
  'console.open'
] as const satisfies readonly Op[];
export type RunOp = Exclude<Op, (typeof INTERNAL)[number]>;

export const OP_TEXT: Record<RunOp, string> = {
  'activity.list': 'what was done on the host, newest first',
  'load.history': 'how busy the host, or one VM, was (see --json)',
  'operator.list': 'who may do what on the host',
  'host.set-maintenance': 'put the host into maintenance (no VM comes, none is started), or end it',
  'operator.invite': 'make a pairing ticket for another operator',
  'operator.set-role': 'change what an operator may do',
  'operator.revoke': 'take all rights from an operator, at once',
  'command.cancel': 'cancel a command that waits, or a clone, creation, shutdown or saving that runs',
  'vm.create': 'create a VM from an image',
  'vm.clone': 'copy a VM that is off, under another name',
  'vm.start': 'start a VM',
  'vm.shutdown': 'ask the guest to shut down',
  'vm.power-off': 'cut the power',
  'vm.reboot': 'ask the guest to reboot',
  'vm.pause': 'stop the vCPUs, keep the memory',
  'vm.resume': 'let a paused VM go on',
  'vm.save': 'save the memory of a running VM to the disk of its host, and stop it (start restores it)',
  'vm.discard-saved': 'discard the saved memory of a VM: it is off then',
  'vm.rename': 'give a VM another name',
  'vm.delete': 'remove a VM that is off',
  'vm.set-tags': 'replace the tags of a VM',
  'vm.set-notes': 'replace the notes of a VM',
  'vm.set-protected': 'protect a VM and its volumes against deletion, or no more',
  'vm.set-autostart': 'have the host start a VM whenever it boots itself, or no more',
  'vm.set-vcpus': 'change the number of vCPUs, of a running VM too',
  'vm.set-memory': 'change the memory, of a running VM too',
  'vm.set-cpu-share': 'change weight and cap of its CPU time, of a running VM too (no cap: none)',
  'vm.set-vcpu-affinity': 'change which CPUs of the host it may run on (cpus= for any), of a running VM too',
  'vm.attach-disk': 'attach an existing volume, or a new one (say volume or capacity)',
  'vm.detach-disk': 'detach a disk',
  'vm.grow-disk': 'make a disk larger',
  'vm.attach-nic': 'attach a network interface',
  'vm.detach-nic': 'detach a network interface',
  'volume.delete': 'delete a volume no VM uses'
};

type ArgumentText = { readonly value: string; readonly text: string };

/** By the argument's name; `op name` where one op means something of its own by it. */
export const ARGUMENT_TEXT: Readonly<Record<string, ArgumentText>> = {
  vm: { value: 'VM', text: 'name or id of the VM' },
  'activity.list vm': { value: 'VM', text: 'only what was done to this VM (name or id)' },
  'load.history vm': { value: 'VM', text: 'this VM instead of the host (name or id)' },
  from: { value: 'MS', text: 'milliseconds since 1970' },
  to: { value: 'MS', text: 'milliseconds since 1970, later' },
  points: { value: '1..1000', text: 'at most so many steps' },
  limit: { value: '1..500', text: 'at most so many' },
  before: { value: 'NUMBER', text: 'only entries before this number' },
  role: { value: 'viewer|operator|admin', text: 'what the operator may do' },
  key: { value: 'KEY', text: 'the operator’s public key (see operator.list)' },
  on: { value: 'true|false', text: 'into maintenance, or out of it' },
  reason: { value: 'TEXT', text: 'why, for whoever looks at the host' },
  name: { value: 'NAME', text: 'its name' },
  description: { value: 'TEXT', text: 'what it is for' },
  notes: { value: 'TEXT', text: 'any text, empty for none' },
  tags: { value: 'TAG,TAG…', text: 'tags, with a comma between two' },
  'vm.set-tags tags': { value: 'TAG,TAG…', text: 'all its tags, with a comma between two; nothing takes all away' },
  protected: { value: 'true|false', text: 'refuse to delete it or its volumes' },
  autostart: { value: 'true|false', text: 'start it whenever the host boots' },
  userData: { value: 'TEXT', text: 'user-data for cloud-init: user-data="$(cat FILE)"' },
  'ssh-key': { value: '"TYPE BASE64 COMMENT"', text: 'a public key for cloud-init; may be given several times' },
  command: { value: 'ID', text: 'the id of the command (--id, or activity.list --json)' },
  image: { value: 'IMAGE', text: 'image to create it from (smps ls --json lists them per host)' },
  vcpus: { value: 'NUMBER', text: 'virtual processors' },
  vcpusMax: { value: 'NUMBER', text: 'how far vCPUs can go while it runs' },
  memory: { value: 'SIZE', text: 'memory: MiB, or 512MiB, 2GiB' },
  memoryMax: { value: 'SIZE', text: 'how far memory can go while it runs' },
  weight: { value: '1..65535', text: 'against other VMs where CPU time is short; 256 is ordinary' },
  cap: { value: 'PERCENT', text: 'of one physical CPU, for all its vCPUs together; left out: no cap' },
  cpus: { value: '0-3,8', text: 'CPUs of the host, from 0; empty: any' },
  start: { value: 'true|false', text: 'start it right away' },
  when: { value: 'now|next-boot', text: 'when it is to apply' },
  pool: { value: 'POOL', text: 'storage pool' },
  volume: { value: 'VOLUME', text: 'volume in the pool' },
  capacity: { value: 'SIZE', text: 'size: MiB, or 512MiB, 2GiB' },
  target: { value: 'TARGET', text: 'the disk, such as vdb' },
  network: { value: 'NETWORK', text: 'network of the host' },
  mac: { value: 'MAC', text: 'the interface, 52:54:00:…' },
  deleteDisks: { value: 'true|false', text: 'delete its volumes too' },
  deleteVolume: { value: 'true|false', text: 'delete the volume too' },
  disk: { value: 'POOL:SIZE', text: 'a new disk; may be given several times' },
  nic: { value: 'NETWORK', text: 'an interface; may be given several times' }
};

/** What an argument that is left out becomes; `=other`: the same as that one. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  when: 'now',
  deleteDisks: 'false',
  deleteVolume: 'false',
  start: 'false',
  'vm.create protected': 'false',
  reason: '',
  limit: '100',
  points: '100',
  'vm.create vcpus': '1',
  vcpusMax: '=vcpus',
  memoryMax: '=memory'
};
