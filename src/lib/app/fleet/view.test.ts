import { expect, test } from 'vitest';
import type { Fleet, LinkState } from '#lib/model/fleet.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { FleetView } from './view.svelte.ts';

const linked = (first: LinkState, second: LinkState): Fleet =>
  aFleet({ ...aHost('n1', []), link: first }, { ...aHost('n2', []), link: second });
const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

test('what a tab begins with is there before the first frame', () => {
  const fleet = linked('connecting', 'connecting');
  const view = new FleetView(() => undefined);
  view.begin(fleet);
  expect(view.whole).toBe(fleet);
  expect(view.hosts).toHaveLength(2);
});

test('hosts are shown at the next frame once the last that is linked to has answered, whatever it answered', async () => {
  for (const last of ['online', 'offline', 'refused'] as const) {
    const view = new FleetView(() => undefined);
    view.begin(linked('connecting', 'connecting'));
    view.show(linked('online', 'connecting'));
    const all = linked('online', last);
    view.show(all);
    await frame();
    expect(view.whole).toBe(all);
  }
});
