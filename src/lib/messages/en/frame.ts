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
  sealLinks: (sealed: number, hosts: number) =>
    sealed === hosts
      ? `Linked and sealed: ${common.hosts(hosts)}`
      : `Linked and sealed: ${sealed} of ${common.hosts(hosts)}`,
  gatewayCannot: 'The gateway in between cannot',
  gatewayCannotList: [
    'read a command, a reply, a VM’s name or a figure',
    'alter, replay or reorder anything unnoticed',
    'pose as a host, or as you'
  ],
  gatewayCan: 'It can',
  gatewayCanList: [
    'see which hosts this tab links to, when, and how much is sent',
    'delay or drop it all; the tab says so and tries again',
    'serve another page than this one, if it serves the page: compare the build in the settings'
  ],
  keysAndHosts: 'Keys, hosts and this build',
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
  keys: {
    filter: 'Filter hosts and VMs',
    enter: 'in the filter: go to the only match, or to the list',
    move: 'in the tree: move',
    fold: 'in the tree: fold, unfold',
    resize: 'on the edge of a panel: make it smaller or larger; Enter: as usual',
    createVm: 'Create a VM',
    tree: 'Show or fold the tree',
    details: 'Show or fold the details',
    tasks: 'Show or fold the tasks',
    escape: 'Close a dialog, clear the filter or the selection',
    help: 'This list'
  },

  createVm: 'Create a VM',
  createVmKey: 'Create a VM (c v)',
  noHostInTree: 'No host yet.',
  nothingMatches: 'Nothing matches the filter.',

  map: 'Map',
  vms: 'VMs',
  hosts: 'Hosts',
  withoutLink: (n: number) => `${n} without link`,
  noHostAt: (site: string) => `No host at ${site}`,
  hostSaysSite: 'A host says itself at which site it stands.',
  wholeFleet: 'The whole fleet',
  noHost: 'No host yet',
  /** Words between backticks are shown as code. */
  noHostHelp:
    'This tab manages hosts it is paired with. On a host, `smps-agent pair` prints a pairing link: open it, or paste it here.',
  keyMade: 'Your operator key was made in this browser just now and never leaves it.',
  selectionGone: 'What was selected is not there any more.',

  notFound: 'Not found',
  broke: 'Something broke',
  nothingHere: 'There is nothing at this address',
  oldLink: 'The link may be old.',
  reload: 'Reloading the page helps most of the time; the browser’s console says more.'
};
