// The frame round every page: header, tree, tabs, keys; and the pages of the fleet as a whole.
import type { Hypervisor } from '../../model/fleet.ts';
import { plural } from '../plural.ts';
import { common } from './common.ts';

const many = plural('en');

export const frame = {
  skip: 'Skip to the content',
  closeTree: 'Close the tree',
  tree: 'Fleet tree',
  treeOf: 'Sites, hosts and VMs',
  cpuLoad: 'CPU load',
  groupBy: 'Group the tree by',
  grouping: { site: 'by site', hypervisor: 'by hypervisor', tag: 'by tag' } satisfies Record<
    'site' | 'hypervisor' | 'tag',
    string
  >,
  hypervisor: { qemu: 'QEMU', xen: 'Xen', simulated: 'Simulated' } satisfies Record<Hypervisor, string>,
  unknownHypervisor: 'not heard of yet',
  noTag: 'no tag',
  treeWidth: 'Width of the tree',
  detailsWidth: 'Width of the details',
  trayHeight: 'Height of the tasks',
  foldDetails: 'Fold the details',
  unfoldDetails: 'Show the details',
  whereThisIs: 'Where this is',
  viewsOf: (title: string) => `Views of ${title}`,

  sealTitle: (sealed: number, hosts: number) =>
    `${sealed} of ${common.hosts(hosts)} linked. Every message is sealed between this browser and the host; the gateway in between cannot read or alter it.`,
  sealFigure: (sealed: number, hosts: number) => (sealed === hosts ? String(sealed) : `${sealed} of ${hosts}`),
  sealWords: (hosts: number) => many(hosts, { one: ' host sealed', other: ' hosts sealed' }),
  /** Said before `keyNumber`, to those who only hear it. */
  keyOf: 'Operator ',
  keyNumber: (number: string) => `key ${number}`,
  keyTitle: 'Your operator key: hosts know you by it. Compare this number when someone asks who you are.',
  settings: 'Settings and keys',
  theme: { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' } satisfies Record<
    'system' | 'light' | 'dark',
    string
  >,

  keyboard: 'Keyboard',
  shortcuts: 'Keyboard shortcuts',
  shortcutsKey: 'Keyboard shortcuts (?)',

  createVm: 'Create a VM',
  createVmKey: 'Create a VM (c v)',
  noHostInTree: 'No host yet.',
  nothingMatches: 'Nothing matches the filter.',

  map: 'Map',
  vms: 'VMs',
  hosts: 'Hosts',
  plans: 'Plans',
  withoutLink: (n: number) => `${n} without link`,
  noHostAt: (site: string) => `No host at ${site}`,
  noHostWithoutSite: 'Every host has a site',
  hostSaysSite: 'A host says itself at which site it stands.',
  wholeFleet: 'The whole fleet',
  noHost: 'No host yet',
  /** Words between backticks are shown as code. */
  noHostHelp:
    'This tab manages hosts it is paired with. On a host, `smps-agent pair` prints a pairing link: open it, or paste it here.',
  keyMade: 'Your operator key was made in this browser just now and never leaves it.',
  selectionGone: 'What was selected is not there any more.',

  plainHttp: 'This page came over plain http',
  plainHttpHelp:
    'Your messages are still sealed, but the browser offers no safe place for your key, and someone between you and the gateway could alter this very page. Open it over https or on localhost.',
  untilThen: (advice: string) => `${advice} Until then everything works, but is forgotten when this tab closes.`,
  openingKey: 'Opening the operator key',

  unloaded:
    'Part of this app could not be loaded: its gateway does not answer, or has another version of it by now. Reload the page when the gateway answers.',

  notFound: 'Not found',
  broke: 'Something broke',
  nothingHere: 'There is nothing at this address',
  oldLink: 'The link may be old.',
  reload: 'Reloading the page helps most of the time; the browser’s console says more.'
};
