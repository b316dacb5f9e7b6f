// The systemd units of the package, as systemd itself judges them. What they let the programs do is tried where systemd runs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const UNITS = ['host-agent/systemd/smps-agent.service', 'gateway/systemd/smps-gateway.service'];
const systemd = (...words: readonly string[]) => spawnSync('systemd-analyze', words, { encoding: 'utf8' });
const version = Number(/^systemd (\d+)/.exec(systemd('--version').stdout || '')?.[1] ?? 0);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smps-units-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const text = (unit: string): string => readFileSync(join(ROOT, unit), 'utf8');
/** With the program where it is here: systemd looks for it. */
function placed(unit: string, content = text(unit)): string {
  const path = join(directory, basename(unit));
  const program = /^ExecStart=(\S+)/m.exec(content)?.[1] ?? '';
  writeFileSync(path, content.replace(`ExecStart=${program}`, `ExecStart=${join(ROOT, 'bin', `${program}.mjs`)}`));
  return path;
}

describe.each(UNITS)('%s', (unit) => {
  test('starts a program of the package, by its name', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    expect(Object.keys(bin)).toContain(/^ExecStart=(\S+)/m.exec(text(unit))?.[1]);
  });

  // Judging a file that is not installed came with systemd 250.
  test.runIf(version >= 250)('says nothing that systemd does not understand', () => {
    const { status, stdout, stderr } = systemd('verify', placed(unit));
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
    const wrong = systemd('verify', placed(unit, text(unit).replace('LockPersonality', 'LookPersonality')));
    expect(wrong.stderr).toContain('LookPersonality');
  });

  test.runIf(version >= 250)('exposes little, as systemd reckons: at most 2.0 of 10', () => {
    const judged = systemd('security', '--offline=true', '--no-pager', '--threshold=20', placed(unit));
    expect(judged.stdout).toMatch(/Overall exposure level for \S+: [01]\.\d OK/);
    expect(judged.status).toBe(0);
  });
});

test('the user that the agent’s unit names is the one that is made for it', () => {
  const [agent = ''] = UNITS;
  const user = /^User=(\S+)$/m.exec(text(agent))?.[1];
  const made = readFileSync(join(ROOT, 'host-agent/systemd/smps-agent.sysusers.conf'), 'utf8');
  expect(made).toMatch(new RegExp(`^u ${user} `, 'm'));
  expect(made).toMatch(new RegExp(`^m ${user} libvirt$`, 'm'));
});
