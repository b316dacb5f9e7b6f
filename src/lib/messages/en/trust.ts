// The operator's key, what is kept where, and what this page cannot protect from.
import { common } from './common.ts';

export const trust = {
  yourKey: 'Your operator key',
  yourNumber: 'Number of your operator key',
  keyHelp: 'Hosts know you by this key. Compare the number with what a host’s admin sees in its list of operators.',
  keySealed: 'It is kept in this browser, sealed by your passphrase (PBKDF2, AES-256-GCM).',
  keyNative:
    'The private half was made in this browser and cannot leave it: no page, not even this one, can read it. Another browser is another operator; an admin of the host invites it.',
  pairedHosts: 'Paired hosts',
  hostKey: 'Host key',
  seal: 'Seal',
  yourRole: 'Your role',
  gateway: 'Gateway',
  journal: 'Journal',
  paired: 'Paired',
  forget: 'Forget',
  forgetName: (name: string) => `Forget ${name}`,
  forgetTitle: (name: string) => `Forget ${name}?`,
  forgetHelp:
    'This browser drops the host and its key. The host still knows your key: an admin there can revoke it. Coming back takes a new pairing.',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' } satisfies Record<
    'system' | 'light' | 'dark',
    string
  >,
  language: 'Language',
  languageOfSystem: 'As the system',
  about: 'About',
  aboutWhat:
    'SMPS-VMM: one browser tab over many hypervisor hosts. Your browser is the manager; each host runs a light agent; the gateway in between can relay, drop or delay, but never read, forge or replay.',
  aboutSeal:
    'Every command is sealed in this browser and opened only by the host’s agent, which decides by your key what you may do, and keeps a journal of it. Apache-2.0.',

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

  build: 'This build',
  version: 'Version',
  buildHash: 'SHA-256 of the page',
  buildHelp:
    'Of the page as it is served now; it names every script by a hash of its content. On a machine you trust, build the same version and compare: `npm run build && sha256sum build/index.html`. Worth doing where the gateway that serves the page is not yours.',
  buildUnknown: 'The page could not be fetched to take its hash.',
  copyHash: 'Copy the hash',
  repair: 'Pair again',
  repairHelp: 'A new pairing link of the same host replaces this pairing; the host key is compared.'
};
