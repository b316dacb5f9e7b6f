import { expect, test } from 'vitest';
import { columnsOf } from '../../../tests/support/a-columns.ts';
import type { Columns } from '../plugin/columns.ts';
import { openLane } from './courier.ts';
import type { Lane } from './courier.ts';
import { unpacked } from './parcel.ts';
import type { Parcel } from './parcel.ts';

type Plugin = { readonly lane: Lane; readonly port: MessagePort; readonly next: () => Promise<Columns> };

function aPlugin(): Plugin {
  const { port1, port2 } = new MessageChannel();
  const lane = openLane(port1);
  const next = (): Promise<Columns> =>
    new Promise((resolve) => {
      port2.onmessage = ({ data }: MessageEvent<Parcel>) => resolve(unpacked(data));
    });
  return { lane, port: port2, next };
}

/** Sends it and waits for what comes. */
async function got({ lane, next }: Plugin, columns: Columns): Promise<Columns> {
  const [there] = await Promise.all([next(), lane.send(columns)]);
  return there;
}

test('each plugin gets its fleets, large and small ones, whatever memory they were written into', async () => {
  const [one, other] = [aPlugin(), aPlugin()];
  const [large, small] = [columnsOf(100, 2_000), columnsOf(3, 6)];
  const kept = await got(one, large);
  expect(kept).toEqual(large);
  expect(await got(one, small)).toEqual(small);
  expect(await Promise.all([got(one, large), got(other, small)])).toEqual([large, small]);
  // What was given before is not written over.
  expect(await got(other, { ...large, moveMib: large.moveMib.map((mib) => mib + 1) })).not.toEqual(large);
  expect(kept).toEqual(large);
  one.lane.close();
  other.lane.close();
});

test('after the last plugin has gone the next one is served as the first was', async () => {
  for (const vms of [4, 5]) {
    const plugin = aPlugin();
    expect(await got(plugin, columnsOf(2, vms))).toMatchObject({ vms });
    plugin.lane.close();
  }
});

test('a plugin that answers where nothing is heard is cut off, and the others are not', async () => {
  const [good, bad] = [aPlugin(), aPlugin()];
  await got(bad, columnsOf(2, 3));
  let came = 0;
  bad.port.onmessage = () => (came += 1);
  bad.port.postMessage('much');
  // The courier hands on in order: so often in a row, and nothing came.
  let silent = 0;
  while (silent < 5) {
    const before = came;
    await bad.lane.send(columnsOf(2, 4));
    expect(await got(good, columnsOf(2, 5))).toMatchObject({ vms: 5 });
    silent = came === before ? silent + 1 : 0;
  }
  good.lane.close();
  bad.lane.close();
});
