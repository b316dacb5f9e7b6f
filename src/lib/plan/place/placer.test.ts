import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import type { Intent, Scheduler } from '../../plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { BestHost } from './best-host.ts';
import { Placer } from './placer.ts';

const intent: Intent = {
  kind: 'place',
  place: [],
  leave: [],
  weights: DEFAULT_WEIGHTS,
  config: {},
  budget: 1_000,
  elapsed: () => 0,
  random: () => 0,
  seed: 1
};
const manifest = { id: 'tested', version: '1.0.0', api: 1, title: 'Tested', description: 'For tests.' };
/** The emptiest by memory. */
const emptiest: Scheduler = {
  manifest,
  local: true,
  filter: (_vm, host, fleet) => fleet.columns.hostSite[host] !== 2 || 'not at the third site',
  score: (_vm, host, fleet) => (100 * Math.max(0, fleet.free(host, 'memory'))) / fleet.capacity(host, 'memory')
};

describe('the best host', () => {
  it('is the one a look at all of them finds, whatever changed before', () => {
    const change = fc.tuple(fc.nat(12), fc.integer({ min: -1, max: 5 }));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 13 }),
        fc.array(change, { maxLength: 30 }),
        fc.nat(2 ** 13),
        (hosts, changes, refused) => {
          const best = new BestHost(hosts);
          const scores = Array.from({ length: hosts }, (_, host) => host % 4);
          best.fill((host) => scores[host]!, hosts);
          for (const [host, score] of changes) {
            if (host >= hosts) continue;
            scores[host] = score;
            best.set(host, score);
          }
          const may = (host: number): boolean => ((refused >> host) & 1) === 0;
          const possible = scores.flatMap((score, host) => (score >= 0 && may(host) ? [host] : []));
          const expected = possible.reduce((one, host) => (one < 0 || scores[host]! > scores[one]! ? host : one), -1);
          expect(best.best(may)).toBe(expected);
        }
      )
    );
  });
});

describe('placing', () => {
  const requests = fc.record({
    hosts: fc.array(fc.record({ room: fc.integer({ min: 4, max: 20 }), site: fc.nat(2) }), {
      minLength: 1,
      maxLength: 9
    }),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 25 }),
    apart: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
    acts: fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 60 })
  });

  it('is the same whether what a scheduler said is kept or asked again', () => {
    fc.assert(
      fc.property(requests, ({ hosts, sizes, apart, acts }) => {
        const columns = someColumns(
          hosts.map(({ room, site }) => ({ room: [9, room], site })),
          sizes.map((size) => ({ on: -1, needs: [1, size] })),
          [
            {
              kind: 'apart',
              name: 'a',
              vms: Int32Array.from(sizes.flatMap((_, vm) => (apart[vm] === true ? [vm] : [])))
            }
          ]
        );
        const kept = new Placer(emptiest, new FleetView(columns), intent);
        const asked = new Placer({ ...emptiest, local: false }, new FleetView(columns), intent);
        for (const [pick, goes] of acts) {
          const vm = pick % sizes.length;
          if (goes) for (const placer of [kept, asked]) placer.assign(vm, -1);
          else expect(kept.place(vm)).toBe(asked.place(vm));
        }
        expect(kept.fleet.placedOn).toEqual(asked.fleet.placedOn);
      })
    );
  });

  it('answers -1 and changes nothing when no host can', () => {
    const placer = new Placer(
      emptiest,
      new FleetView(someColumns([{ room: [9, 1] }], [{ on: -1, needs: [1, 5] }])),
      intent
    );
    expect(placer.place(0)).toBe(-1);
    expect(placer.fleet.used[1]).toBe(0);
    expect(new Placer(emptiest, new FleetView(someColumns([], [{ on: -1 }])), intent).place(0)).toBe(-1);
  });

  it.each([[NaN], [101], [-1], ['50' as unknown as number], [undefined as unknown as number]])(
    'refuses the score %s',
    (score) => {
      const columns = someColumns([{}], [{ on: -1 }]);
      const placer = new Placer({ manifest, score: () => score }, new FleetView(columns), intent);
      expect(() => placer.best(0)).toThrow(expect.objectContaining({ code: 'plugin-failed' }) as Error);
    }
  );

  it.each([[false as never], [''], [undefined as never]])('refuses the verdict %j', (verdict) => {
    const placer = new Placer(
      { manifest, filter: () => verdict },
      new FleetView(someColumns([{}], [{ on: -1 }])),
      intent
    );
    expect(() => placer.best(0)).toThrow(expect.objectContaining({ code: 'plugin-failed' }) as Error);
  });
});
