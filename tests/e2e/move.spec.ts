// A running guest moves from host to host, by hand, in Chromium: where it can go and where not, how far it is, stopped half-way,
// and at last there, still counting.
import { expect, test } from '@playwright/test';
import { hypervisorMissing } from '../../scripts/setup/hypervisor.mjs';
import { openConsole, rows, typeLine } from '../support/console-page.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

const missing =
  hypervisorMissing() ??
  (process.getuid?.() === 0 ? null : 'hosts on one machine need root to tell their sockets apart');
test.skip(missing !== null, missing ?? '');
test.describe.configure({ mode: 'serial' });

let fleet: SampleFleet;
let tab: Tab;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  fleet = await startSampleFleet(['--driver', 'libvirt', '--hosts', '2']);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  tab = new Tab(await context.newPage());
  await tab.pair(fleet.url);
});
test.afterAll(async () => {
  await fleet.stop();
});

/** Seconds since the guest began, and which run of it that is, by its own word. */
function guest(host: string): { readonly uptime: number; readonly boot: string } {
  const ask = (execute: string, args: object): unknown =>
    (
      JSON.parse(fleet.virsh(host, 'qemu-agent-command', 'web-1', JSON.stringify({ execute, arguments: args }))) as {
        return: unknown;
      }
    ).return;
  const read = (path: string): string => {
    const handle = ask('guest-file-open', { path, mode: 'r' });
    const { 'buf-b64': text } = ask('guest-file-read', { handle, count: 4096 }) as { 'buf-b64': string };
    ask('guest-file-close', { handle });
    return Buffer.from(text, 'base64').toString();
  };
  return { uptime: Number.parseFloat(read('/proc/uptime')), boot: read('/proc/sys/kernel/random/boot_id') };
}

async function begin(limit: string): Promise<void> {
  await tab.openVm(fleet.origin, 'web-1');
  await expect(tab.row('vCPUs')).toContainText('guest sees 2', { timeout: 120_000 });
  await tab.button('Move…').click();
  await tab.page.getByRole('dialog').getByRole('radio', { name: /s1/ }).check();
  await tab.page.getByLabel('Bandwidth limit, MiB/s').fill(limit);
  await tab.submit('Move');
}

test('a move that is cancelled, here in another tab, leaves the VM where it is', async () => {
  await begin('4');
  await expect(tab.task('Move web-1 to s1')).toContainText(/to go/, { timeout: 120_000 });
  const other = new Tab(await tab.page.context().newPage());
  await other.openVm(fleet.origin, 'web-1');
  const there = other.task('Move web-1 to s1');
  await expect(there).toContainText(/to go/);
  await expect(there).toContainText('n1 · yours, elsewhere');
  await expect(other.page.getByRole('main').getByText(/MiB to go/)).toBeVisible();
  await expect(other.button('Move…')).toBeDisabled();
  await expect(other.button('Move…')).toHaveAttribute('title', /is being moved/);
  await there.getByRole('button', { name: /Cancel/ }).click();
  await expect(there.getByText('n1 · yours, elsewhere')).toHaveCount(0, { timeout: 120_000 });
  await expect(other.button('Move…')).toBeEnabled();
  expect(other.errors).toEqual([]);
  await other.page.close();
  // Refused by a target that has given the room back by itself, and then told of no more than when it is done.
  const freed = tab.task('Free the room for web-1 on s1');
  await expect(freed.getByRole('img', { name: /^(done|refused)$/ })).toBeVisible({ timeout: 120_000 });
  await expect(tab.page.getByText(/Free the room for web-1 on s1: (refused|failed)/)).toHaveCount(0);
  await tab.state('running');
  expect(
    fleet
      .virsh('n1', 'list', '--name')
      .split('\n')
      .map((line) => line.trim())
  ).toContain('web-1');
  await expect.poll(() => fleet.virsh('s1', 'list', '--all', '--name').includes('web-1')).toBe(false);
});

test('a move takes the running guest and its disk along, and the page goes on with it', async () => {
  const before = guest('n1');
  const box = tab.page.getByRole('checkbox', { name: 'Start with the host' });
  await tab.openVm(fleet.origin, 'web-1');
  await box.click();
  await expect(box).toBeChecked();
  // What a host has, past the page, which is told of it at its own time.
  const marked = (host: string): string => fleet.virsh(host, 'list', '--all', '--autostart', '--name').trim();
  await expect.poll(() => marked('n1')).toBe('web-1');
  const console = new Tab(await tab.page.context().newPage());
  await openConsole(console, fleet.origin, 'web-1', 'Serial line');
  await expect(async () => {
    await typeLine(console.page, 'echo $((40 + 2))-before');
    await expect(rows(console.page)).toContainText('42-before', { timeout: 5_000 });
  }).toPass({ timeout: 120_000 });
  const [looking, input] = [console.page.url(), console.page.locator('.xterm-helper-textarea')];
  await begin('');
  await expect(tab.page.getByRole('main').getByRole('link', { name: 's1', exact: true })).toBeVisible({
    timeout: 180_000
  });
  await tab.state('running');
  await expect(tab.page.getByRole('main').getByText(/, moved here .* ago/)).toBeVisible();
  // Its guest agent takes a moment to be connected to where it came.
  await expect(() => {
    const after = guest('s1');
    expect(after.boot).toBe(before.boot);
    expect(after.uptime).toBeGreaterThan(before.uptime);
  }).toPass({ timeout: 120_000 });
  await expect.poll(() => fleet.virsh('n1', 'list', '--all', '--name').includes('web-1')).toBe(false);
  await expect(box).toBeChecked();
  await expect.poll(() => marked('s1')).toBe('web-1');
  // Its console went along: what was said stays, the keys are its own, and the guest answers at the other host.
  await expect(console.page.getByText('Open, sealed to s1')).toBeVisible({ timeout: 60_000 });
  await expect(input).toBeFocused();
  await console.page.keyboard.type('echo $((40 + 3))-gh\n');
  await expect(rows(console.page)).toContainText('43-gh');
  await expect(rows(console.page)).toContainText('42-before');
  expect(console.page.url()).toBe(looking);
  expect(console.errors).toEqual([]);
  await console.page.close();
  await tab.page.goto(`${fleet.origin}/vms`);
  await expect(tab.page.getByRole('main').getByRole('link', { name: 'web-1', exact: true })).toHaveCount(1);
  expect(tab.errors).toEqual([]);
});
