import { describe, expect, test } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import type { Survey } from '#lib/plan/fleet/survey.ts';
import type { Ranking } from '#lib/sandbox/messages.ts';
import { en } from '#lib/messages/en.ts';
import { reasonWords } from '#lib/messages/reason-words.ts';
import { asIfOn, byHost, placingOf as placingBy, type Placing } from './placing.ts';

const placingOf = (of: Survey, weights: typeof DEFAULT_WEIGHTS, ranking: Ranking): Placing =>
  placingBy(of, weights, ranking, 'Tested', (reason) => reasonWords(en, reason));

/** Four hosts; the last one is too small for the new VMs, which are behind one that is there. */
function survey(fresh: number): Survey {
  const columns = someColumns(
    [{}, {}, {}, { room: [1, 64, 1e6] }],
    [{ on: 0 }, ...Array.from({ length: fresh }, () => ({ on: -1, needs: [1, 1024] }))]
  );
  const wanted = Array.from({ length: fresh }, (_, n) => ({
    ...{ name: `new-${n}`, vcpus: 1, memory: 1024, disk: 0, image: null },
    ...{ networks: [], pools: [], tags: [] }
  }));
  const hosts = ['n0', 'n1', 'n2', 'n3'].map((name) => aHost(name));
  return { columns, hosts, vms: [], wanted, held: [], warnings: [], unsuited: () => null, before: new Map() };
}
const ranking = (more: Partial<Ranking> = {}): Ranking => ({
  scores: Float32Array.of(40, NaN, 90, NaN),
  why: Uint16Array.of(0, 1, 0, 2),
  reasons: ['it has had its lunch', 'needs 1,024 MiB of memory, 64 are free'],
  chosen: Int32Array.of(2),
  ...more
});

describe('a ranking', () => {
  test('puts the best host first, and hosts of the same score in the order of the fleet', () => {
    const names = (scores: readonly number[]): string[] =>
      placingOf(survey(1), DEFAULT_WEIGHTS, ranking({ scores: Float32Array.from(scores) })).able.map(
        ({ host }) => host.name
      );
    expect(names([40, NaN, 90, NaN])).toEqual(['n2', 'n0']);
    expect(names([7, 7, 7, NaN])).toEqual(['n0', 'n1', 'n2']);
  });

  test('says why the others cannot: what the scheduler says, or else what always holds', () => {
    const { unable } = placingOf(survey(1), DEFAULT_WEIGHTS, ranking());
    expect(unable.map(({ host, refusal, reason }) => [host.name, refusal, reason.obstacles.length])).toEqual([
      ['n1', 'it has had its lunch', 0],
      ['n3', null, 1]
    ]);
  });

  test('is not believed where the rules that always hold say no', () => {
    const lies = ranking({ scores: Float32Array.of(40, NaN, 90, 100), why: Uint16Array.of(0, 1, 0, 0) });
    expect(placingOf(survey(1), DEFAULT_WEIGHTS, lies).able.map(({ host }) => host.name)).toEqual(['n2', 'n0']);
    expect(() => placingOf(survey(1), DEFAULT_WEIGHTS, { ...lies, chosen: Int32Array.of(3) })).toThrow(
      'the plugin Tested chose what may not be: 960\u00a0MiB of memory are missing'
    );
  });

  test('without hosts has none', () => {
    const empty = { scores: new Float32Array(0), why: new Uint16Array(0), reasons: [], chosen: Int32Array.of(-1) };
    const none = { ...survey(1), columns: someColumns([], [{ on: -1 }]), hosts: [] };
    const { able, unable, chosen } = placingOf(none, DEFAULT_WEIGHTS, empty);
    expect([able, unable, chosen]).toEqual([[], [], [null]]);
  });

  test('of many VMs gives each its host, or none', () => {
    const placing = placingOf(
      survey(4),
      DEFAULT_WEIGHTS,
      ranking({
        scores: new Float32Array(16),
        why: new Uint16Array(16),
        chosen: Int32Array.of(2, 0, 2, -1)
      })
    );
    expect([...byHost(['a', 'b', 'c', 'd'], placing)]).toEqual([
      ['n2', ['a', 'c']],
      ['n0', ['b']]
    ]);
  });
});

test('a host that is picked is explained against all others', () => {
  const placing = placingOf(survey(1), DEFAULT_WEIGHTS, ranking());
  const { hosts } = asIfOn(placing, 'n1' as never);
  expect(hosts.map(({ host, chosen }) => [host, chosen])).toEqual([
    [1, true],
    [0, false],
    [2, false],
    [3, false]
  ]);
  expect(asIfOn(placing, null).hosts.some(({ chosen }) => chosen)).toBe(false);
});
