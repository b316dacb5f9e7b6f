// What an idle agent and an idle gateway hold in memory, against an empty Node. Both run as they are installed: compiled
// to JavaScript (Node's own compiler for TypeScript would stay in memory, 35 MB), or with Node's compile cache as in `npm start`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { program, residentKib } from './program.ts';
import { rounded, verdict } from './report.ts';
import type { Result } from './report.ts';

const SETTLE = 15_000;
const EMPTY = `console.log('{"event":"listening","port":1}'); setInterval(() => undefined, 60_000)`;

export async function footprint(): Promise<Result> {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json']);
  const dir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  try {
    const state = join(dir, 'agent');
    const init = ['init', '--state', state, '--id', 'n1', '--name', 'n1', '--site', 'north', '--driver', 'simulated'];
    execFileSync(process.execPath, ['dist/host-agent/main.js', ...init]);
    const table = join(dir, 'hosts.json');
    writeFileSync(table, '{ "hosts": {} }');
    const empty = await idle(['-e', EMPTY]);
    const agent = await idle(['dist/host-agent/main.js', 'run', '--state', state]);
    const gateway = await idle(['dist/gateway/main.js', '--table', table, '--port', '0', '--static', 'build']);
    return {
      figures: [
        { name: 'empty Node', unit: 'MiB', value: empty },
        { name: 'agent (simulated driver), idle', unit: 'MiB', value: agent },
        { name: 'gateway, idle', unit: 'MiB', value: gateway }
      ],
      verdicts: [verdict('agent', agent, 'MiB', { atMost: 80 }), verdict('gateway', gateway, 'MiB', { atMost: 80 })],
      notes: [`agent / empty Node: ${rounded(agent / empty)} x; gateway / empty Node: ${rounded(gateway / empty)} x`]
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function idle(args: readonly string[]): Promise<number> {
  const running = await program(args);
  try {
    await pause(SETTLE);
    return rounded(residentKib(running.pid) / 1024);
  } finally {
    await running.stop();
  }
}
