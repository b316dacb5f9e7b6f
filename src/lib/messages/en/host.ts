// One host: facts, link, what can be done to its guests, storage, networks, images, operators.
import type { CapabilityName, Image, Role, Sight } from '../../model/fleet.ts';
import { plural } from '../plural.ts';
import { common } from './common.ts';

const many = plural('en');

export const host = {
  storage: 'Storage',
  networksAndImages: 'Networks and images',
  operators: 'Operators',
  noSuchHost: 'No such host',
  notPaired: (id: string) => `This tab is not paired with “${id}”`,
  notPairedHelp: 'It was forgotten, or the address is wrong. Hosts are added with a pairing link.',
  line: (cpu: string, vms: number) => `CPU ${cpu} · ${common.vms(vms)}`,
  asOf: (age: string) => `, as of ${age}`,
  shownAsOf: (age: string) => `, shown as of ${age}`,
  linkingTo: (host: string) => `Linking to ${host}`,
  unknown: 'Nothing is known of this host yet',
  neverReached: 'It was not reached since this tab was opened.',
  whatCanBeDone: 'What can be done to running guests here',
  lastActivity: 'Last activity',
  all: 'All',

  capability: {
    'vcpu-add': 'Add vCPUs',
    'vcpu-remove': 'Take vCPUs away',
    'memory-add': 'Add memory',
    'memory-remove': 'Take memory away',
    'disk-attach': 'Attach a disk',
    'disk-detach': 'Detach a disk',
    'disk-grow': 'Grow a disk',
    'nic-attach': 'Attach a network',
    'nic-detach': 'Detach a network',
    pause: 'Pause and resume',
    reboot: 'Reboot',
    save: 'Save and restore',
    migrate: 'Move while running',
    'rename-running': 'Rename while running',
    'cpu-share': 'Share of the CPUs',
    'vcpu-affinity': 'Pin to CPUs'
  } satisfies Record<CapabilityName, string>,
  capabilities: 'What can be done to a running guest',
  toARunningGuest: 'To a running guest',
  live: 'Live',
  means: 'By what means',
  yes: 'yes',
  no: 'no',

  hypervisor: 'Hypervisor',
  acceleration: 'Acceleration',
  processors: 'Processors',
  memoryGiven: (memory: string, given: string) => `${memory}, ${given} given to running VMs`,
  freeMemory: 'Free memory',
  domainZero: 'Domain 0',
  domainZeroHas: (cpus: string, memory: string) => `${cpus}, ${memory}: the host’s own`,
  scheduler: 'Scheduler',
  xlVms: 'VMs made with xl',
  xlVmsAre: {
    shown: 'shown, not managed',
    unseen: 'not known: only an agent in domain 0, as root, sees them'
  } satisfies Record<Sight, string>,
  numaCells: 'NUMA cells',
  agent: 'Agent',
  clock: 'Clock',
  clockAhead: (span: string) => `${span} ahead of this computer; times here are shown by this computer’s`,
  clockBehind: (span: string) => `${span} behind this computer; times here are shown by this computer’s`,
  yourRole: 'Your role',
  id: 'Host id',
  copyId: 'Copy host id',
  key: 'Host key',
  compareKey: 'Compare with what the host prints',

  noLink: (host: string) => `no link to host ${host}`,
  /** `age`: “2 min ago”, or empty; `advice` may be empty. */
  offlineHelp: (age: string, advice: string) =>
    `${age === '' ? '' : `Shown as of ${age}. `}Commands are off until the link is back, which is tried by itself. ${advice}`,
  refusedHelp: (age: string, advice: string) => `${age === '' ? '' : `Shown as of ${age}. `}${advice}`,
  tryNow: 'Try now',
  tryAgain: 'Try again',
  acceptJournal: 'Accept its journal as it is now',
  trouble: (host: string, trouble: string) => `${host} has trouble: ${trouble}`,
  troubleHelp: 'The host itself answers; its hypervisor does not. What is shown may be old.',

  roles: 'A viewer sees; an operator also changes VMs; an admin also decides who may.',
  invite: 'Invite an operator',
  operatorsOf: (host: string) => `Operators of ${host}`,
  operator: 'Operator',
  operatorKey: 'Key',
  role: 'Role',
  since: 'Since',
  you: 'you',
  roleOf: (operator: string) => `Role of ${operator}`,
  revoke: 'Revoke',
  revokeName: (operator: string) => `Revoke ${operator}`,
  revokeTitle: (operator: string) => `Revoke ${operator}?`,
  revokeOwn: 'This is your own key: you lose this host at once. Coming back takes a new pairing.',
  revokeHelp: (key: string, host: string) =>
    `Key ${key} loses ${host} at once; its links are closed. Coming back takes a new pairing.`,
  askingWho: (host: string) => `Asking who may command ${host}`,
  askAgain: 'Ask again',
  inviteTo: (host: string) => `Invite an operator to ${host}`,
  roleHelp: 'It can be changed later.',
  handOver: (role: Role, host: string, until: string) =>
    `Hand this link to the new operator by a way you trust. Whoever opens it first becomes ${common.role[role]} of ${host}. It works once, until ${until}.`,
  copyLink: 'Copy link',
  compareAfterwards: 'Afterwards compare the key number you see in the list with the one in the header of their tab.',
  making: 'Making…',
  makeLink: 'Make a link',

  volumes: (n: number) => many(n, { one: '# volume', other: '# volumes' }),
  spaceUsed: (pool: string) => `Space used in ${pool}`,
  noVolume: 'No volume yet. A new disk of a VM makes one.',
  volumesOf: (pool: string) => `Volumes of ${pool}`,
  volume: 'Volume',
  format: 'Format',
  capacity: 'Capacity',
  onDisk: 'On disk',
  usedBy: 'Used by',
  vmGone: 'a VM that is gone',
  detachFirst: 'A VM uses it: detach it first',
  delete: 'Delete',
  deleteVolumeName: (volume: string) => `Delete volume ${volume}`,
  deleteVolumeTitle: (volume: string) => `Delete volume ${volume}?`,
  deleteVolume: 'Delete volume',
  deleteVolumeHelp: (size: string, pool: string, host: string) =>
    `${size} of pool ${pool} on ${host}, with all data on it. There is no way back.`,
  noPool: 'No storage pool',
  noPoolHelp: 'The host’s administrator decides which pools the agent manages. Without one, VMs cannot get disks here.',

  noNetwork:
    'This host offers no network: VMs here cannot be reached. Its administrator decides what the agent offers.',
  networksOf: (host: string) => `Networks of ${host}`,
  network: 'Network',
  mode: 'Mode',
  thatIs: 'That is',
  interfaces: 'Interfaces of VMs',
  modes: {
    bridge: 'guests are on the host’s own network',
    nat: 'guests reach out through the host, nobody reaches in',
    isolated: 'guests reach only each other',
    user: 'guests reach out through the host process, nobody reaches in'
  },
  images: 'Images',
  noImage:
    'No image: the administrator of this host puts kernels, disks or installation CDs into the agent’s image directory.',
  imagesOf: (host: string) => `Images of ${host}`,
  image: 'Image',
  kind: 'Kind',
  size: 'Size',
  imageKind: {
    kernel: 'kernel with a file system in memory',
    disk: 'disk, copied for each VM',
    iso: 'installation CD'
  } satisfies Record<Image['kind'], string>
};
