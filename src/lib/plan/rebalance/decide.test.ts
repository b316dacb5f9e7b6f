import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dismissed,
  FRESH,
  glance,
  HINDRANCES,
  judge,
  ran,
  type LoopState,
  type Measured,
  type Proposal
} from './decide.ts';
import { DEFAULT_REBALANCE, isQuiet, readRebalance, type RebalanceSettings } from './settings.ts';

const ACT: RebalanceSettings = { ...DEFAULT_REBALANCE, level: 'act' };
const GOOD: Proposal = { moves: 3, shares: 0, saves: 20, costs: 2 };
const measured = (cost: number, more: Partial<Measured> = {}): Measured => ({
  ...{ at: 0, minute: 720, cost, hosts: 4, hindrance: null },
  ...more
});
/** A round as the loop does it. */
function round(state: LoopState, settings: RebalanceSettings, seen: Measured, found: Proposal | null) {
  return glance(state, settings, seen) ?? judge(state, settings, seen, found);
}
/** Rounds with a virtual clock; a run ends before the next round. */
function rounds(
  settings: RebalanceSettings,
  seen: readonly {
    readonly cost: number;
    readonly found: Proposal | null;
    readonly hindrance?: Measured['hindrance'];
  }[],
  first: LoopState = FRESH,
  from = 0
) {
  let state = first;
  return seen.map(({ cost, found, hindrance = null }, index) => {
    const at = from + index * settings.every;
    const minute = Math.floor(at / 60_000) % 1_440;
    const step = round(state, settings, measured(cost, { at, minute, hindrance }), found);
    state = step.decision.is === 'run' ? ran(step.state, settings, at, true) : step.state;
    return { at, state, decision: step.decision, found };
  });
}

const proposals = fc.option(
  fc.record({
    moves: fc.integer({ min: 0, max: 30 }),
    shares: fc.integer({ min: 0, max: 3 }),
    saves: fc.double({ min: 0, max: 100, noNaN: true }),
    costs: fc.double({ min: 0, max: 20, noNaN: true })
  })
);
const costs = fc.double({ min: 0, max: 200, noNaN: true });
const someSettings = fc
  .record({
    level: fc.constantFrom('advise', 'ask', 'act'),
    rounds: fc.integer({ min: 1, max: 5 }),
    least: fc.double({ min: 0.1, max: 50, noNaN: true }),
    factor: fc.double({ min: 1, max: 5, noNaN: true }),
    coolDown: fc.integer({ min: 0, max: 1_200_000 }),
    movesPerHour: fc.integer({ min: 0, max: 60 }),
    quiet: fc.option(fc.record({ from: fc.nat(1_439), to: fc.nat(1_439) }))
  })
  .map((some): RebalanceSettings => ({ ...DEFAULT_REBALANCE, ...some }));

describe('the rebalance loop', () => {
  it('runs a plan in the third round in which it pays, and says before how long that has held', () => {
    const seen = rounds(
      ACT,
      Array.from({ length: 3 }, () => ({ cost: 50, found: GOOD }))
    );
    expect(seen.map(({ decision }) => decision)).toEqual([
      { is: 'holds', rounds: 1, of: 3 },
      { is: 'holds', rounds: 2, of: 3 },
      { is: 'run' }
    ]);
  });

  it('never proposes a second time while loads stay as they were after a run, whatever plans are found', () => {
    fc.assert(
      fc.property(someSettings, costs, fc.array(proposals, { maxLength: 60 }), (settings, cost, founds) => {
        const after = ran(FRESH, settings, 0, true);
        const seen = rounds(
          settings,
          founds.map((found) => ({ cost, found })),
          { ...after, hosts: 4 }
        );
        expect(seen.filter(({ decision: { is } }) => is === 'run' || is === 'propose')).toEqual([]);
      })
    );
  });

  it('never proposes for noise below the threshold, after a run or after the operator said no', () => {
    fc.assert(
      fc.property(
        someSettings,
        costs,
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.99, noNaN: true }), proposals), { maxLength: 60 }),
        fc.boolean(),
        (settings, base, noises, refused) => {
          const first = refused ? dismissed({ ...FRESH, standing: true }) : ran(FRESH, settings, 0, true);
          const loads = noises.map(([noise, found]) => ({ cost: base + noise * settings.least * 0.999, found }));
          const seen = rounds(settings, [{ cost: base, found: null }, ...loads], { ...first, coolUntil: 0, hosts: 4 });
          expect(seen.filter(({ decision: { is } }) => is === 'run' || is === 'propose')).toEqual([]);
        }
      )
    );
  });

  it('proposes only after as many rounds in a row as it should, each unhindered and each paying', () => {
    const one = fc.record({
      cost: costs,
      found: proposals,
      hindrance: fc.option(fc.constantFrom(...HINDRANCES), { freq: 8 })
    });
    fc.assert(
      fc.property(someSettings, fc.array(one, { maxLength: 60 }), (settings, all) => {
        const seen = rounds(settings, all);
        for (const [at, { decision }] of seen.entries()) {
          if (decision.is !== 'run' && decision.is !== 'propose') continue;
          const last = all.slice(at - settings.rounds + 1, at + 1);
          expect(last).toHaveLength(settings.rounds);
          for (const { cost, found, hindrance } of last) {
            expect([cost >= settings.least, hindrance]).toEqual([true, null]);
            expect(found!.saves).toBeGreaterThanOrEqual(settings.least);
            expect(found!.saves).toBeGreaterThanOrEqual(settings.factor * found!.costs);
          }
        }
      })
    );
  });

  it('keeps its limits: moves an hour, quiet hours, the time after a run, and its level', () => {
    const one = fc.record({ cost: fc.double({ min: 50, max: 5_000, noNaN: true }), found: fc.constant(GOOD) });
    fc.assert(
      fc.property(someSettings, fc.array(one, { minLength: 20, maxLength: 200 }), (settings, all) => {
        const seen = rounds({ ...settings, rounds: 1 }, all);
        const begun = seen.filter(({ decision }) => decision.is === 'run');
        if (settings.level !== 'act') expect(begun).toEqual([]);
        for (const { at } of begun) {
          const hour = begun.filter((other) => other.at > at - 3_600_000 && other.at <= at);
          expect(hour.length * GOOD.moves).toBeLessThanOrEqual(settings.movesPerHour);
          expect(isQuiet(settings, Math.floor(at / 60_000) % 1_440)).toBe(false);
          const next = begun.find((other) => other.at > at);
          if (next !== undefined) expect(next.at - at).toBeGreaterThanOrEqual(settings.coolDown);
        }
      })
    );
  });

  it('looks again once the imbalance has grown, has gone and come back, or there are other hosts', () => {
    const left = { ...ran(FRESH, { ...ACT, coolDown: 0 }, 0, true), hosts: 4 };
    const settled = round(left, ACT, measured(40), GOOD).state;
    expect(settled.settled).toBe(40);
    expect(glance(settled, ACT, measured(44))?.decision).toEqual({ is: 'settled' });
    expect(glance(settled, ACT, measured(45))).toBeNull();
    const lower = round(settled, ACT, measured(20), GOOD).state;
    expect(glance(lower, ACT, measured(25))).toBeNull();
    expect(glance(settled, ACT, measured(40, { hosts: 5 }))).toBeNull();
  });

  it('waits with a proposal until the operator has decided, or its reason has gone', () => {
    const asked = judge({ ...FRESH, held: 2, hosts: 4 }, { ...ACT, level: 'ask' }, measured(50), GOOD);
    expect(asked.decision).toEqual({ is: 'propose', because: 'level' });
    expect(glance(asked.state, ACT, measured(60))?.decision).toEqual({ is: 'standing' });
    expect(glance(asked.state, ACT, measured(1))).toMatchObject({
      decision: { is: 'gone' },
      state: { standing: false }
    });
    expect(glance(dismissed(asked.state), ACT, measured(50))?.decision).toEqual({ is: 'settled' });
  });

  it('a run that was not done as a whole is tried again after a while', () => {
    const half = { ...ran(FRESH, ACT, 0, false), hosts: 4 };
    expect(glance(half, ACT, measured(50, { at: 599_999 }))?.decision).toEqual({ is: 'cooling', until: 600_000 });
    expect(glance(half, ACT, measured(50, { at: 600_000 }))).toBeNull();
  });
});

describe('its settings', () => {
  it('are read as they were kept, and are off when they cannot be read', () => {
    fc.assert(
      fc.property(someSettings, (settings) => {
        expect(readRebalance(JSON.stringify(settings))).toEqual(settings);
      })
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(readRebalance(text)).toEqual(DEFAULT_REBALANCE);
      })
    );
    for (const bad of [{ rounds: 1.5 }, { every: 1 }, { level: 'auto' }, { quiet: { from: 0, to: 1_440 } }])
      expect(readRebalance(JSON.stringify({ ...ACT, ...bad }))).toEqual(DEFAULT_REBALANCE);
    expect(readRebalance('{')).toEqual(DEFAULT_REBALANCE);
  });

  it('have quiet hours that may go over midnight', () => {
    const night = { quiet: { from: 1_320, to: 360 } };
    expect([1_319, 1_320, 0, 359, 360].map((minute) => isQuiet(night, minute))).toEqual([
      false,
      true,
      true,
      true,
      false
    ]);
    expect(isQuiet({ quiet: { from: 60, to: 120 } }, 90)).toBe(true);
    expect(isQuiet({ quiet: null }, 90)).toBe(false);
  });
});
