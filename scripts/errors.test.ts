import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { faults } from '../src/lib/model/fault.ts';
import { ERRORS, errorsMarkdown } from './errors.ts';

test('docs/errors.md is what scripts/errors.ts writes now', () => {
  expect(readFileSync(ERRORS, 'utf8')).toBe(errorsMarkdown());
});

test('every code has its section', () => {
  const headings = [...errorsMarkdown().matchAll(/^## (.*)$/gm)].map(([, code]) => code);
  expect(headings).toEqual(Object.keys(faults));
});
