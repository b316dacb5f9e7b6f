// `npm start` more than once on one state directory, on simulated hosts.
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshState, startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';

let state = '';
let fleet: SampleFleet | null = null;
beforeEach(() => {
  state = freshState();
});
afterEach(async () => {
  await fleet?.end();
  rmSync(state, { recursive: true, force: true });
});

const start = async (): Promise<SampleFleet> =>
  (fleet = await startSampleFleet(['--driver', 'simulated', '--hosts', '2'], state));

/** What the sample’s own operator sees: host, state and VMs. */
function seen(): string[] {
  const env = { ...process.env, SMPS_HOME: join(state, 'operator') };
  const text = execFileSync(process.execPath, ['bin/smps.mjs', 'ls', '--json'], { env, encoding: 'utf8' });
  const { hosts, vms } = JSON.parse(text) as Record<'hosts' | 'vms', { id: string; state: string }[]>;
  return [...hosts, ...vms].map((each) => `${each.id} ${each.state}`);
}

test('the next start finds address, VMs and pairings again, and nothing runs between', async () => {
  const first = await start();
  const before = seen();
  expect(before.slice(0, 2)).toEqual(['n1 online', 's1 online']);
  expect(before).toHaveLength(2 + 5);
  await first.end();
  expect(first.pids()).toEqual([]);
  const second = await start();
  expect(second.origin).toBe(first.origin);
  expect(seen()).toEqual(before);
});

test('a start whose operator, or one of whose hosts, was moved away pairs them anew', async () => {
  await (await start()).end();
  rmSync(join(state, 'operator', 'operator-key.json'));
  rmSync(join(state, 'agents', 's1'), { recursive: true });
  await start();
  expect(seen().slice(0, 2)).toEqual(['n1 online', 's1 online']);
  expect(readdirSync(join(state, 'agents'))).toEqual(['n1', 's1']);
});
