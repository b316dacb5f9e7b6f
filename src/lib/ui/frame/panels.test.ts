import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PANELS, PANEL_SIZE, Panels, printArrangement, readArrangement } from './panels.svelte.ts';

test('an arrangement is read back as it was written', () => {
  const panel = (name: (typeof PANELS)[number]) =>
    fc.record({ size: fc.integer({ min: PANEL_SIZE[name].least, max: PANEL_SIZE[name].most }), folded: fc.boolean() });
  fc.assert(
    fc.property(fc.record({ tree: panel('tree'), details: panel('details'), tray: panel('tray') }), (arrangement) => {
      expect(readArrangement(printArrangement(arrangement))).toEqual(arrangement);
    })
  );
});

test('whatever was kept, every panel has a size in its range', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.nat().map((n) => `tree=${n};details=x;tray=${n}!`)
      ),
      (text) => {
        const arrangement = readArrangement(text);
        for (const name of PANELS) {
          expect(arrangement[name].size).toBeGreaterThanOrEqual(PANEL_SIZE[name].least);
          expect(arrangement[name].size).toBeLessThanOrEqual(PANEL_SIZE[name].most);
        }
      }
    )
  );
});

test('a folded panel keeps its size, and resizing unfolds it', () => {
  const kept: string[] = [];
  const panels = new Panels(null, (text) => kept.push(text));
  panels.resize('tree', 300);
  panels.fold('tree');
  expect([panels.size('tree'), panels.folded('tree')]).toEqual([300, true]);
  panels.resize('tree', 9999);
  expect([panels.size('tree'), panels.folded('tree')]).toEqual([PANEL_SIZE.tree.most, false]);
  expect(kept).toHaveLength(3);
});
