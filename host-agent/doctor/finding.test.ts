import { expect, test } from 'vitest';
import { fail, ok, report, warn, worst } from './finding.ts';

const fine = ok('node', 'Node 24');
const odd = warn('clock', 'it drifts', 'keep it');
const bad = fail('port', 'it is taken', 'choose another');

test('the worst of several counts, and nothing found is in order', () => {
  expect(worst([])).toBe('ok');
  expect(worst([fine, odd])).toBe('warn');
  expect(worst([odd, bad, fine])).toBe('fail');
});

test('a report has a line for each, what to do below it, and how many there are of each kind', () => {
  expect(report([fine, odd, bad]).split('\n')).toEqual([
    'ok    node       Node 24',
    'warn  clock      it drifts',
    '                 → keep it',
    'fail  port       it is taken',
    '                 → choose another',
    '',
    '1 in order, 1 to look at, 1 to mend'
  ]);
});
