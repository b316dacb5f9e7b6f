// Load over time: ranges, the lines of the charts, what is missing.
import { plural } from '../plural.ts';
import { common } from './common.ts';

const many = plural('en');

export const charts = {
  range: 'Time shown',
  span: {
    '15m': common.time.minutes(15),
    '1h': common.time.hours(1),
    '6h': common.time.hours(6),
    '24h': common.time.hours(24)
  },
  live: 'Live',
  silent: 'No figures of now',
  stretch: (from: string, to: string) => `${from} to ${to}`,
  back: 'Back to the whole',
  keys: 'Drag to look closer; a double click goes back. Left and right arrow keys move the crosshair, + looks closer, − goes back.',
  now: 'now',
  mean: 'mean',
  peak: 'Peak',
  read: 'Read',
  written: 'Written',
  received: 'In',
  sent: 'Out',

  coming: 'Asking for what the host remembers',
  comingOf: (n: number) => many(n, { one: 'Still asking # host.', other: 'Still asking # hosts.' }),
  nothing: 'Nothing is known of this time. Hosts remember one day.',
  noFigure: 'This figure is not known here.',
  older: 'The agent of this host is older than load history: the charts begin when this tab was opened.',
  missing: (n: number) =>
    many(n, {
      one: 'The past of # host is not in these charts: it could not be asked.',
      other: 'The past of # hosts is not in these charts: they could not be asked.'
    }),
  again: 'Try again',

  figures: (chart: string) => `${chart}, of the time shown`,
  line: 'Line',
  last: 'Last',
  least: 'Least',
  most: 'Greatest'
};
