import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '#lib/plan/fleet/settings.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { printPlanning, readPlanning } from './kept-planning.ts';

const usual = { weights: DEFAULT_WEIGHTS, settings: DEFAULT_SETTINGS };

test('weights and settings are read as they were kept', () => {
  const kept = {
    weights: { ...DEFAULT_WEIGHTS, power: 5 },
    settings: { ...DEFAULT_SETTINGS, overcommit: 2 }
  };
  expect(readPlanning(printPlanning(kept))).toEqual(kept);
});

test('settings that were kept with a list of hosts in maintenance are read without it: hosts say that themselves now', () => {
  const settings = { ...DEFAULT_SETTINGS, overcommit: 2 };
  const kept = JSON.stringify({ weights: DEFAULT_WEIGHTS, settings: { ...settings, maintenance: ['n1'] } });
  expect(readPlanning(kept)).toEqual({ weights: DEFAULT_WEIGHTS, settings });
});

test('what cannot be read is as usual, each for itself', () => {
  expect(readPlanning(null)).toEqual(usual);
  expect(readPlanning('{')).toEqual(usual);
  const weights = { ...DEFAULT_WEIGHTS, power: 5 };
  expect(readPlanning(JSON.stringify({ weights, settings: { safety: 1 } }))).toEqual({ ...usual, weights });
  expect(readPlanning(JSON.stringify({ weights: { ...weights, cpu: '1' } }))).toEqual(usual);
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(readPlanning(text)).toEqual(usual);
    })
  );
});
