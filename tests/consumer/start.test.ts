// `npm start` more than once on one state directory, on simulated hosts.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshState, startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';

let state = '';
let fleet: SampleFleet;
beforeAll(() => {
  state = freshState();
});
afterAll(() => fleet.stop());

const start = async (): Promise<SampleFleet> =>
  (fleet = await startSampleFleet(['--driver', 'simulated', '--hosts', '2'], state));

/** What the sample’s own operator sees: hosts and VMs with their states. */
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

test('an operator and a host that were moved away meanwhile are paired anew', async () => {
  await fleet.end();
  rmSync(join(state, 'operator', 'operator-key.json'));
  rmSync(join(state, 'agents', 's1'), { recursive: true });
  await start();
  expect(seen().slice(0, 2)).toEqual(['n1 online', 's1 online']);
});
