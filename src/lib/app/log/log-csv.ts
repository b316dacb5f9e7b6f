// Activity as CSV. The names of the columns, kinds, outcomes and operations are the same in every language, and instants are
// ISO 8601 in UTC: what reads such files (a spreadsheet shared between operators, a script) must not depend on who saved it.
// Titles, outcomes in words and reasons are as they are shown.
import { printCsv } from './csv.ts';
import { tookOf, type LogRow } from './row.ts';

const COLUMNS = [
  'kind',
  'outcome',
  'operation',
  'title',
  'reason',
  'host_id',
  'host',
  'vm_id',
  'vm',
  'operator',
  'journal',
  'command',
  'started',
  'ended',
  'seconds',
  'note'
];

/** @param now until which what still runs has taken */
export const logCsv = (rows: readonly LogRow[], now: number): string =>
  printCsv([
    COLUMNS,
    ...rows.map((row) => {
      const took = tookOf(row, now);
      return [
        row.kind,
        row.status,
        row.op,
        row.title,
        row.words,
        row.host,
        row.hostName,
        row.vm,
        row.vmName,
        row.who,
        row.number === null ? null : String(row.number),
        row.command,
        new Date(row.startedAt).toISOString(),
        row.endedAt === null ? null : new Date(row.endedAt).toISOString(),
        took === null ? null : (took / 1000).toFixed(3),
        row.note
      ];
    })
  ]);
