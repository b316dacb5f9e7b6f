// The columns of a list of activity: what each is called and sorts by.
import { tookOf, type LogRow } from '#lib/app/log/row.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Column } from '../tables/columns.ts';

/** @param withHost false where only one host is meant @param withWho false where all is of one operator */
export function logColumns(
  m: Messages,
  withHost: boolean,
  withWho: boolean,
  now: () => number
): readonly Column<LogRow>[] {
  const { tasks, log, common } = m;
  const all: readonly Column<LogRow>[] = [
    { id: 'title', label: log.kind, key: (row) => row.title, width: 200, narrow: 150, shown: 'always' },
    {
      id: 'outcome',
      label: log.outcome,
      key: (row) => (row.status === 'seen' ? tasks.seen : tasks.status[row.status]),
      width: 150,
      shown: 'wide'
    },
    { id: 'who', label: log.by, key: (row) => row.who, width: 130, shown: withWho ? 'wide' : 'chosen' },
    { id: 'host', label: common.host, key: (row) => row.hostName, width: 120, shown: withHost ? 'wide' : 'chosen' },
    { id: 'number', label: log.journalNumber, key: (row) => row.number, width: 92, number: true, shown: 'wide' },
    { id: 'took', label: log.took, key: (row) => tookOf(row, now()), width: 92, number: true, shown: 'wide' },
    { id: 'at', label: log.at, key: (row) => row.startedAt, width: 120, narrow: 92, number: true, shown: 'always' }
  ];
  return all.filter(({ shown }) => shown !== 'chosen');
}
