// The program as it is started: what it prints, how it ends, what it says when it cannot start.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function tableFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'smps-main-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'hosts.json'), '{ "hosts": {} }');
  return join(directory, 'hosts.json');
}

function run(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanups.push(() => {
    child.kill('SIGKILL');
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, errors });
    });
  });
  return { child, ended };
}

test('says on which port it listens, logs JSON lines, and ends on SIGTERM', async () => {
  const { child, ended } = run(['--table', await tableFile(), '--port', '0']);
  const line = await new Promise<string>((resolve) => {
    createInterface(child.stdout).once('line', resolve);
  });
  const { event, port } = JSON.parse(line) as { event: string; port: number };
  expect(event).toBe('listening');
  expect(await (await fetch(`http://127.0.0.1:${String(port)}/healthz`)).text()).toBe('ok\n');
  child.kill('SIGTERM');
  const { code, errors } = await ended;
  expect(code).toBe(0);
  const events = errors
    .trimEnd()
    .split('\n')
    .map((each) => (JSON.parse(each) as { event: string }).event);
  expect(events).toEqual(['table-loaded', 'listening', 'stopping', 'stopped']);
});

test.each([
  ['no table', ['--port', '0'], 2, '--table is missing'],
  ['no port', ['--table', 'x'], 2, '--port'],
  ['a port that is none', ['--table', 'x', '--port', '65536'], 2, '--port'],
  ['an unknown flag', ['--tabel', 'x'], 2, 'tabel'],
  ['half of TLS', ['--table', 'x', '--port', '0', '--tls-key', 'x'], 2, 'belong together'],
  [
    'a certificate that is not there',
    ['--table', 'x', '--port', '0', '--tls-key', '/no', '--tls-cert', '/no'],
    1,
    '/no'
  ],
  ['a table that is not there', ['--table', '/no/hosts.json', '--port', '0'], 1, '/no/hosts.json'],
  ['a public address without TLS', ['--table', 'x', '--port', '0', '--address', '0.0.0.0'], 2, 'loopback']
])('with %s it does not start, and says why', async (_, args, code, words) => {
  const end = await run(args).ended;
  expect(end.code).toBe(code);
  expect(end.errors).toContain(words);
  expect(end.errors).not.toContain('    at ');
});
