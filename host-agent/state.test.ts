import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratch } from '../tests/support/agent-lab.ts';
import { Fault } from '../src/lib/model/fault.ts';
import { hostId } from '../src/lib/model/ids.ts';
import { pinOf } from './certificate.ts';
import { nodeProvider } from './crypto.ts';
import { lock } from './files/lock.ts';
import { files, hostKey, initState, lockState, readState } from './state.ts';
import type { AgentConfig } from './state.ts';

const CONFIG: AgentConfig = {
  id: hostId('n1'),
  name: 'Nord 1',
  site: 'north',
  address: '127.0.0.1',
  port: 0,
  advertise: null,
  driver: { kind: 'simulated', config: { vms: 3, latency: { start: 5 } } }
};
let directory: string;
beforeEach(async () => {
  directory = join(await scratch(), 'n1');
});
afterEach(() => rm(join(directory, '..'), { recursive: true }));
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no fault',
    (thrown: unknown) => Fault.from(thrown).code
  );

test('a fresh state directory is for its owner alone and reads back as what was asked for', async () => {
  const made = await initState(directory, CONFIG);
  expect(await readState(directory)).toEqual(made);
  expect(made.config).toEqual(CONFIG);
  expect(made.pin).toBe(pinOf(made.tls.cert));
  expect((await hostKey(made, nodeProvider())).publicKey[0]).toBe(4);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(directory)) {
    expect(`${name} ${((await stat(join(directory, name))).mode & 0o077).toString(8)}`).toBe(`${name} 0`);
  }
  expect(await readdir(directory)).not.toContain('agent.lock');
});

test('a directory that is in use is not made anew, and one that is none is not run', async () => {
  await initState(directory, CONFIG);
  expect(await codeOf(initState(directory, CONFIG))).toBe('usage');
  expect(await codeOf(readState(join(directory, 'codes')))).toBe('usage');
});

test.each([
  { ...CONFIG, name: 'a\nb' },
  { ...CONFIG, port: 70_000 },
  { ...CONFIG, address: 'localhost;rm' },
  { ...CONFIG, driver: { kind: 'libvirt' as const, config: {} } },
  { ...CONFIG, driver: { kind: 'simulated' as const, config: { vms: -1 } } },
  { ...CONFIG, driver: { kind: 'simulated' as const, config: { uri: 'qemu:///system' } } }
])('a configuration that could not be read back is refused before anything is written: %j', async (config) => {
  expect(await codeOf(initState(directory, config))).toBe('bad-argument');
  expect(await codeOf(stat(directory))).toBe('internal');
});

test.each(['agent.json', 'host-key.json', 'tls-cert.pem', 'tls-key.pem'])(
  'a %s that is cut short, empty or gone is named in the fault',
  async (name) => {
    await initState(directory, CONFIG);
    const path = join(directory, name);
    const whole = await readFile(path);
    for (const damage of [() => truncate(path, whole.length >> 1), () => writeFile(path, ''), () => rm(path)]) {
      await writeFile(path, whole);
      await damage();
      const fault = await readState(directory).then(
        (state) => hostKey(state, nodeProvider()),
        (thrown: unknown) => Fault.from(thrown)
      );
      if (!(fault instanceof Fault)) expect(name).toBe('tls-key.pem');
      else if (name === 'agent.json' && fault.code === 'usage') expect(fault.message).toContain(directory);
      else expect([fault.code, fault.message.includes(path)]).toEqual(['corrupt-state', true]);
    }
  }
);

test('a host key that is not on the curve is refused', async () => {
  await initState(directory, CONFIG);
  const path = files(directory).key;
  const key = JSON.parse(await readFile(path, 'utf8')) as { x: string; y: string };
  await writeFile(path, JSON.stringify({ ...key, x: key.y }));
  expect(await codeOf(readState(directory))).toBe('corrupt-state');
});

test('the directory is held by one agent at a time, and by nobody once it is let go', async () => {
  await initState(directory, CONFIG);
  const release = await lockState(directory);
  const fault = await lockState(directory).catch((thrown: unknown) => Fault.from(thrown));
  expect(fault).toMatchObject({ code: 'already-running', detail: { pid: String(process.pid) } });
  await release();
  await (
    await lockState(directory)
  )();
});

test.each(['999999999 1\n', `${process.pid} 1\n`, 'rubbish', ''])(
  'a lock whose holder is gone is taken over, and by one of many: %j',
  async (content) => {
    await initState(directory, CONFIG);
    const path = files(directory).lock;
    // One in some dozens is enough for two of them.
    for (let round = 0; round < 100; round++) {
      await writeFile(path, content);
      const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lock(path, 'it')));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    expect((await readdir(directory)).filter((name) => name.startsWith('agent.lock'))).toEqual(['agent.lock']);
  }
);
