// The main job of an operator, by hand, in Chromium, through gateway and agents, on real guests where libvirt and QEMU are
// installed (elsewhere on simulated hosts, and it says so): pair, see, create, power, hotplug with the guest's own word, drift, crashes.
import { expect, test } from '@playwright/test';
import { hypervisorMissing } from '../../scripts/setup/hypervisor.mjs';
import { openConsole, rows, typeLine } from '../support/console-page.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

const missing = hypervisorMissing();
const real = missing === null;
if (!real) console.log(`end to end on SIMULATED hosts: ${missing}`);

test.describe.configure({ mode: 'serial' });

let fleet: SampleFleet;
let tab: Tab;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  fleet = await startSampleFleet(['--driver', real ? 'libvirt' : 'simulated']);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  tab = new Tab(await context.newPage());
});
test.afterAll(async () => {
  await fleet.stop();
});

test('the link pairs with four hosts, shows their check numbers, and leaves the address bar', async () => {
  const numbers = await tab.pair(fleet.url);
  expect(numbers).toHaveLength(4);
  expect(tab.page.url()).not.toContain('pair=');
});

test('the fleet shows two sites, four hosts and the sample VMs, each with how it runs', async () => {
  await tab.page.goto(fleet.origin);
  await expect(tab.page.getByText('4 hosts sealed', { exact: true })).toBeVisible();
  for (const site of ['north', 'south']) await expect(tab.page.getByText(site).first()).toBeVisible();
  await tab.page.goto(`${fleet.origin}/hosts`);
  const hosts = tab.page.getByRole('main');
  for (const host of ['n1', 'n2', 's1', 's2']) {
    await expect(hosts.getByRole('row', { name: new RegExp(`\\b${host}\\b`) })).toContainText(
      real ? /KVM|emulated/ : 'simulated'
    );
  }
  await tab.page.goto(`${fleet.origin}/vms`);
  const vms = tab.page.getByRole('main');
  for (const vm of ['web-1', 'db-1', 'web-2', 'mail', 'lab-1']) {
    await expect(vms.getByRole('link', { name: vm, exact: true })).toBeVisible();
  }
});

test('a VM is created and started, and the guest reports its two processors', async () => {
  await tab.page.goto(`${fleet.origin}/vms/new?host=n2`);
  await tab.page.getByLabel('Name', { exact: true }).fill('shop-1');
  await tab.button('Create and start').click();
  await expect(tab.page.getByRole('heading', { level: 1, name: 'shop-1' })).toBeVisible({ timeout: 90_000 });
  await tab.state('running');
  await expect(tab.row('vCPUs')).toContainText('guest sees 2', { timeout: 90_000 });
});

test('a third processor is added while it runs, and the guest sees three', async () => {
  await tab.button('More: vCPUs').click();
  await tab.button('Apply now').click();
  await expect(tab.row('vCPUs')).toContainText('guest sees 3', { timeout: 60_000 });
});

test('memory is added while it runs, and the guest sees it', async () => {
  const before = await seenMemory();
  await tab.button('More: Memory').click();
  await tab.button('Apply now').click();
  await expect.poll(seenMemory, { timeout: 60_000 }).toBeGreaterThan(before + 32);
});

test('memory is taken back while it runs', async () => {
  const before = await seenMemory();
  await tab.button('Less: Memory').click();
  await tab.button('Apply now').click();
  await expect.poll(seenMemory, { timeout: 60_000 }).toBeLessThan(before - 32);
});

test('a disk is attached, grown and detached while it runs, each confirmed by the guest', async () => {
  const disks = await tab.button(/^Detach vd/).count();
  const target = `vd${'abcdef'.charAt(disks)}`;
  await tab.button('Attach disk').click();
  await tab.page.getByRole('dialog').getByLabel('Size').fill('64 MiB');
  await tab.submit('Attach');
  await expect(tab.item(target)).toContainText('guest sees it', { timeout: 60_000 });
  await tab.button(`Grow ${target}`).click();
  await tab.page.getByRole('dialog').getByRole('textbox').fill('96 MiB');
  await tab.submit('Grow');
  await expect(tab.item(target)).toContainText('96 MiB', { timeout: 60_000 });
  await expect(tab.item(target)).toContainText('guest sees it', { timeout: 60_000 });
  await tab.button(`Detach ${target}`).click();
  await tab.page.getByRole('dialog').getByRole('checkbox').check();
  await tab.submit('Detach and delete');
  await expect(tab.button(`Detach ${target}`)).toHaveCount(0, { timeout: 60_000 });
});

test('a network interface is attached and detached while it runs, and the guest names it', async () => {
  const before = await tab.button(/^Detach 52:54/).count();
  await tab.button('Attach network').click();
  await tab.submit('Attach');
  await expect(tab.button(/^Detach 52:54/)).toHaveCount(before + 1, { timeout: 60_000 });
  await expect(tab.item(`✓ eth${String(before)}`)).toBeVisible({ timeout: 60_000 });
  await tab
    .item(`✓ eth${String(before)}`)
    .getByRole('button', { name: /^Detach/ })
    .click();
  await tab.submit('Detach');
  await expect(tab.button(/^Detach 52:54/)).toHaveCount(before, { timeout: 60_000 });
});

test('a VM starts with its host from when the switch says so, is found by that, and no more when virsh says no', async () => {
  const box = tab.page.getByRole('checkbox', { name: 'Start with the host' });
  await expect(box).not.toBeChecked();
  await box.click();
  await expect(box).toBeChecked();
  // The box shows what was asked for, before the host has answered.
  const marked = (): string => fleet.virsh('n2', 'list', '--all', '--autostart', '--name').trim();
  if (real) await expect.poll(marked).toBe('shop-1');
  await tab.page.goto(`${fleet.origin}/vms?q=autostart:yes`);
  const found = tab.page.getByRole('main').getByRole('link', { name: 'shop-1', exact: true });
  await found.click();
  if (real) fleet.virsh('n2', 'autostart', '--disable', 'shop-1');
  else await box.click();
  await expect(box).not.toBeChecked();
});

test('a guest is paused, resumed, shut down, started and powered off', async () => {
  await tab.button('Pause').click();
  await tab.state('paused');
  await tab.button('Resume').click();
  await tab.state('running');
  await tab.button('Shut down').click();
  await tab.state('off');
  await tab.button('Start').click();
  await tab.state('running');
  await tab.button('Power off').click();
  await tab.submit('Power off');
  await tab.state('off');
});

test('a guest is saved, takes no changes until it is restored, and has what was in its memory', async () => {
  await tab.button('Start').click();
  await tab.state('running');
  await expect(tab.row('vCPUs')).toContainText('guest sees', { timeout: 90_000 });
  await kept(`echo it-was-''kept > /tmp/kept; cat /tmp/kept`);
  await tab.page.getByRole('link', { name: 'Summary', exact: true }).click();
  await tab.button('Save').click();
  await tab.state('saved');
  await expect(tab.page.getByText(/^Its memory is on the disk of n2/)).toBeVisible();
  await expect(tab.button('Attach disk')).toBeDisabled();
  await expect(tab.button('Rename')).toBeDisabled();
  await tab.page.goto(`${fleet.origin}/vms?q=state:saved`);
  await tab.page.getByRole('main').getByRole('link', { name: 'shop-1', exact: true }).click();
  await tab.button('Restore').click();
  await tab.state('running');
  await kept('cat /tmp/kept');
  await tab.page.getByRole('link', { name: 'Summary', exact: true }).click();
});

test('what is saved is discarded once that has been asked back, and the VM is off', async () => {
  await tab.button('Save').click();
  await tab.state('saved');
  await tab.button('Discard saved state').click();
  await expect(tab.page.getByRole('dialog')).toContainText('What was in its memory is lost');
  await tab.submit('Discard saved state');
  await tab.state('off');
});

test('a hostile name is only text, and the VM goes when its name has been typed', async () => {
  const name = '<img src=x onerror=document.title=1>';
  await tab.button('Rename').click();
  await tab.page.getByRole('dialog').getByRole('textbox').fill(name);
  await tab.submit('Rename');
  await expect(tab.page.getByRole('heading', { level: 1, name })).toBeVisible();
  expect(await tab.page.locator('img').count()).toBe(0);
  await tab.button('Delete').click();
  await tab.page.getByRole('dialog').getByRole('textbox').fill(name);
  await tab.submit('Delete VM');
  // A page that is left at once may not have asked its host.
  await expect(tab.page).toHaveURL(/\/hosts\/[^/]+$/);
  await tab.page.goto(`${fleet.origin}/vms`);
  await expect(tab.page.getByRole('main').getByRole('link', { name: 'web-1', exact: true })).toBeVisible();
  await expect(tab.page.getByRole('main').getByText(name)).toHaveCount(0);
});

test('what somebody does with virsh behind our back appears within two seconds', async () => {
  test.skip(!real, 'needs libvirt');
  await tab.openVm(fleet.origin, 'web-2');
  await tab.state('running');
  fleet.virsh('n2', 'suspend', 'web-2');
  await expect(tab.button('Resume')).toBeVisible({ timeout: 2_000 });
  fleet.virsh('n2', 'resume', 'web-2');
  await expect(tab.button('Pause')).toBeVisible({ timeout: 2_000 });
});

test('an agent killed in the middle of a command leaves no doubt: the task ends, and the VM is shown as it is', async () => {
  await tab.openVm(fleet.origin, 'mail');
  await tab.state('running');
  await tab.button('Shut down').click();
  const task = tab.task('Shut down mail');
  await expect(task.getByRole('img', { name: 'running' })).toBeVisible();
  const [agent] = fleet.pids('host-agent/main.ts', '/s1');
  expect(agent).toBeDefined();
  process.kill(Number(agent), 'SIGKILL');
  await expect(tab.page.getByText('3 of 4 hosts sealed')).toBeVisible();
  await expect(tab.page.getByText('4 hosts sealed', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(task.getByRole('img', { name: /^(unknown|done)$/ })).toBeVisible({ timeout: 60_000 });
  if (!real) return;
  const shown = { running: 'running', 'shut off': 'off' };
  await expect(async () => {
    const state = fleet.virsh('s1', 'domstate', 'mail').trim();
    await expect(
      tab.page
        .getByRole('main')
        .getByText(new RegExp(`^${shown[state as keyof typeof shown]}\\b`))
        .first()
    ).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
});

test('a lost gateway greys what is known, refuses commands with the reason, and the tab comes back by itself', async () => {
  await tab.openVm(fleet.origin, 'web-1');
  await tab.state('running');
  const [gateway] = fleet.pids('gateway/main.ts');
  expect(gateway).toBeDefined();
  process.kill(Number(gateway), 'SIGKILL');
  await expect(tab.page.getByText('0 of 4 hosts sealed')).toBeVisible();
  await expect(tab.page.getByText(/^Shown as of/).first()).toBeVisible();
  await expect(tab.button('Pause')).toBeDisabled();
  await expect(tab.page.getByText('4 hosts sealed', { exact: true })).toBeVisible({ timeout: 60_000 });
  await expect(tab.button('Pause')).toBeEnabled();
});

test('libvirtd killed is said on the page, and the guests go on when it is back', async () => {
  test.skip(!real, 'needs libvirt');
  await tab.openVm(fleet.origin, 'db-1');
  await tab.state('running');
  const [daemon] = fleet.pids('libvirtd', '/n1');
  expect(daemon).toBeDefined();
  process.kill(Number(daemon), 'SIGKILL');
  await expect(tab.page.getByText('n1 has trouble').first()).toBeVisible({ timeout: 30_000 });
  await expect(tab.page.getByText('n1 has trouble')).toHaveCount(0, { timeout: 90_000 });
  await tab.state('running');
  await expect(tab.button('Pause')).toBeEnabled();
});

test('nothing broke on the way: no uncaught error in the tab', () => {
  // The killed gateway and agents show up in the console as lost sockets: that is theirs to say.
  expect(tab.errors.filter((text) => !/WebSocket|ERR_CONNECTION/.test(text))).toEqual([]);
});

/** MiB the guest reports, from the note beside the memory stepper; NaN while it says nothing. */
async function seenMemory(): Promise<number> {
  const note = tab.row('Memory').getByTitle(/reported by/);
  const [, mib] = /^(\d+)\sMiB reported by/.exec((await note.getAttribute('title')) ?? '') ?? [];
  return Number(mib ?? NaN);
}

/** Types it at the serial line of a real guest that is up, which then says what stands in a file of its memory. */
async function kept(line: string): Promise<void> {
  if (!real) return;
  await openConsole(tab, fleet.origin, 'shop-1', 'Serial line');
  await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
  await expect(rows(tab.page)).toBeVisible();
  await typeLine(tab.page, line);
  await expect(rows(tab.page)).toContainText('it-was-kept', { timeout: 60_000 });
}
