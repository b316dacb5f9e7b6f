import { expect, test, vi } from 'vitest';
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

test('a tab that nobody sees, which gets no frames, knows the fleet as it is all the same', async () => {
  const frames = vi.spyOn(window, 'requestAnimationFrame').mockReturnValue(0);
  try {
    const view = new FleetView(() => undefined);
    view.begin(linked('online', 'online'));
    for (const state of ['offline', 'online'] as const) {
      const fleet = linked('online', state);
      view.show(linked('offline', 'offline'));
      view.show(fleet);
      await expect.poll(() => view.whole, { timeout: 5_000 }).toBe(fleet);
    }
  } finally {
    frames.mockRestore();
  }
});
