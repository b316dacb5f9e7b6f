// What is said of a run: how far it is, what happened, and why something is not undone. Pure.
import type { Messages } from '#lib/messages/messages.ts';
import { faultMessage } from '#lib/messages/fault-words.ts';
import { reasonWords } from '#lib/messages/reason-words.ts';
import type { Outlook } from '#lib/plan/made/outlook.ts';
import { isCancelled, type Logged, type Progress } from '#lib/plan/made/progress.ts';
import type { NotUndone } from '#lib/plan/made/undo.ts';
import { formatDuration } from '../format.ts';
import { staleWords } from './plan-words.ts';

/** “3 of 12 done, about 4 min left”. */
export function farWords(m: Messages, { done, of, left }: Outlook): string {
  const { planRun } = m;
  // To the half minute: it is no promise.
  const rough = left === null ? 0 : left > 60_000 ? Math.ceil(left / 30_000) * 30_000 : Math.ceil(left / 5_000) * 5_000;
  return left === null ? planRun.far(done, of) : planRun.farAndLeft(done, of, formatDuration(m, rough));
}

/** Why a step was not done; empty where it was. */
export function whyWords(m: Messages, { fault, change, lacks }: Progress): string {
  if (fault !== null) return faultMessage(m, fault);
  if (change !== null) return staleWords(m, change);
  return lacks === null ? '' : reasonWords(m, lacks);
}

export function loggedWords(m: Messages, { what, progress }: Logged): string {
  const { planRun } = m;
  if (what !== 'step' && what !== 'seen') return planRun.logged[what];
  if (progress !== null && isCancelled(progress)) return planRun.standing.cancelled;
  const state = progress?.state ?? 'waiting';
  return what === 'seen' ? planRun.seen[state] : planRun.state[state];
}

export const notUndoneWords = (m: Messages, { why }: NotUndone): string =>
  typeof why === 'string' ? m.planRun.notUndone[why] : staleWords(m, why);
