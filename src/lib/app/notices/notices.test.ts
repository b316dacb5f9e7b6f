import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Host } from '#lib/model/fleet.ts';
import { millis } from '#lib/model/units.ts';
import { loadTranslation } from '#lib/messages/messages.ts';
import { Lookout } from './lookout.ts';
import { notices } from './notices.ts';
import { Toasts } from './toasts.svelte.ts';
import { Unsteady } from './unsteady.ts';

const lost = (name: string) => aHost(name, [], { link: 'offline' });

test('a lost gateway is one sentence', () => {
  const before = aFleet(aHost('n1'), aHost('n2'));
  const told = notices(before, aFleet(lost('n1'), lost('n2')));
  expect(told.map(({ say, tone }) => [say(en), tone])).toEqual([['n1, n2: link lost, trying again by itself', 'warn']]);
});

test('links lost one after the other within seconds are one notice, of those that are still lost', () => {
  const lookout = new Lookout();
  const toasts = new Toasts();
  const seen = (at: number, ...hosts: Host[]): readonly string[] => {
    const news = lookout.look(aFleet(...hosts), millis(at));
    for (const { say, tone, of } of news.notices) toasts.show(say, tone, of?.telling);
    return toasts.list.map(({ say }) => say(en));
  };
  const [a, b, c, d] = ['n1', 'n2', 'n3', 'n4'] as const;
  seen(0, aHost(a), aHost(b), aHost(c), aHost(d));
  expect(seen(1_000, lost(a), aHost(b), aHost(c), aHost(d))).toEqual(['n1: link lost, trying again by itself']);
  expect(seen(3_000, lost(a), lost(b), lost(c), aHost(d))).toEqual(['n1, n2, n3: link lost, trying again by itself']);
  expect(seen(5_000, aHost(a), lost(b), lost(c), aHost(d))).toHaveLength(2);
  expect(seen(7_000, aHost(a), lost(b), lost(c), lost(d))).toContain('n2, n3, n4: link lost, trying again by itself');
  expect(toasts.list).toHaveLength(2);
});

test('a notice that is shown changes its language with the tab', async () => {
  const zh = (await loadTranslation('zh-CN')) ?? en;
  const [notice] = notices(aFleet(aHost('n1')), aFleet(lost('n1')));
  expect([notice?.say(en), notice?.say(zh)]).toEqual([
    'n1: link lost, trying again by itself',
    zh.tasks.notice.lost('n1')
  ]);
  expect(notice?.say(zh)).not.toBe(notice?.say(en));
});

test('a host that is back is told, but not its first link', () => {
  expect(notices(aFleet(lost('n1')), aFleet(aHost('n1')))).toMatchObject([{ tone: 'good' }]);
  const never = aHost('n1', [], { link: 'connecting', facts: null });
  expect(notices(aFleet(never), aFleet(aHost('n1')))).toEqual([]);
  expect(notices(aFleet(), aFleet(aHost('n1')))).toEqual([]);
});

test('a VM that crashed is told once', () => {
  const [running, crashed] = [aHost('n1', [aVm(1)]), aHost('n1', [aVm(1, { state: 'crashed' })])];
  const told = notices(aFleet(running), aFleet(crashed));
  expect(told.map(({ say, tone }) => [say(en), tone])).toEqual([['vm1 on n1 crashed', 'bad']]);
  expect(notices(aFleet(crashed), aFleet({ ...crashed }))).toEqual([]);
  expect(notices(aFleet(), aFleet(crashed))).toEqual([]);
});

test('a host that flaps every second is told of three times, and then not until it has been steady for a minute', () => {
  const steady = new Unsteady();
  const told: string[] = [];
  let now = 0;
  const step = (before: Host, after: Host, seconds: number) => {
    now += seconds * 1000;
    const unsteady = steady.step(aFleet(before), aFleet(after), now);
    const quiet = (host: Host['id']) => steady.has(host);
    told.push(...notices(aFleet(before), aFleet(after), { unsteady, quiet }).map(({ say }) => say(en)));
  };
  const [up, down] = [aHost('n1'), lost('n1')];
  for (let n = 0; n < 50; n++) {
    step(up, down, 1);
    step(down, up, 1);
  }
  expect(told).toEqual([
    'n1: link lost, trying again by itself',
    'n1: linked again',
    'n1: the link comes and goes; nothing more is said of it until it stays'
  ]);
  step(up, up, 61);
  step(up, down, 1);
  expect(told.at(-1)).toBe('n1: link lost, trying again by itself');
  expect(told).toHaveLength(4);
});
