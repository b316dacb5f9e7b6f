// Where a VM should run: which hosts can have it, what each would cost, and what stands in the way.
import type { Obstacle } from '../../plan/review/explain.ts';
import type { Term } from '../../plan/cost/terms.ts';
import { plural } from '../plural.ts';

const many = plural('en');

export const place = {
  term: {
    cpu: 'CPU',
    memory: 'Memory',
    diskIo: 'Disk I/O',
    net: 'Network',
    balance: 'Balance',
    power: 'Power',
    move: 'Move',
    copy: 'Copying',
    disturbance: 'Disturbance',
    resize: 'Resize',
    withheld: 'Withheld CPU'
  } satisfies Record<Term, string>,
  termMeaning: {
    cpu: 'CPU load above the safety level of the host',
    memory: 'Memory given out above the safety level of the host',
    diskIo: 'Disk traffic above the safety level of the host',
    net: 'Network traffic above the safety level of the host',
    balance: 'Free memory without CPU to go with it, or the reverse',
    power: 'What a host draws because something runs on it',
    move: 'The risk of moving a VM at all',
    copy: 'What a move copies, dearer between sites',
    disturbance: 'VMs that serve together and are moved at once',
    resize: 'Changing the size of a running VM',
    withheld: 'What caps keep from VMs whose tags say that they yield'
  } satisfies Record<Term, string>,
  cost: 'Cost',
  costMeaning: 'Points the fleet would cost more with the VM there; 100 is a whole host of CPU above its safety level.',
  tableOf: (vm: string) => `What each host would cost ${vm}, and why some cannot have it`,
  here: 'here',
  cannot: 'cannot',
  restIsNone: 'Terms that are 0 for every host are left out.',
  showAll: (n: number) => `Show all ${n} hosts`,

  vcpus: (n: number) => many(n, { one: '# vCPU', other: '# vCPUs' }),
  short: {
    vcpus: (amount: string, share: string) => `${amount} too few (${share} of the host)`,
    memory: (amount: string, share: string) => `${amount} of memory too little (${share} of the host)`,
    disk: (amount: string, share: string) => `${amount} of disk space too little (${share} of the host)`
  },
  obstacle: {
    unsuited: (reason: string) => `does not suit: ${reason}`,
    rule: (reason: string) => reason,
    offline: (reason: string) => reason,
    maintenance: 'the host is in maintenance'
  } satisfies Record<Exclude<Obstacle['kind'], 'room'>, unknown>,
  wouldHelp: (changes: string) => `Would help: ${changes}.`,
  change: {
    vcpus: (amount: string) => `${amount} fewer, or freed there`,
    memory: (amount: string) => `${amount} less memory, or freed there`,
    disk: (amount: string) => `${amount} less disk, or freed there`,
    unsuited: 'giving the host what is missing, or choosing otherwise for the VM',
    rule: 'moving the VM the rule speaks of, or another tag',
    offline: 'a link to the host',
    maintenance: 'ending its maintenance'
  },
  and: ', and ',

  hereBest: (host: string, cost: string, next: string, nextCost: string) =>
    `${host} costs ${cost}, the next best, ${next}, ${nextCost}.`,
  mostly: (term: string, points: string) => `Most of the difference is ${term}: ${points}.`,
  hereDearer: (host: string, cost: string, best: string, bestCost: string) =>
    `${host} costs ${cost}; ${best} would cost only ${bestCost}.`,
  hereOnly: (host: string) => `Only ${host} can have it.`,
  best: (host: string, cost: string) => `${host} is the cheapest: ${cost}.`,
  nobody: 'No host can have it.',
  nearest: (host: string) => `${host} comes nearest.`,
  /** A whole sentence of what stands in the way there. */
  missing: (obstacle: string) => `${obstacle}.`,

  how: 'How the host is chosen',
  byHand: 'By hand',
  placed: 'Place it',
  scheduler: 'Scheduler',
  ranking: 'Asking the scheduler…',
  waiting: (scheduler: string) =>
    `Waiting for ${scheduler} to rank the hosts. It is given up if it stays silent; you can also choose yourself.`,
  byHandNow: 'Choose by hand now',
  ranked: 'Hosts by rank',
  score: 'Score',
  scoreOf: (score: string, host: string) => `${score} of 100 for ${host}`,
  noScheduler: 'No scheduler is in use.',
  noSchedulerHelp: 'Switch one on among the plugins, or choose the host by hand.',
  toPlugins: 'Plugins',
  costs: (points: string) => `costs ${points}`,
  most: (term: string, points: string) => `${term} ${points}`,
  noneCan: 'The scheduler finds no host for it.',
  othersCannot: (n: number) => many(n, { one: '# host cannot have it', other: '# hosts cannot have it' }),
  whyThis: 'Why this host?',
  whyNotThere: 'Why not there?',
  whyTitle: (vm: string) => `Why this host for ${vm}`,
  newVm: 'the new VM',
  schedulerFailed: 'The scheduler gave no answer. Choose another one, or the host by hand.',
  each: 'Each gets its host',
  on: (host: string, n: number) => `${host} (${n})`,
  unplaced: (n: number) =>
    many(n, { one: 'No host has room for # of them.', other: 'No host has room for # of them.' }),
  spreadOver: (vms: number, hosts: number) =>
    `${many(vms, { one: '# VM', other: '# VMs' })} on ${many(hosts, { one: '# host', other: '# hosts' })}`,
  unreadable: 'What is to be mended in the form comes first: a scheduler needs the sizes.',

  placement: 'Placement',
  whyHere: 'Why here',
  held: (reason: string) => `No plan moves it: ${reason}.`,
  asOf: 'As the fleet is at this moment, by what things cost under Plans.',
  again: 'Look again',

  /** Tags that say where a VM may be. */
  tags: {
    title: 'Tags that place VMs',
    meaning: 'Tags are words of your choice. These also tell schedulers and plans where VMs may be:',
    rule: {
      apart: 'no two VMs with it on one host',
      spread: 'VMs with it are at two sites at least, or at three',
      near: 'all of them at one site',
      together: 'all of them on one host',
      needs: 'at its site there is a VM with the tag gives:dns',
      gives: 'is what VMs with needs:dns look for',
      only: 'only on this host, only at this site; with several, on one of them',
      not: 'not on this host, not at this site',
      pin: 'no plan moves it',
      pinUntil: 'no rebalancing moves it before that minute (UTC)',
      yields: 'a plan may cap it while its host is too busy, down to half of what its vCPUs could use, or to 30 %'
    },
    names: 'The name behind the colon is yours; on and not-on take the name or the id of a host.',
    odd: (tags: string) =>
      `“${tags}” looks like a rule for placing VMs and cannot be read as one, so it would do nothing. A name must follow the colon; spread may end in a number from 2 to 100, yields in one from 1 to 99.`
  }
};
