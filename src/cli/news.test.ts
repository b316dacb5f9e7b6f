import { describe, expect, it } from 'vitest';
import { aVm, FakeHost } from '../../tests/support/fake-host.ts';
import type { Activity } from '../lib/model/fleet.ts';
import { bytes, millis, percent, vcpus } from '../lib/model/units.ts';
import { emptyEvent } from '../lib/protocol/codec.ts';
import type { Event } from '../lib/protocol/schema.ts';
import { EMPTY_FLEET, fold, foldAll } from '../lib/session/fold.ts';
import { news, newsLine } from './news.ts';
import { table, visible } from './terminal.ts';

const fake = new FakeHost();
const host = fake.id;
const start = foldAll(EMPTY_FLEET, [
  { kind: 'paired', host, name: 'h1', site: '', role: 'admin' },
  { kind: 'inventory', host, inventory: fake.inventory(), role: 'admin', at: millis(1) },
  { kind: 'link', host, link: 'online', reason: null }
]);
const after = (event: Partial<Event>) =>
  fold(start, { kind: 'event', host, event: { ...emptyEvent(1, millis(2)), ...event }, at: millis(2) });
const activity = (number: number, status: Activity['status']) =>
  ({ number, summary: 'start vm1', status, reason: null, operatorLabel: 'me' }) as Activity;

describe('the news between two fleets', () => {
  it('name what changed of a VM, from what to what', () => {
    const now = after({ vms: [aVm(1, { state: 'paused', vcpus: vcpus(2) })] });
    expect(news(start, now)).toEqual([
      {
        kind: 'vm',
        host,
        vm: aVm(1).id,
        name: 'vm1',
        changed: { state: { from: 'running', to: 'paused' }, vcpus: { from: 1, to: 2 } }
      }
    ]);
    expect(news(start, now).map(newsLine)).toEqual(['h1: VM vm1: state running -> paused, vcpus 1 -> 2']);
  });

  it('tell disks, interfaces and what the guest sees in a few words', () => {
    const disk = {
      target: 'vda',
      bus: 'virtio',
      device: 'disk',
      pool: null,
      volume: null,
      capacity: bytes(64 * 2 ** 20),
      readOnly: false,
      seen: null,
      pending: null
    } as const;
    const seen = { by: 'console', at: millis(1), vcpus: vcpus(2), memory: null } as const;
    const now = after({ vms: [aVm(1, { disks: [disk], seen, startedAt: millis(0) })] });
    expect(news(start, now).map(newsLine)).toEqual([
      'h1: VM vm1: startedAt none -> 1970-01-01T00:00:00.000Z, disks none -> vda (64 MiB), ' +
        'seen none -> 2 vCPUs and ? MiB (by console)'
    ]);
  });

  it('tell VMs that came and went', () => {
    const now = after({ vms: [aVm(2)], removed: [{ id: aVm(1).id }] });
    expect(news(start, now).map((item) => item.kind)).toEqual(['vm-added', 'vm-removed']);
  });

  it('say nothing of load, nor of a guest that was only looked at again', () => {
    const seen = { by: 'balloon', at: millis(1), vcpus: vcpus(1), memory: null } as const;
    const load = { at: millis(2), cpu: percent(3), memoryUsed: null, diskRead: null, diskWrite: null } as const;
    const figures = { ...load, netReceive: null, netTransmit: null };
    expect(news(start, after({ load: figures, vmLoads: [{ vm: aVm(1).id, ...figures }] }))).toEqual([]);
    const once = after({ vms: [aVm(1, { seen })] });
    const again = fold(once, {
      kind: 'event',
      host,
      event: { ...emptyEvent(2, millis(3)), vms: [aVm(1, { seen: { ...seen, at: millis(3) } })] },
      at: millis(3)
    });
    expect(news(once, again)).toEqual([]);
  });

  it('tell each turn of an activity once', () => {
    const running = after({ activities: [activity(1, 'running')] });
    const done = fold(running, {
      kind: 'event',
      host,
      event: { ...emptyEvent(2, millis(3)), activities: [activity(1, 'done')] },
      at: millis(3)
    });
    expect(news(start, running).map(newsLine)).toEqual(['h1: start vm1: running, by me']);
    expect(news(running, done).map(newsLine)).toEqual(['h1: start vm1: done, by me']);
    expect(news(done, done)).toEqual([]);
  });

  it('tell why a host is gone, and its troubles', () => {
    const gone = fold(start, { kind: 'link', host, link: 'offline', reason: 'no route' });
    expect(news(start, gone).map(newsLine)).toEqual(['h1: offline (no route)']);
    expect(news(start, after({ trouble: { reason: 'libvirtd is away' } })).map(newsLine)).toEqual([
      'h1: libvirtd is away'
    ]);
  });
});

describe('the terminal', () => {
  it('shows control and direction-changing characters instead of obeying them', () => {
    expect(visible('a\u001b[31m\u202Eb\u0000é<script>')).toBe('a\\u{1b}[31m\\u{202e}b\\u{0}é<script>');
  });

  it('aligns columns, figures to the right, without trailing blanks', () => {
    expect(
      table(
        ['NAME', '>N', 'X'],
        [
          ['a', '10', ''],
          ['längst', '5', 'y']
        ]
      )
    ).toEqual(['NAME     N  X', 'a       10', 'längst   5  y']);
  });
});
