import { chmod, chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newOperator, scratch } from '../../tests/support/agent-lab.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Role } from '../../src/lib/model/fleet.ts';
import { silent } from '../log.ts';
import { Operators } from '../access/operators.ts';
import { files, initState, lockState } from '../state.ts';
import { judgeState, probeState } from './state-checks.ts';
import { looker } from './target.ts';

const HOST = hostId('n1');
let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await scratch();
  directory = join(parent, 'n1');
  await initState(directory, {
    id: HOST,
    name: 'n1',
    site: 'north',
    address: '127.0.0.1',
    port: 7440,
    driver: { kind: 'simulated', config: {} }
  });
});
afterEach(() => rm(parent, { recursive: true }));

const examined = async (who = looker()) =>
  judgeState(await probeState(directory), who).map(({ check, level, says, advice }) => ({
    kind: `${check} ${level}`,
    says,
    advice
  }));
const enrol = (role: Role): Promise<unknown> =>
  new Operators(files(directory).operators, HOST, silent).enrol(newOperator(), 'somebody', role, millis(1));

test('a whole one with an admin is in order, and tells whether its agent runs', async () => {
  await enrol('admin');
  const [state, operators, ...more] = await examined();
  expect(state).toMatchObject({
    kind: 'state ok',
    says: `${directory} is whole and closed to others; no agent runs on it`
  });
  expect(operators).toMatchObject({ kind: 'operators ok', says: '1 admin, 0 operator, 0 viewer' });
  expect(more).toEqual([]);
  const release = await lockState(directory);
  expect((await examined())[0]?.says).toContain(`its agent runs (process ${process.pid})`);
  await release();
});

describe('is found wanting', () => {
  test('when it is not there', async () => {
    await rm(directory, { recursive: true });
    const [only] = await examined();
    expect(only).toMatchObject({ kind: 'state fail', advice: expect.stringContaining('smps-agent init') as string });
  });
  test('when it is empty', async () => {
    await rm(files(directory).config);
    expect((await examined())[0]).toMatchObject({
      kind: 'state fail',
      says: expect.stringContaining('init') as string
    });
  });
  test('when a file in it is broken, which is named', async () => {
    await writeFile(files(directory).key, '{}');
    expect((await examined())[0]).toMatchObject({
      kind: 'state fail',
      says: expect.stringContaining('host-key.json') as string
    });
  });
  test('when others may look into it', async () => {
    await chmod(directory, 0o750);
    expect((await examined())[0]).toMatchObject({ kind: 'state warn', advice: `chmod 700 ${directory}` });
  });
  test('when others may read a key', async () => {
    await chmod(files(directory).tlsKey, 0o640);
    expect((await examined())[0]).toMatchObject({
      kind: 'state fail',
      says: expect.stringContaining('pose as this host') as string
    });
  });
  test('when it belongs to somebody else, of whom root may learn more than of the other way round', async () => {
    const { uid } = looker();
    expect((await examined({ uid: uid + 1, name: 'other' }))[0]).toMatchObject({ kind: 'state fail' });
    await (uid === 0 ? chown(directory, 1, 1) : Promise.resolve());
    const kinds = (await examined({ uid: 0, name: 'root' })).map(({ kind }) => kind);
    expect(kinds).toContain('state warn');
    // Its files stayed root's own.
    expect(kinds.includes('state fail')).toBe(uid === 0);
  });
  test('when nobody is known to it, or nobody who may invite', async () => {
    expect((await examined())[1]).toMatchObject({ kind: 'operators warn', says: 'nobody is known to this host yet' });
    await enrol('operator');
    expect((await examined())[1]).toMatchObject({
      kind: 'operators warn',
      advice: expect.stringContaining('--role admin') as string
    });
  });
});
