import { expect, test } from 'vitest';
import { aFleet, aHost, maintained } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Activity, Host } from '../../model/fleet.ts';
import { Watch } from './hindrance.ts';

const CALM = 100;
const [a, b] = [aHost('a', [aVm(1)]), aHost('b')];
/** After both have been as they are for long. */
function watching(): (hosts: readonly Host[], at: number) => unknown {
  const watch = new Watch();
  watch.look(aFleet(a, b), 0, CALM);
  return (hosts, at) => watch.look(aFleet(...hosts), 1_000 + at, CALM);
}

test('a fleet that stands still is judged, whatever its loads', () => {
  const look = watching();
  expect(look([a, b], 0)).toBeNull();
  expect(look([{ ...a, load: null }, b], 1)).toBeNull();
});

test('links that were just lost or made keep it from being judged, a host that stays away does not', () => {
  const look = watching();
  const away: Host = { ...b, link: 'offline' };
  expect(look([a, away], 0)).toBe('unsteady');
  expect(look([a, away], CALM - 1)).toBe('unsteady');
  expect(look([a, away], CALM)).toBeNull();
  expect(look([a, { ...b, link: 'connecting' }], 10 * CALM)).toBe('unsteady');
});

test('so do maintenance that was just begun or ended, and VMs that move', () => {
  const look = watching();
  expect(look([a, maintained(b)], 0)).toBe('maintenance');
  expect(look([a, maintained(b)], CALM)).toBeNull();
  expect(look([a, b], CALM + 1)).toBe('maintenance');
  expect(look([aHost('a', [aVm(1, { state: 'moving' })]), b], 10 * CALM)).toBe('in-motion');
  const sends = { op: 'vm.migrate', status: 'running' } as Activity;
  expect(look([{ ...a, activity: [sends] }, b], 11 * CALM)).toBe('in-motion');
  expect(look([{ ...a, activity: [{ ...sends, status: 'done' }] }, b], 12 * CALM)).toBeNull();
});
