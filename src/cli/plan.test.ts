import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, aHost } from '../../tests/support/a-fleet.ts';
import { aVm } from '../../tests/support/fake-host.ts';
import { mib, millis, percent, vcpus } from '../lib/model/units.ts';
import { DEFAULT_WEIGHTS } from '../lib/plugin/weights.ts';
import { plan, sizesOf, weightsOf } from './plan.ts';
import type { PlanRequest } from './plan.ts';

const dir = mkdtempSync(join(tmpdir(), 'smps-plan-test-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** Eight busy VMs on a host of eight CPUs, and an idle host. */
const vms = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => aVm(n, { vcpus: vcpus(1), memory: mib(256) }));
const load = (cpu: number) => ({
  at: millis(1),
  cpu: percent(cpu),
  memoryUsed: mib(100),
  diskRead: null,
  diskWrite: null,
  netReceive: null,
  netTransmit: null
});
const fleet = aFleet(
  aHost('busy', vms, { vmLoads: new Map(vms.map(({ id }) => [id, { vm: id, ...load(95) }])), load: { ...load(95) } }),
  aHost('idle', [aVm(9, { state: 'off' })], { load: { ...load(0) } })
);

async function planned(request: Partial<PlanRequest>, of = fleet) {
  const lines: string[] = [];
  const status = await plan(
    of,
    {
      scheduler: 'plugins/schedulers/min-cost.ts',
      leave: [],
      off: false,
      resizes: [],
      seconds: 1,
      seed: 1,
      weights: DEFAULT_WEIGHTS,
      json: true,
      ...request
    },
    { out: (line) => lines.push(line), err: () => undefined },
    new AbortController().signal
  );
  return { status, lines };
}

/** A scheduler whose `propose` has that body. */
function schedulerFile(name: string, body: string): string {
  const manifest = { id: name, version: '1.0.0', api: 1, title: name, description: 'For a test.' };
  const file = join(dir, `${name}.mjs`);
  writeFileSync(file, `export default { manifest: ${JSON.stringify(manifest)}, propose(fleet, intent) { ${body} } };`);
  return file;
}

describe('smps plan', () => {
  it('prints one object: costs term by term, and steps in order, each with what it waits for', async () => {
    const { status, lines } = await planned({});
    const report = JSON.parse(lines.join('\n')) as {
      cost: { before: { cpu: number; total: number }; after: { cpu: number; total: number } };
      steps: { kind: string; from: string; to: string; vm: { name: string } }[];
    };
    expect(status).toBe(0);
    expect(report.cost.before.cpu).toBeGreaterThan(0);
    expect(report.cost.after.total).toBeLessThan(report.cost.before.total);
    expect(report.steps.length).toBeGreaterThan(0);
    expect(report.steps.every(({ kind, from, to }) => kind === 'move' && from === 'busy' && to === 'idle')).toBe(true);
  });

  it('empties hosts by name, and says it in a table for people', async () => {
    const { lines } = await planned({ leave: ['busy'], json: false });
    expect(lines.find((line) => line.startsWith('8 steps,'))).toContain('nothing was moved');
  });

  it('resizes a VM in place, and refuses one that is not there or was not made for that', async () => {
    const { lines } = await planned({ resizes: [{ vm: aVm(1).name, vcpus: 1, memory: 300 }] });
    const { steps } = JSON.parse(lines.join('\n')) as { steps: unknown[] };
    expect(steps).toMatchObject([{ kind: 'resize', on: 'busy', vcpus: 1, memory: 300, after: [] }]);
    for (const size of [
      { vm: 'none', vcpus: 1, memory: 300 },
      { vm: aVm(1).name, vcpus: 99, memory: 300 }
    ])
      await expect(planned({ resizes: [size] })).rejects.toMatchObject({ code: 'usage' });
  });

  it('caps a VM that yields and may not move, and caps no other', async () => {
    const pinned = vms.map((vm, n) => ({
      ...vm,
      cpuShare: { weight: 256, cap: null },
      tags: n === 0 ? ['pin', 'yields'] : ['pin']
    }));
    const host = aHost('busy', pinned, { vmLoads: new Map(vms.map(({ id }) => [id, { vm: id, ...load(95) }])) });
    const able = { name: 'cpu-share', live: true, means: 'cgroups', reason: null } as const;
    const one = aFleet({ ...host, facts: host.facts && { ...host.facts, capabilities: [able] } });
    const { lines } = await planned({}, one);
    const { steps, cost } = JSON.parse(lines.join('\n')) as { steps: unknown[]; cost: { after: { withheld: number } } };
    expect(steps).toMatchObject([{ kind: 'share', on: 'busy', weight: 256, cap: 50, vm: { name: aVm(1).name } }]);
    expect(cost.after.withheld).toBeGreaterThan(0);
    const table = (await planned({ json: false }, one)).lines;
    expect(table.find((line) => line.includes('cap 50 %'))).toContain('weight 256');
    const scheduler = schedulerFile('caps', 'return { moves: [], shares: [{ vm: 1, weight: 256, cap: 50 }] };');
    await expect(planned({ scheduler }, one)).rejects.toMatchObject({
      code: 'plugin-failed',
      message: expect.stringContaining('its tags do not say yields') as string
    });
  });

  it('reads sizes strictly', () => {
    expect(sizesOf('db-1=4,2048; web=1,512')).toEqual([
      { vm: 'db-1', vcpus: 4, memory: 2048 },
      { vm: 'web', vcpus: 1, memory: 512 }
    ]);
    for (const wrong of ['db-1', 'db-1=4', 'db-1=0,512', 'db-1=1,2G', '=1,2'])
      expect(() => sizesOf(wrong)).toThrow('--resize');
  });

  it('empties hosts of what is off only when that is asked for', async () => {
    const steps = async (off: boolean): Promise<string[]> => {
      const { lines } = await planned({ leave: ['idle'], off, scheduler: 'plugins/schedulers/evacuate.ts' });
      const report = JSON.parse(lines.join('\n')) as { steps: { to: string; vm: { name: string } }[] };
      return report.steps.map(({ to, vm }) => `${vm.name} to ${to}`);
    };
    expect(await steps(false)).toEqual([]);
    expect(await steps(true)).toEqual(['vm9 to busy']);
  });

  it('refuses a host that is not there, a scheduler that is not there', async () => {
    await expect(planned({ leave: ['none'] })).rejects.toMatchObject({ code: 'usage' });
    await expect(planned({ scheduler: 'none' })).rejects.toMatchObject({ code: 'usage' });
  });

  it('refuses what may not be, whatever the scheduler says', async () => {
    const scheduler = schedulerFile('liar', 'return { moves: [{ vm: 0, host: 7 }] };');
    await expect(planned({ scheduler })).rejects.toMatchObject({
      code: 'plugin-failed',
      message: expect.stringContaining('there is no host 7') as string
    });
  });

  it('ends a scheduler that goes on when its time is over', async () => {
    const scheduler = schedulerFile('loops', 'for (;;);');
    await expect(planned({ scheduler })).rejects.toMatchObject({ code: 'plugin-failed' });
  });
});

describe('weights in words', () => {
  it('keep their defaults where nothing is said', () => {
    expect(weightsOf('')).toEqual(DEFAULT_WEIGHTS);
    expect(weightsOf('cpu=7,power=0.5')).toEqual({ ...DEFAULT_WEIGHTS, cpu: 7, power: 0.5 });
  });

  it.each(['cpu', 'cpu=', 'cpu=-1', 'cpu=x', 'watts=1', 'cpu=10001'])('%s is refused', (text) => {
    expect(() => weightsOf(text)).toThrow(expect.objectContaining({ code: 'usage' }) as Error);
  });
});
