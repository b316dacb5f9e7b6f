// Words that many places share.
import type { Accelerator, LinkState, Role, VmState } from '../../model/fleet.ts';
import { plural } from '../plural.ts';

const many = plural('en');
const NBSP = '\u00a0';

export const common = {
  hosts: (n: number) => many(n, { one: '# host', other: '# hosts' }),
  vms: (n: number) => many(n, { one: '# VM', other: '# VMs' }),
  sites: (n: number) => many(n, { one: '# site', other: '# sites' }),
  matches: (n: number) => many(n, { one: '# match', other: '# matches' }),

  cancel: 'Cancel',
  close: 'Close',
  done: 'Done',
  dismiss: 'Dismiss',
  open: 'Open',
  copy: 'Copy',
  copied: 'Copied',
  copyMessage: 'Copy message',
  copyByHand: 'Copy this text:',
  less: (label: string) => `Less: ${label}`,
  more: (label: string) => `More: ${label}`,
  typeTheName: 'Type the name to confirm',
  details: 'Details',
  closeDetails: 'Close the details',
  addHost: 'Add a host',
  createVm: 'Create VM',
  toTheFleet: 'To the fleet',

  fleet: 'Fleet',
  site: 'Site',
  noSite: 'no site',
  host: 'Host',
  vm: 'VM',
  cpu: 'CPU',
  vcpus: 'vCPUs',
  memory: 'Memory',
  disks: 'Disks',
  networks: 'Networks',
  name: 'Name',
  description: 'Description',
  load: 'Load',
  facts: 'Facts',
  activity: 'Activity',
  overview: 'Summary',
  noneYet: 'None yet.',
  free: (size: string) => `${size} free`,
  freeOf: (free: string, capacity: string) => `${free} free of ${capacity}`,
  loadOf: (figure: string, of: string) => `${figure} of ${of}`,
  has: (host: string, what: string) => `${host} has ${what}`,
  placed: (host: string, site: string) => (site === '' ? host : `${host}, ${site}`),
  cpus: (n: number) => `${n} CPUs`,

  comma: ', ',
  semicolon: '; ',
  colon: ': ',
  sentences: (first: string, second: string) => `${first}. ${second}`,

  vmState: {
    running: 'running',
    paused: 'paused',
    saved: 'saved',
    off: 'off',
    starting: 'starting',
    stopping: 'stopping',
    moving: 'moving',
    crashed: 'crashed',
    unknown: 'unknown'
  } satisfies Record<VmState, string>,
  maintenance: 'in maintenance',
  linkState: {
    connecting: 'connecting',
    online: 'online',
    offline: 'no link',
    refused: 'refused'
  } satisfies Record<LinkState, string>,
  role: { viewer: 'viewer', operator: 'operator', admin: 'admin' } satisfies Record<Role, string>,
  /** How guest code runs on a host, in one word and in one sentence. */
  accelerator: {
    kvm: 'KVM',
    xen: 'Xen',
    emulated: 'emulated',
    simulated: 'simulated'
  } satisfies Record<Accelerator, string>,
  acceleratorMeaning: {
    kvm: 'Guests run on the processor (KVM, proven by a probe boot)',
    xen: 'Guests run on the processor (Xen)',
    emulated: 'Guests are emulated in software (no KVM here): real, but slow',
    simulated: 'Simulated: no real guest runs on this host'
  } satisfies Record<Accelerator, string>,

  /** Spans and ages: `ui/format.ts` puts them together. */
  time: {
    seconds: (n: number) => `${n}${NBSP}s`,
    minutes: (n: number) => `${n}${NBSP}min`,
    hours: (n: number) => `${n}${NBSP}h`,
    days: (n: number) => `${n}${NBSP}d`,
    now: 'now',
    ago: (span: string) => `${span} ago`,
    ahead: (span: string) => `in ${span}`
  }
};
