import { expect, test } from 'vitest';
import { ROLES, roleAllows } from './fleet.ts';

test('each role may do what the ones before it may, and nothing beyond', () => {
  const allowed = ROLES.map((role) => ROLES.map((needs) => roleAllows(role, needs)));
  expect(allowed).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true]
  ]);
});
