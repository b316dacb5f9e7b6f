// VMs moving between two simulated hosts, through the same door, permits and streams as real ones.
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import type { SimulatedConfig, SampleVm } from '../../host-agent/drivers/simulated/config.ts';
import type { SimulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import type { Passage } from '../../host-agent/drivers/migration.ts';
import { UNATTENDED } from '../../host-agent/drivers/control.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import { migrationLab, watched } from '../support/migration-lab.ts';
import type { MigrationLab } from '../support/migration-lab.ts';
import { effectsOf, refusalOf, theVm } from './expect.ts';
import { aMoveThatFails, stays, volumesOf } from './moves.ts';
import type { Subject } from './subject.ts';

const MOVER: SampleVm = { name: 'mover', vcpus: 2, memory: 512, state: 'running', disks: [2_560, 640], nics: 2 };
const OFF: SampleVm = { ...MOVER, name: 'sleeper', state: 'off' };

type Simulated = Subject & { readonly driver: SimulatedDriver };
function subject(config: SimulatedConfig): Simulated {
  const driver = simulatedDriver({ speed: 20, storage: 65_536, ...config });
  const none = (): never => {
    throw new Error('not asked for here');
  };
  const of = { image: 'tiny-linux', pool: 'default', network: 'lan', tooMuch: 100_000, boot: 5_000, readInGuest: null };
  const guests = { sort: 'simulated', vcpus: 2, letters: 'vd', screen: true, up: null } as const;
  const behind = {
    pauseBehind: none,
    saveBehind: none,
    swapNicBehind: none,
    takeDaemonAway: none,
    sum: none,
    pasted: 0,
    printed: 0
  };
  return { driver, ...of, ...guests, ...behind, close: () => driver.close() };
}
const lab = async (vms: readonly SampleVm[], config: SimulatedConfig = {}): Promise<MigrationLab<Simulated>> => {
  const source = subject({ ...config, vms });
  for (const { id } of await source.driver.list()) await effectsOf(source.driver.setAutostart(id, true));
  return migrationLab(source, subject({ seed: 2 }));
};
const onlyOne = ({ source }: MigrationLab<Simulated>): VmId => {
  const [id] = source.driver.behind.vms();
  if (id === undefined) throw new Error('no VM');
  return id;
};

describe('a simulated guest that moves between two hosts', () => {
  let at: MigrationLab<Simulated>;
  beforeAll(async () => {
    at = await lab([MOVER]);
  });
  afterAll(() => at.close());

  aMoveThatFails({
    lab: () => at,
    id: () => onlyOne(at),
    stages: ['checking', 'copying', 'moving'],
    bandwidth: 2_000
  });

  it('stays when its target loses the room on the way, with the target’s reason', async () => {
    const id = onlyOne(at);
    const permit = await at.permit(await theVm(at.source.driver, id));
    for (const volume of await volumesOf(at.target)) await at.target.driver.deleteVolume('default', volume);
    const refusal = await refusalOf(at.move(id, permit, watched()));
    expect(refusal).toMatchObject({ code: 'unsupported' });
    expect(refusal).toHaveProperty('message', expect.stringContaining('nothing was prepared for its disk vda'));
    await at.arrivals().release(id);
    await stays(at, id);
  });

  it('leaves with its disks, keeps what it is, and nothing of it stays behind', async () => {
    const id = onlyOne(at);
    const before = await theVm(at.source.driver, id);
    const volumes = await volumesOf(at.source);
    const held = watched();
    const [effect] = await effectsOf(at.move(id, await at.permit(before), held, 100));
    expect(effect).toMatchObject({ resource: 'existence', seen: 'on target', by: 'simulated' });
    const passes = new Set(held.told.flatMap(([stage, sent]) => (stage === 'moving' ? (sent?.pass ?? []) : [])));
    expect([...passes].slice(0, 2)).toEqual([1, 2]);
    expect(at.source.driver.behind.vms()).toEqual([]);
    expect(await volumesOf(at.source)).toEqual([]);
    expect(await volumesOf(at.target)).toEqual(volumes);
    expect(await theVm(at.target.driver, id)).toMatchObject({
      ...before,
      seen: { vcpus: before.seen?.vcpus, memory: before.seen?.memory }
    });
  });
});

it('a simulated VM that is off moves as it is, and needs no memory there', async () => {
  const at = await migrationLab(subject({ vms: [OFF] }), subject({ seed: 2, memory: 64 }));
  const id = onlyOne(at);
  await effectsOf(at.source.driver.setAutostart(id, true));
  const before = await theVm(at.source.driver, id);
  await effectsOf(at.move(id, await at.permit(before), watched()));
  expect(at.source.driver.behind.vms()).toEqual([]);
  expect(await theVm(at.target.driver, id)).toEqual(before);
  await at.close();
});

it.each(['before', 'after'] as const)('a fault %s a move leaves the VM on exactly one host', async (when) => {
  const broken = new Fault('hypervisor', { operation: 'move', reason: 'a test' });
  const at = await lab([MOVER], {
    faults: (operation, moment) => (operation === 'move' && moment === when ? broken : null)
  });
  const id = onlyOne(at);
  const permit = await at.permit(await theVm(at.source.driver, id));
  await expect(at.move(id, permit, watched())).rejects.toBe(broken);
  const on = [at.source, at.target].map(({ driver }) => driver.behind.vms().length);
  expect(on).toEqual(when === 'before' ? [1, 0] : [0, 1]);
  await at.close();
});

it('a target takes nothing but an exact description of the VM that was let in', async () => {
  const { driver } = subject({});
  const { migration } = driver;
  if (migration === null) throw new Error('it cannot take VMs');
  const vm = vmId('11111111-2222-4333-8444-555555555555');
  for (const line of ['{}', 'x', '{"offer":{}}', '{"take":1}', `{"offer":{"id":"${vm}"}}`, '[]', '{"offer":null}']) {
    const stream = migration.connect(vm, 'talk');
    stream.write(`${line}\n`);
    expect(await text(stream)).toMatch(/^\{"refused":"/);
  }
  expect(driver.behind.vms()).toEqual([]);
});

it('where the last word is not answered the VM stands still, until it is known to have stayed', async () => {
  const clockless = subject({ vms: [MOVER], speed: null, clock: { now: () => 0, sleep: () => Promise.resolve() } });
  const [id] = clockless.driver.behind.vms();
  const [here, there] = duplexPair();
  const passage: Passage = {
    to: 'target',
    sockets: 'simulated',
    open: () => Promise.resolve(here),
    look: () => Promise.reject(new Error('gone')),
    lost: () => true
  };
  there.once('data', () => {
    there.once('data', () => there.destroy());
    there.write('{"agreed":true}\n');
  });
  const options = { bandwidth: null, autoConverge: false, downtime: null };
  const [vm, { migration }] = [id ?? vmId(''), clockless.driver];
  const watch = {
    note: () => Promise.resolve(),
    unanswered: () => undefined,
    decided: new AbortController().signal
  };
  const outcome = await migration?.depart(vm, passage, options, UNATTENDED, watch);
  expect(outcome).toMatchObject({ status: 'done', value: { code: 'link-ended' } });
  expect((await clockless.driver.list())[0]?.state).toBe('moving');
  expect(await migration?.remains(vm)).toBe('still');
  await migration?.settle(vm, { running: true, autostart: false, volumes: [], stays: null }, 'absent');
  expect((await clockless.driver.list())[0]?.state).toBe('running');
});
