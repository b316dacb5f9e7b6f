// A plan that is run: its limits, how far it is, what happened, and the way back.
import type { Logged, Progress } from '../../plan/made/progress.ts';
import type { Standing } from '../../plan/made/standing.ts';
import type { NotUndone } from '../../plan/made/undo.ts';
import { plural } from '../plural.ts';

const many = plural('en');

export const planRun = {
  run: (n: number) => many(n, { one: 'Run # step that can run', other: 'Run # steps that can run' }),
  goOn: (n: number) => many(n, { one: 'Continue with # step', other: 'Continue with # steps' }),
  pause: 'Pause',
  pauseHelp: 'What runs goes on to its end; nothing more begins.',
  pausing: 'Pausing: waiting for what runs…',
  abort: 'Abort after the running steps',
  abortNow: 'Abort now',
  abortNowHelp: 'Moves under way are cancelled: those VMs stay where they are.',
  giveUp: 'Give up the rest',
  aborting: 'Aborting: waiting for what runs…',
  aborted: 'It was aborted. What was not begun stays undone; you can still continue.',
  elsewhere: 'It runs in another tab of this browser',
  elsewhereHelp: 'What happens is shown here too. When that tab is closed, the run can be continued here.',
  far: (done: number, of: number) => `${done} of ${of} done`,
  farAndLeft: (done: number, of: number, left: string) => `${done} of ${of} done, about ${left} left`,
  stands: (state: string, far: string) => `${state}: ${far}`,
  parts: (n: number) => many(n, { one: '# command', other: '# commands' }),
  partsOf: (n: number, name: string) => `${many(n, { one: '# command', other: '# commands' })} of ${name}`,
  progress: 'Progress of the plan',

  options: 'How it runs',
  moves: 'Moves at once',
  movesHelp: 'Of all hosts together.',
  perHost: 'At once for each host',
  perHostHelp: 'As source or target; more only share its disks and its line.',
  bandwidth: 'Bandwidth of each move, MiB/s',
  bandwidthHelp: 'Empty: as fast as it goes.',
  autoConverge: 'Slow guests down that write faster than can be copied',
  wholeNumber: (most: number) => `A whole number from 1 to ${most}.`,

  standing: {
    ready: 'can run',
    running: 'running',
    done: 'done',
    failed: 'failed',
    cancelled: 'aborted',
    stopped: 'not run',
    unknown: 'unknown, checking',
    planned: 'planned',
    waits: 'waits',
    'behind-planned': 'waits',
    'behind-failed': 'waits'
  } satisfies Record<Standing['is'], string>,
  unknownHelp: 'Nobody knows yet how it ended. It is found out as soon as both hosts tell where the VM is.',

  log: 'What happened',
  logHelp: 'By this browser, newest first. The journals of the hosts have the commands.',
  logTime: 'When',
  logStep: 'Step',
  logWhat: 'What',
  logged: {
    approved: 'approved',
    run: 'begun',
    paused: 'paused',
    aborted: 'aborted',
    ended: 'ended'
  } satisfies Record<Exclude<Logged['what'], 'step' | 'seen'>, string>,
  state: {
    waiting: 'waits again',
    running: 'began',
    done: 'done',
    failed: 'failed',
    stopped: 'not run',
    unknown: 'nobody knows how it ended'
  } satisfies Record<Progress['state'], string>,
  seen: {
    waiting: 'found where it was: it waits again',
    running: 'found under way',
    done: 'found done',
    failed: 'found not done',
    stopped: 'found not done',
    unknown: 'nobody knows how it ended'
  } satisfies Record<Progress['state'], string>,
  journal: (n: number) => `journal #${n}`,

  undo: 'Undo',
  undoHelp:
    'A plan of its own for the way back: moves, sizes and CPU shares, checked and ordered on the fleet as it is now. You approve it before anything runs.',
  undoWhat: (moves: number, sizes: number, shares: number) =>
    [
      moves > 0 ? many(moves, { one: '# VM goes back', other: '# VMs go back' }) : '',
      sizes > 0 ? many(sizes, { one: '# VM gets its old size', other: '# VMs get their old size' }) : '',
      shares > 0 ? many(shares, { one: '# VM gets its old CPU share', other: '# VMs get their old CPU share' }) : ''
    ]
      .filter(Boolean)
      .join(', '),
  undoNothing: 'Nothing that was done can be undone by a plan.',
  undoPlan: 'Plan the way back',
  notUndoneTitle: 'This stays as it is',
  notUndone: {
    started: 'it was started; shut it down yourself if it is not wanted',
    created: 'it was created; delete it yourself if it is not wanted',
    'at-next-boot': 'its new size only applies at its next boot; change it on its page',
    'share-kept': 'its tags let no plan give it the CPU share it had; change it on its page',
    'size-unknown': 'the size it had before was not kept'
  } satisfies Record<Extract<NotUndone['why'], string>, string>,
  undoes: 'This is the way back from another plan:',

  because: 'Because of',
  becauseOf: (name: string, step: number) => `Plan “${name}”, step ${step}`
};
