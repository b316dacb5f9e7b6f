// The form for a new VM, and what can be wrong in it.
import type { Image } from '../../model/fleet.ts';
import { plural } from '../plural.ts';

const many = plural('en');

export const create = {
  title: 'Create a VM',
  noHost: 'No host to create it on',
  pairFirst: 'Pair with a host first.',
  waitingFor: (host: string) => `Waiting for what ${host} offers`,
  noneCan: 'No host can take a VM now; the reasons stand beside each.',

  findHost: 'Find a host by name or site',
  noSuchHost: 'No host has that in its name or site.',
  what: 'General',
  nameHelp: 'For many at once a pattern: web-{01..12}, db-{a,b}',
  startsFrom: 'Starts from',
  noImage: 'this host offers no image',
  imageKind: {
    kernel: 'kernel, lives in memory',
    disk: 'disk image, copied',
    iso: 'installation CD'
  } satisfies Record<Image['kind'], string>,
  image: (title: string, kind: string) => `${title} (${kind})`,
  imageSized: (title: string, kind: string, size: string) => `${title} (${kind}, ${size})`,
  size: 'Size',
  vcpusMax: 'vCPUs at most',
  memoryMax: 'Memory at most',
  maxHelp: 'How far it can grow while it runs',
  noPool: (host: string) => `${host} offers no storage pool`,
  addDisk: 'Add a disk',
  diskSize: (n: number) => `Disk ${n}: size`,
  disk: (n: number) => `Disk ${n}`,
  pool: 'Pool',
  leaveOutDisk: (n: number) => `Leave out disk ${n}`,
  noDisk: 'None beyond what the image brings. Disks can be attached later, too, while the VM runs.',
  noNetwork: (host: string) => `${host} offers no network`,
  addNic: 'Add an interface',
  nic: (n: number) => `Interface ${n}`,
  leaveOutNic: (n: number) => `Leave out interface ${n}`,
  noNic: 'None: nothing will reach this guest over a network.',

  review: 'Review',
  upTo: (now: string, most: string) => `${now}, up to ${most}`,
  noneAdded: 'none added',
  none: 'none',
  sizeIn: (size: string, pool: string) => `${size} in ${pool}`,
  memoryLeft: (host: string, free: string, left: string, vms: number) =>
    `${host} has ${free} of memory free, ${left} with ${vms === 1 ? 'this VM' : 'these VMs'} running.`,
  startAtOnce: 'Start it at once',
  toMend: (n: number) => `${many(n, { one: '# thing', other: '# things' })} to mend:`,
  creating: 'Creating…',
  createAndStart: 'Create and start',
  create: 'Create',

  tags: 'Tags',
  tagsHelp: 'Separated by commas',
  protect: 'Protect it from deletion',
  autostart: 'Start it with the host',
  cloudInit: 'First boot (cloud-init)',
  cloudInitHelp: 'For images that run cloud-init: given to the guest on a small CD. Other guests ignore it.',
  userDataHelp: '#cloud-config, a script (#!), or multipart; at most 16 KiB',
  sshKeysHelp: 'One OpenSSH public key a line',
  namesOf: (first: string, last: string, n: number) => `${first} … ${last} (${n})`,
  createMany: (n: number) => `Create ${n} VMs`,
  createAndStartMany: (n: number) => `Create and start ${n} VMs`,
  made: (done: number, all: number) => `${done} of ${all} made`,
  notMade: (name: string, reason: string) => `${name}: ${reason}`,
  userDataTitle: 'User-data for cloud-init',
  sshKeysTitle: 'SSH keys',
  problem: {
    sizeWanted: 'A size, such as 512 MiB or 2 GiB.',
    countWanted: 'A whole number from 1.',
    sshKeys: (most: number) => `At most ${most} keys.`,
    sshKey: (line: number, problem: string) => `Line ${line} ${problem}.`,
    image: 'Choose what it starts from.',
    needsXen: (kind: string, host: string, has: string) => `It needs Xen (${kind} guest); ${host} has ${has}.`,
    vcpus: 'At least one.',
    atLeast: (now: string) => `At least the ${now} it has now.`,
    hostHasCpus: (host: string, cpus: number) => `${host} has ${cpus} CPUs.`,
    memory: 'At least 16 MiB.',
    hostHasFree: (host: string, free: string) => `${host} has ${free} free.`,
    manyNeed: (n: number, all: string, free: string) => `${n} of them need ${all} to run; ${free} are free.`,
    hostHasInAll: (host: string, memory: string) => `${host} has ${memory} in all.`
  },
  /** What is wrong with text for cloud-init; `reason` is the YAML parser's own. */
  userData: {
    'too-large': (bytes: number) => `It has ${bytes} bytes; at most 16 384.`,
    beginning: 'It must begin with #cloud-config, #! or Content-Type: multipart/.',
    yaml: (line: number, column: number, reason: string) => `Line ${line}, column ${column}: ${reason}`,
    'not-a-mapping': (line: number) =>
      `Line ${line}: #cloud-config must hold keys and values, such as packages: [nginx].`
  },
  /** What is wrong with a pattern of names, such as web-{01..12}. */
  pattern: {
    open: () => 'This { is not closed.',
    close: () => 'This } closes nothing.',
    nested: () => 'Braces cannot stand inside braces.',
    group: (text: string) => `${text} must be a range such as {01..12} or a list such as {a,b}.`,
    empty: (text: string) => `${text} has an empty item.`,
    'too-many': () => 'That would be more than 200 names.',
    name: (text: string) => `“${text}” cannot be a name.`,
    twice: (text: string) => `“${text}” would be there twice.`
  }
};
