import { expect, it } from 'vitest';
import * as plugin from './index.ts';
import * as search from '../plan/search/plan-search.ts';
import * as testkit from '../plan/testkit/index.ts';

it.each([
  ['smps-vmm/plugin', '../../../bin/plugin.mjs', plugin],
  ['smps-vmm/plugin/search', '../../../bin/plugin-search.mjs', search],
  ['smps-vmm/plugin/testkit', '../../../bin/plugin-testkit.mjs', testkit]
])('%s has under Node all that its source has', async (_, file, source) => {
  const published = (await import(file)) as Readonly<Record<string, unknown>>;
  expect(Object.keys(published).sort()).toEqual(Object.keys(source).sort());
  expect(Object.values(published)).not.toContain(undefined);
});
