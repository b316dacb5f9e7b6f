import { expect, test } from 'vitest';
import { millis } from '../../src/lib/model/units.ts';
import { AgentLab } from '../../tests/support/agent-lab.ts';
import type { Stats } from '../drivers/driver.ts';
import { simulatedDriver } from '../drivers/simulated/driver.ts';
import { LoadReader } from './reader.ts';
import { silent } from '../log.ts';

const VMS = [{ name: 'web-1', vcpus: 2, memory: 128, state: 'running', disks: [], nics: 0 }] as const;

/** Resolves with the next readings, whoever wants them. */
function reading(watchedEvery: number, idleEvery: number) {
  const driver = simulatedDriver({ speed: null, vms: VMS });
  let took: (stats: Stats) => void = () => undefined;
  const onStats = (stats: Stats): void => took(stats);
  const reader = new LoadReader({
    driver,
    log: silent,
    watchedEvery,
    idleEvery,
    onStats,
    calm: () => Promise.resolve()
  });
  return { driver, reader, next: () => new Promise<Stats>((resolve) => (took = resolve)) };
}

test('loads are read while nobody watches, and a hypervisor that is away for a while does not end that', async () => {
  const { driver, reader, next } = reading(1_000_000, 5);
  expect((await next()).vms).toHaveLength(1);
  driver.behind.down('away');
  const later = next();
  setTimeout(() => driver.behind.down(null), 30);
  expect((await later).vms).toHaveLength(1);
  reader.close();
});

test('who begins to watch need not wait for the slow rhythm', async () => {
  const { reader, next } = reading(5, 1_000_000);
  reader.watched(true);
  expect((await next()).vms).toHaveLength(1);
  reader.close();
});

test('the history outlives the agent, is asked for by any viewer, and says what it does not know', async () => {
  const lab = await AgentLab.open({ vms: VMS }, true);
  const link = await lab.as('viewer');
  const { id } = await lab.vm();
  await link.run('host.watch', { keptNumber: null, loadEvery: null });
  await link.until(() => link.events.some(({ vmLoads }) => vmLoads.some(({ cpu }) => cpu !== null)));
  const asked = { from: millis(lab.now() - 60_000), to: millis(lab.now() + 1), points: 7 };
  const { history } = await link.run('load.history', { vm: id, ...asked });
  expect(history).toMatchObject({ vm: id, step: 10_000, netReceive: expect.anything() as unknown });
  expect(history?.cpu?.at(0)).toBeNull();
  expect((await link.run('load.history', { vm: null, ...asked })).history?.memoryUsed?.at(-1)).toBeGreaterThan(0);
  const nobody = '00000000-0000-4000-8000-000000000000' as typeof id;
  const refused = await link.run('load.history', { vm: nobody, ...asked });
  expect(refused).toMatchObject({ status: 'refused', fault: { code: 'not-found' }, history: null });
  const backwards = await link.run('load.history', { vm: null, from: asked.to, to: asked.from, points: 7 });
  expect(backwards).toMatchObject({ status: 'refused', fault: { code: 'bad-argument' } });

  await lab.core.stop(0);
  const next = await lab.afterKill();
  const again = await next.link(link.operator).run('load.history', { vm: id, ...asked });
  expect(again.history?.cpu?.some((value) => value !== null)).toBe(true);
  await next.close();
  await lab.close();
});
