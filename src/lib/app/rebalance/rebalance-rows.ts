// Decisions of the rebalance loop as lines of activity: of rounds decided alike in a row one line. Pure.
import type { Messages } from '#lib/messages/messages.ts';
import type { HostId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';
import { stretches, whyWords } from '#lib/ui/plan/rebalance-words.ts';
import type { LogRow } from '../log/row.ts';
import type { Round } from './round-store.ts';

/** Newest first. @param least points that a plan has to save */
export const rebalanceRows = (m: Messages, rounds: readonly Round[], least: number): readonly LogRow[] =>
  stretches(rounds).map(({ round, since }) => ({
    id: `browser/${since}`,
    kind: 'browser',
    status: 'seen',
    title: m.rebalance.activity(m.rebalance.is[round.decision.is]),
    words: whyWords(m, round, least),
    advice: '',
    summary: null,
    host: '' as HostId,
    hostName: '',
    vm: null,
    vmName: null,
    op: null,
    who: m.rebalance.by,
    operator: null,
    number: null,
    note: null,
    command: null,
    startedAt: since as Millis,
    endedAt: round.at as Millis,
    progress: null
  }));
