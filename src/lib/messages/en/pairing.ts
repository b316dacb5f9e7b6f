// Adding hosts: pairing links, check numbers; and the passphrase of the key where the browser has no safe place for it.
import { figure } from '../plural.ts';
import { common } from './common.ts';

export const pairing = {
  pairingWith: (done: number, hosts: number) => `Pairing: ${figure(done)} of ${common.hosts(hosts)} done…`,
  pairedWith: (hosts: number) => `Paired with ${common.hosts(hosts)}.`,
  pairedOf: (paired: number, hosts: number) => `${paired} of ${common.hosts(hosts)} paired.`,
  compare:
    'Compare each check number with the one the host printed: if they are the same, nobody stands between you and it.',
  theyAreTheSame: 'They are the same: to the fleet',
  addAnother: 'Add another host',
  offered: (count: string, hosts: string) =>
    `The link you opened offers ${count}: ${hosts}. It was taken out of the address bar; it works once.`,
  andMore: (hosts: number) => ` and ${figure(hosts)} more`,
  /** Words between backticks are shown as code. */
  howTo: 'On the host, `smps-agent pair` prints a pairing link. Paste it here, or just open it.',
  linkOrTickets: 'Pairing link or tickets',
  oneOrSeveral: 'One or several, on lines of their own or with commas between.',
  forHosts: (hosts: string) => `For ${hosts}`,
  yourName: 'Your name for the hosts’ journals',
  yourNameHelp: 'Everyone who manages the host sees it beside what you did.',
  anotherGateway: 'Another gateway',
  gatewayAddress: 'Gateway address',
  gatewayEmpty: (url: string) => `Empty: ${url}`,
  pair: (hosts: number) => (hosts > 1 ? `Pair with ${common.hosts(hosts)}` : 'Pair'),
  yourKey: (number: string) => `Each host learns your key ${number}; its private half stays here.`,

  step: {
    waiting: 'waits its turn',
    pairing: 'sealing a link, proving the code…',
    paired: 'paired and sealed',
    failed: 'failed'
  },
  checkNumber: 'check number',
  checkNumberOf: (host: string) => `Check number of ${host}`,
  differs: 'It differs: forget',

  makeKey: 'Make your operator key',
  openKey: 'Open your operator key',
  makeKeyHelp:
    'Hosts will know you by a key that is made in this browser. This page came over plain http, so the browser offers no safe place for it: it is kept sealed by a passphrase instead.',
  openKeyHelp: 'Your key is kept in this browser, sealed by the passphrase you chose.',
  passphrase: 'Passphrase',
  passphraseHelp: (least: number) => `At least ${least} characters; nobody can reset it.`,
  passphraseShort: (least: number) => `At least ${least} characters.`,
  onceMore: 'Once more',
  differ: 'The two differ.',
  oneMoment: 'One moment…',
  make: 'Make the key',
  better:
    'Better: open this page over https or on localhost. On plain http, whoever sits between you and the gateway could alter this very page.'
};
