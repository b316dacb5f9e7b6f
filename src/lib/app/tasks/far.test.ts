import { expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import type { Host, Progress } from '../../model/fleet.ts';
import { commandId } from '../../model/ids.ts';
import { percent } from '../../model/units.ts';
import { farOf } from './far.ts';

const ID = commandId('11111111-2222-4333-8444-555555555555');
const PROGRESS: Progress = {
  command: ID,
  stage: 'moving',
  percent: percent(77),
  remaining: null,
  rate: null,
  pass: null
};
const host = (link: Host['link']): Host => ({ ...aHost('n1', []), link, progress: new Map([[ID, PROGRESS]]) });

test.each([
  ['online', false],
  ['offline', true],
  ['connecting', true]
] as const)('what a host said that is %s is stale: %s', (link, stale) => {
  expect(farOf(host(link), ID)).toEqual({ ...PROGRESS, stale });
});

test('of what nobody has told nothing is known', () => {
  expect(farOf({ ...host('online'), progress: new Map() }, ID)).toBeNull();
  expect(farOf(null, ID)).toBeNull();
});
