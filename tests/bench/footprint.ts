// What idle agents and an idle gateway hold in memory, against an empty Node. They run as they are installed: compiled
// to JavaScript (Node's own compiler for TypeScript would stay in memory, 35 MB).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LEAN } from '../../bin/lean.mjs';
import { startSampleFleet } from '../support/sample-fleet.ts';
import { program, residentKib } from './program.ts';
import { rounded, verdict } from './report.ts';
import type { Result } from './report.ts';

const SETTLE = 15_000;
const EMPTY = `console.log('{"event":"listening","port":1}'); setInterval(() => undefined, 60_000)`;

export async function footprint(): Promise<Result> {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json']);
  const dir = mkdtempSync(join(tmpdir(), 'smps-bench-'));
  try {
    const table = join(dir, 'hosts.json');
    writeFileSync(table, '{ "hosts": {} }');
    const empty = await idle(['-e', EMPTY]);
    const simulated = await idleAgent(join(dir, 'simulated'), ['--driver', 'simulated']);
    const gateway = await idle(['dist/gateway/main.js', '--table', table, '--port', '0', '--static', 'build']);
    const libvirt = await besideGuests((uri, images) =>
      idleAgent(join(dir, 'libvirt'), ['--driver', 'libvirt', '--uri', uri, '--images', images])
    );
    const value = (name: string, of: number) => ({ name, unit: 'MiB', value: of });
    return {
      figures: [
        value('empty Node', empty),
        value('agent (simulated driver), idle', simulated),
        value('agent (libvirt driver, real guests), idle', libvirt),
        value('gateway, idle', gateway)
      ],
      verdicts: [
        verdict('agent, simulated', simulated, 'MiB', { atMost: 80 }),
        verdict('agent, libvirt', libvirt, 'MiB', { atMost: 80 }),
        verdict('gateway', gateway, 'MiB', { atMost: 80 })
      ],
      notes: [
        `against empty Node: agent ${rounded(simulated / empty)} x and ${rounded(libvirt / empty)} x, gateway ${rounded(gateway / empty)} x`
      ]
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The libvirt daemon and the guests of a sample host, for an agent of our own beside the sample's. */
async function besideGuests(work: (uri: string, images: string) => Promise<number>): Promise<number> {
  const fleet = await startSampleFleet(['--hosts', '1', '--driver', 'libvirt']);
  try {
    const [agent = ''] = readdirSync(join(fleet.state, 'agents'));
    return await work(fleet.uri(agent), join(fleet.state, 'h', 'images'));
  } finally {
    await fleet.stop();
  }
}

async function idleAgent(state: string, driver: readonly string[]): Promise<number> {
  const init = ['init', '--state', state, '--id', 'n1', '--name', 'n1', '--site', 'north', ...driver];
  execFileSync(process.execPath, ['dist/host-agent/main.js', ...init]);
  return await idle([...LEAN, 'dist/host-agent/main.js', 'run', '--state', state, '--port', '0']);
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
