import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Activity, HostLoad, Vm, VmLoad } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { Event } from '../../src/lib/protocol/schema.ts';
import { Mailbox } from './mailbox.ts';
import type { News } from './mailbox.ts';

const vm = (id: string, name: string): Vm => ({ id, name }) as unknown as Vm;
const idOf = (id: string): VmId => id as VmId;
const turns = (): Promise<void> => new Promise(setImmediate);

/** A link that takes one event each time it is told to. */
function slow(now: () => number = () => 1): {
  mailbox: Mailbox;
  events: Event[];
  take: () => Promise<void>;
  end: () => Promise<void>;
} {
  const events: Event[] = [];
  let go: () => void = () => undefined;
  let stop: (reason: Error) => void = () => undefined;
  const mailbox = new Mailbox((event) => {
    events.push(event);
    return new Promise((resolve, reject) => {
      go = resolve;
      stop = reject;
    });
  }, now);
  const take = async (): Promise<void> => {
    go();
    await turns();
  };
  const end = async (): Promise<void> => {
    stop(new Error('gone'));
    await turns();
  };
  return { mailbox, events, take, end };
}

test('nothing goes out before the inventory has, and then all of it in order, numbered from 1', async () => {
  const { mailbox, events, take } = slow();
  mailbox.post({ vms: [vm('a', '1')] });
  mailbox.post({ vms: [vm('a', '2'), vm('b', '1')] });
  expect(events).toEqual([]);
  mailbox.start();
  expect(events).toMatchObject([{ seq: 1, vms: [{ name: '2' }, { name: '1' }] }]);
  mailbox.post({ removed: [idOf('a')] });
  mailbox.post({ trouble: '' });
  await take();
  expect(events[1]).toMatchObject({ seq: 2, vms: [], removed: [{ id: 'a' }], trouble: { reason: '' } });
});

test('loads come as far apart as was asked, the first at once; nothing else waits for them', async () => {
  let now = 10_000_000;
  const { mailbox, events, take } = slow(() => now);
  const load = (cpu: number): News => ({ load: { cpu } as unknown as HostLoad, vmLoads: [] });
  const told = async (news: News): Promise<boolean> => {
    const { length } = events;
    mailbox.post(news);
    await take();
    return events.length > length;
  };
  mailbox.start();
  mailbox.pace(10_000);
  expect(await told(load(1))).toBe(true);
  now += 2_000;
  expect(await told(load(2))).toBe(false);
  expect(await told({ ...load(3), trouble: 'x' })).toBe(true);
  expect(events.at(-1)).toMatchObject({ load: null, trouble: { reason: 'x' } });
  now += 7_500;
  expect(await told(load(4))).toBe(true);
  now -= 3_600_000;
  expect(await told(load(5))).toBe(true);
  mailbox.pace(0);
  expect([await told(load(6)), await told(load(7))]).toEqual([true, true]);
  expect(events.flatMap(({ load }) => load?.cpu ?? [])).toEqual([1, 4, 5, 6, 7]);
});

test('while it is held again nothing goes out, not even when a send under way ends', async () => {
  const { mailbox, events, take } = slow();
  mailbox.start();
  mailbox.post({ vms: [vm('a', '1')] });
  mailbox.hold();
  mailbox.post({ vms: [vm('a', '2')] });
  await take();
  expect(events).toHaveLength(1);
  mailbox.start();
  expect(events[1]).toMatchObject({ seq: 2, vms: [{ name: '2' }] });
});

test('what a reader knows after all events is what is so, however slowly it read', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('vm' as const), id: fc.constantFrom('a', 'b', 'c'), name: fc.string() }),
    fc.record({ kind: fc.constant('removed' as const), id: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ kind: fc.constant('load' as const), id: fc.constantFrom('a', 'b', 'c'), cpu: fc.nat(100) }),
    fc.record({
      kind: fc.constant('activity' as const),
      number: fc.nat(5),
      status: fc.constantFrom('running', 'done')
    }),
    fc.record({ kind: fc.constant('take' as const) })
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { mailbox, events, take } = slow();
      mailbox.start();
      const truth = { vms: new Map<string, string>(), activities: new Map<number, string>() };
      for (const each of steps) {
        if (each.kind === 'take') await take();
        else mailbox.post(newsOf(each));
        if (each.kind === 'vm') truth.vms.set(each.id, each.name);
        if (each.kind === 'removed') truth.vms.delete(each.id);
        if (each.kind === 'activity') truth.activities.set(each.number, each.status);
      }
      for (let before = -1; before !== events.length;) {
        before = events.length;
        await take();
      }
      const known = { vms: new Map<string, string>(), activities: new Map<number, string>() };
      for (const event of events) {
        for (const each of event.vms) known.vms.set(each.id, each.name);
        for (const { id } of event.removed) known.vms.delete(id);
        for (const { number, status } of event.activities) known.activities.set(number, status);
      }
      expect(known).toEqual(truth);
    })
  );
});

function newsOf(step: {
  kind: string;
  id?: string;
  name?: string;
  cpu?: number;
  number?: number;
  status?: string;
}): News {
  if (step.kind === 'vm') return { vms: [vm(step.id ?? '', step.name ?? '')] };
  if (step.kind === 'removed') return { removed: [idOf(step.id ?? '')] };
  if (step.kind === 'load') return { vmLoads: [{ vm: step.id, cpu: step.cpu } as unknown as VmLoad] };
  return { activities: [{ number: step.number, status: step.status } as unknown as Activity] };
}

test('a mailbox nobody empties stays bounded, and keeps the newest activities', async () => {
  const { mailbox, events, take } = slow();
  mailbox.start();
  mailbox.post({ load: {} as HostLoad });
  for (let number = 1; number <= 5_000; number++) {
    mailbox.post({
      activities: [{ number } as Activity],
      load: {} as HostLoad,
      vms: [vm(`${number % 10}`, `${number}`)]
    });
  }
  await take();
  expect(events).toHaveLength(2);
  expect(events[1]?.activities.map(({ number }) => number)).toEqual(Array.from({ length: 500 }, (_, n) => 4_501 + n));
  expect(events[1]?.vms).toHaveLength(10);
});

test('thousands of VMs go out in events of bounded size', async () => {
  const { mailbox, events, take } = slow();
  mailbox.post({ vms: Array.from({ length: 1_234 }, (_, n) => vm(`${n}`, 'x')) });
  mailbox.start();
  await take();
  await take();
  expect(events.map(({ vms }) => vms.length)).toEqual([500, 500, 234]);
});

test('a link that is gone ends its mailbox', async () => {
  const { mailbox, events, end } = slow();
  mailbox.start();
  mailbox.post({ trouble: 'x' });
  await end();
  mailbox.post({ trouble: 'y' });
  expect(events).toHaveLength(1);
});
