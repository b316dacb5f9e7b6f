// The rebalance loop: its levels and limits, what it saw, and why it did what it did.
import type { Decision, Hindrance } from '../../plan/rebalance/decide.ts';
import type { Level } from '../../plan/rebalance/settings.ts';
import { plural } from '../plural.ts';

const many = plural('en');

export const rebalance = {
  title: 'Rebalancing',
  help: 'This browser watches how evenly the hosts are used. When moving VMs would pay for a while, it says so, asks, or moves them itself. One of its tabs does it, as long as it is open.',
  level: 'What it may do',
  levels: { off: 'Off', advise: 'Advise', ask: 'Ask', act: 'Act' } satisfies Record<Level, string>,
  levelHelp: {
    off: 'Nothing is watched.',
    advise: 'Says when moving would pay, and keeps the plan for you to look at.',
    ask: 'Has the plan ready: it runs when you approve it.',
    act: 'Approves plans and runs them itself, within the limits below.'
  } satisfies Record<Level, string>,
  leads: 'This tab does it.',
  others: 'Another tab of this browser does it.',
  noLocks: 'It needs a page over TLS (or on localhost): without it, tabs cannot agree on one of them.',

  figures: 'When, and how much',
  every: 'A round every',
  everyHint: 'Seconds. Loads are averages over ten minutes.',
  rounds: 'Rounds in a row',
  roundsHint: 'In which moving must pay, before anything is proposed.',
  least: 'Saves at least',
  leastHint:
    'Points, as in plans: 100 are a whole host’s CPUs overloaded. An imbalance that was dealt with must grow by as much to be one again.',
  factor: 'Times what its moves cost',
  factorHint: 'How much more a plan must save than its moves cost.',
  coolDown: 'Rest after a run',
  coolDownHint: 'Minutes in which nothing is proposed.',
  movesPerHour: 'Moves an hour, unasked',
  movesPerHourHint: 'Beyond that it asks. Only for “Act”.',
  quiet: 'Quiet hours',
  quietHint: 'Between these times of this computer’s clock it asks instead of acting.',
  quietFrom: 'From',
  quietTo: 'To',
  range: (least: string, most: string) => `From ${least} to ${most}.`,
  usual: (text: string) => `Usually ${text}.`,

  now: 'How uneven',
  chart: 'Cost of the placement, round by round',
  chartText: (cost: string, cpu: string, memory: string) =>
    `Cost ${cost}; between the fullest and the emptiest host: CPU ${cpu}, memory ${memory}`,
  cost: 'Cost now',
  spreadCpu: 'CPU apart',
  spreadMemory: 'Memory apart',
  spreadHelp: 'Between the host that is used most and the one used least',
  threshold: 'below it nothing is proposed',
  noRounds: 'No round yet',
  noRoundsHelp: 'Switch it on above; the first round comes at once.',

  waits: (changes: string) => `A plan with ${changes} waits for you`,
  waitsHelp: (saves: string, costs: string) => `It saves ${saves} points; its moves cost ${costs}.`,
  look: 'Look at it',
  accept: 'Approve and run',
  dismiss: 'Not now',
  cannotAny: 'The fleet has changed: nothing of it can be done any more.',

  decisions: 'Decisions',
  decision: 'Decision',
  why: 'Why',
  when: 'When',
  times: (n: number) => many(n, { one: '# round', other: '# rounds' }),
  plan: 'Plan',
  by: 'rebalancing of this browser',
  is: {
    hindered: 'Did not look',
    balanced: 'Balanced',
    settled: 'Settled',
    standing: 'Waits for you',
    gone: 'Withdrawn',
    'no-better': 'No better placement',
    'too-dear': 'Not worth its moves',
    cooling: 'Rests',
    holds: 'Watches',
    propose: 'Proposed',
    run: 'Ran a plan'
  } satisfies Record<Decision['is'], string>,
  hindrance: {
    'few-hosts': 'fewer than two hosts are linked',
    'no-scheduler': 'no scheduler can be used (Settings, plugins)',
    'plan-runs': 'a plan is being run',
    'in-motion': 'VMs are moving',
    maintenance: 'a host has just entered or left maintenance',
    unsteady: 'links to hosts come and go, or are new',
    failed: 'the scheduler failed'
  } satisfies Record<Hindrance, string>,
  because: {
    'quiet-hours': 'Quiet hours: it asks.',
    'moves-per-hour': 'More moves than an hour may have: it asks.'
  } satisfies Record<Exclude<(Decision & { is: 'propose' })['because'], 'level'>, string>,
  whyBalanced: (cost: string, least: string) => `The placement costs ${cost} points; no plan can save ${least}.`,
  whySettled: (cost: string) => `It costs ${cost} points, as when it was last dealt with.`,
  whyStanding: 'A proposal has not been decided yet.',
  whyGone: 'The imbalance has gone by itself.',
  whyNoBetter: (cost: string) => `It costs ${cost} points, and no plan was found that saves enough.`,
  whyTooDear: (saves: string, moves: string, costs: string) =>
    `${moves} would save ${saves} points, and cost ${costs} themselves.`,
  whyCooling: (until: string) => `Until ${until}: loads have to settle after a run.`,
  whyHolds: (saves: string, moves: string, round: number, of: number) =>
    `${moves} would save ${saves} points: round ${round} of ${of}.`,
  whyPropose: (saves: string, moves: string, costs: string) => `${moves} would save ${saves} points and cost ${costs}.`,
  noticeProposed: (moves: string) => `Rebalancing: ${moves} would pay. See Plans, Rebalancing.`,
  noticeRuns: (moves: string) => `Rebalancing: ${moves} begun.`,
  noticeFailed: 'Rebalancing: the last round failed. See Plans, Rebalancing.',
  failed: (why: string) => `The last round failed, the next one comes as usual: ${why}`,
  activity: (decision: string) => `Rebalancing: ${decision}`
};
