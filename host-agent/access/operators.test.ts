import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newOperator, scratch } from '../../tests/support/agent-lab.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import { ROLES } from '../../src/lib/model/fleet.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import { silent } from '../log.ts';
import { Operators } from './operators.ts';

const HOST = hostId('n1');
const NOW = millis(1);
let directory: string;
let path: string;
beforeEach(async () => {
  directory = await scratch();
  path = join(directory, 'operators.json');
  await writeFile(path, '{"version":1,"operators":[]}', { mode: 0o600 });
});
afterEach(() => rm(directory, { recursive: true }));
const open = (): Operators => new Operators(path, HOST, silent);

test('what one process changes another one sees at its next question, and the file is for its owner alone', async () => {
  const [agent, commandLine] = [open(), open()];
  const key = newOperator();
  await agent.enrol(key, 'Ada', 'admin', NOW);
  expect(commandLine.get(key)).toEqual({ key, label: 'Ada', role: 'admin', since: 1 });
  await commandLine.enrol(newOperator(), 'Bo', 'admin', NOW);
  await commandLine.setRole(key, 'viewer');
  expect(agent.get(key)?.role).toBe('viewer');
  await commandLine.revoke(key);
  expect(agent.get(key)).toBeNull();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('changes of two processes at the same time are all kept', async () => {
  const writer = [open(), open(), open()] as const;
  const keys = Array.from({ length: 30 }, newOperator);
  await Promise.all(
    keys.map((key, n) => (writer[n % 3] ?? writer[0]).enrol(key, `Operator ${n}`, 'viewer', millis(n)))
  );
  expect(
    open()
      .list()
      .map(({ key }) => key)
  ).toEqual(keys);
});

test('pairing again renames an operator and never takes a role away', async () => {
  const operators = open();
  const key = newOperator();
  await operators.enrol(key, 'Ada', 'admin', NOW);
  await operators.enrol(key, 'Ada’s phone', 'viewer', millis(5));
  expect(operators.get(key)).toEqual({ key, label: 'Ada’s phone', role: 'admin', since: 1 });
});

test('whatever is asked in whatever order, a host that ever had an admin keeps one', async () => {
  const keys = Array.from({ length: 3 }, newOperator);
  const step = fc.tuple(
    fc.constantFrom('enrol', 'role', 'revoke'),
    fc.constantFrom(...keys),
    fc.constantFrom(...ROLES)
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      await writeFile(path, '{"version":1,"operators":[]}');
      const operators = open();
      let had = false;
      for (const [what, key, role] of steps) {
        if (what === 'enrol') await operators.enrol(key, 'x', role, NOW);
        if (what === 'role') await operators.setRole(key, role);
        if (what === 'revoke') await operators.revoke(key);
        had ||= operators.list().some((each) => each.role === 'admin');
        expect(operators.list().some((each) => each.role === 'admin')).toBe(had);
      }
    }),
    { numRuns: 40 }
  );
});

test.each([
  ['no JSON', '{'],
  ['an unknown role', '{"version":1,"operators":[{"key":"KEY","label":"a","role":"root","since":1}]}'],
  ['an unknown field', '{"version":1,"operators":[],"extra":1}'],
  [
    'a key twice',
    '{"version":1,"operators":[{"key":"KEY","label":"a","role":"admin","since":1},{"key":"KEY","label":"a","role":"admin","since":1}]}'
  ],
  ['a key that is none', '{"version":1,"operators":[{"key":"Bx","label":"a","role":"admin","since":1}]}']
])('a file with %s stops the start, and breaks nothing open while the agent runs', async (_, content) => {
  const key = newOperator();
  const running = open();
  await running.enrol(key, 'Ada', 'admin', NOW);
  const broken = content.replaceAll('KEY', key);
  await writeFile(path, broken);
  expect(open).toThrow(expect.objectContaining({ code: 'corrupt-state' }) as Error);
  // Nobody is let in on the strength of a file that says something else by now.
  expect(running.get(key)).toBeNull();
  await expect(running.enrol(newOperator(), 'Eve', 'admin', NOW)).rejects.toThrow(Fault);
  expect(await readFile(path, 'utf8')).toBe(broken);
});

test('an operators.json that cannot be written leaves roles as they were', async () => {
  if (process.getuid?.() === 0) return; // root writes anywhere
  const operators = open();
  const key = newOperator();
  await operators.enrol(key, 'Ada', 'admin', NOW);
  await chmod(directory, 0o500);
  await expect(operators.enrol(newOperator(), 'Bo', 'admin', NOW)).rejects.toThrow();
  await chmod(directory, 0o700);
  expect(operators.list()).toHaveLength(1);
});
