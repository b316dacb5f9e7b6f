// A whole agent as the target: what it says in its journal of a VM that is to come.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { done } from '../../src/lib/model/fault.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import { AgentLab } from '../../tests/support/agent-lab.ts';
import type { MemoryLink } from '../../tests/support/agent-lab.ts';
import type { ArrivalState, Migration } from '../drivers/migration.ts';
import { simulatedDriver } from '../drivers/simulated/driver.ts';

const VM = vmId('11111111-2222-4333-8444-555555555555');
const PIN = `sha256:${'A'.repeat(43)}`;
const never = (): never => {
  throw new Error('not asked for here');
};

let state: ArrivalState;
let lab: AgentLab;
let link: MemoryLink;
const labs: AgentLab[] = [];
const migration: Migration = {
  ...{ sockets: '/s', witness: 'hypervisor', connect: never, depart: never, remains: never, settle: never },
  prepare: async (_, note) => {
    await note([]);
    return done([]);
  },
  look: () => Promise.resolve(state),
  setAutostart: () => Promise.resolve(),
  welcome: () => undefined,
  release: () => Promise.resolve(state === 'arriving' ? 'absent' : state),
  evict: () => {
    state = 'absent';
    return Promise.resolve();
  }
};

beforeEach(async () => {
  state = 'arriving';
  lab = await AgentLab.open({}, false, { ...simulatedDriver({ vms: [], speed: null }), migration });
  labs.push(lab);
  link = await lab.as('operator');
  await link.run('host.watch', { keptNumber: null, loadEvery: null });
});
afterEach(async () => {
  await Promise.all(labs.splice(0).map((each) => each.close()));
});

/** Room is made for it. @returns the token */
async function expected(): Promise<string> {
  lab.core.arrivals.reachedAt('https://127.0.0.1:1', PIN);
  const like = { hypervisor: 'qemu', accelerator: 'kvm', cpuModel: 'any', name: 'web-1', memory: 64 } as const;
  const args = { vm: VM, ...like, running: true, autostart: null, from: PIN, disks: [], nics: [] };
  const { permit, fault } = await link.run('migration.prepare', args as never);
  if (permit === null) throw new Error(fault?.message);
  return permit.token;
}
const told = async (by = link): Promise<readonly object[]> => {
  const { activities } = await by.run('activity.list', { limit: 10, before: null, vm: VM });
  return activities.map(({ op, status, summary, reason, operatorLabel }) => ({
    ...{ op, status, summary, by: operatorLabel },
    ...(reason === null ? {} : { reason })
  }));
};
const PREPARED = { op: 'migration.prepare', status: 'done', summary: 'Make room for web-1', by: 'the operator' };
const arrival = (status: string, reason?: string): object => ({
  ...{ op: 'migration.arrive', status, summary: 'Take in web-1', by: 'the operator' },
  ...(reason === undefined ? {} : { reason: `the move was interrupted: ${reason}; nothing of it is here` })
});
const inEvents = (status: string): Promise<unknown> =>
  link.until(() =>
    link.events.some(({ activities }) =>
      activities.some((each) => each.op === 'migration.arrive' && each.status === status && each.vm === VM)
    )
  );

test.each<[ArrivalState, object]>([
  ['arrived', arrival('done')],
  ['absent', arrival('failed', 'not all of it came')]
])('of a VM whose source came it is told that it comes, and that it is %s', async (end, ended) => {
  const token = await expected();
  expect(await told()).toEqual([PREPARED]);
  lab.core.arrivals.claim(token, {}, PIN);
  await inEvents('running');
  expect(await told()).toEqual([arrival('running'), PREPARED]);
  state = end;
  expect(await lab.core.arrivals.outcome(token, PIN)).toBe(end);
  await inEvents(end === 'arrived' ? 'done' : 'failed');
  expect(await told()).toEqual([ended, PREPARED]);
});

test('an agent that died while it came tells the end in the same entry', async () => {
  const token = await expected();
  lab.core.arrivals.claim(token, {}, PIN);
  await inEvents('running');
  state = 'arrived';
  const next = await lab.afterKill();
  labs.push(next);
  expect(await next.core.arrivals.outcome(token, PIN)).toBe('arrived');
  expect(await told(next.link(link.operator))).toEqual([arrival('done'), PREPARED]);
});

test('of a VM that goes on where it was by the word of an operator that is said', async () => {
  const token = await expected();
  lab.core.arrivals.claim(token, {}, PIN);
  expect(await lab.core.arrivals.stays(token, PIN)).toBe('absent');
  await inEvents('failed');
  expect(await told()).toEqual([arrival('failed', 'an operator had it go on where it was'), PREPARED]);
}, 15_000);

test('room that is given up is told with the name of the VM that was to come', async () => {
  await expected();
  state = 'absent';
  await link.run('migration.release', { vm: VM });
  const released = {
    op: 'migration.release',
    status: 'done',
    summary: 'Give up the room for web-1',
    by: 'the operator'
  };
  expect(await told()).toEqual([released, PREPARED]);
});
