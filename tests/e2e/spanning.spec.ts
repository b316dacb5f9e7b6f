// One fleet of four hosts on a network of their own, by hand in Chromium, on real guests: made, looked into, moved under load with
// a disk, a host emptied, the network cut in the middle of a move and healed. In the end each guest runs exactly once, and is the
// guest it was.
import { expect, test } from '@playwright/test';
import type { BrowserContext, Page } from '@playwright/test';
import { canBeApart } from '../../scripts/sample/apart.ts';
import { hypervisorMissing } from '../../scripts/setup/hypervisor.mjs';
import { apartLab } from '../support/apart-lab.ts';
import type { ApartHost, ApartLab } from '../support/apart-lab.ts';
import { colours, openConsole, rows, typeLine } from '../support/console-page.ts';
import { beginWriter, countIn, hasLostWrites } from '../support/counting-guest.ts';
import { beginInGuest } from '../support/guest-agent.ts';
import type { AskVirsh } from '../support/guest-agent.ts';
import { Tab } from '../support/tab.ts';

const missing =
  hypervisorMissing() ?? (canBeApart() ? null : 'hosts on a network of their own need root, iproute2 and nsenter');
test.skip(missing !== null, missing ?? '');
test.describe.configure({ mode: 'serial' });

/** As they are made: which VMs on which host. */
const MADE = [
  ['h1', 'alpha', 'alpha'],
  ['h2', 'bravo', 'bravo'],
  ['h3', 'charlie', 'charlie'],
  ['h4', 'delta-{1..3}', 'delta-1', 'delta-2', 'delta-3']
] as const;
const NAMES = MADE.flatMap(([, , ...names]) => names);
/** ms for what six emulated guests on two processors make slow. */
const SLOW = 300_000;

let lab: ApartLab;
let context: BrowserContext;
let tab: Tab;
let origin: string;
/** Which run of each guest there is, by its own word. */
const boots = new Map<string, string>();

test.beforeAll(async ({ browser }) => {
  test.setTimeout(600_000);
  lab = await apartLab(95, 4, 'build');
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  tab = new Tab(await context.newPage());
  const link = await lab.link();
  origin = new URL(link).origin;
  expect(await tab.pair(link)).toHaveLength(4);
});
test.afterAll(async () => {
  await lab.close();
});

/** The host that runs it, past every agent; more or fewer than one is an error. */
async function home(vm: string): Promise<ApartHost> {
  const found: ApartHost[] = [];
  for (const host of lab.hosts) {
    const running = await host.virsh('list', '--state-running', '--name');
    if (running.split(/\s+/).includes(vm)) found.push(host);
  }
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${vm} runs on ${found.length} hosts`);
  return only;
}

const asking =
  (on: ApartHost): AskVirsh =>
  (...words) =>
    on.virsh(...words);

/** Runs exactly once, where it is expected, as the guest it was. */
async function expectAt(vm: string, id: string): Promise<void> {
  // Its guest agent takes a moment to be connected to where it came.
  await expect(async () => {
    const at = await home(vm);
    expect(at.id).toBe(id);
    expect((await at.guest(vm)).boot).toBe(boots.get(vm));
  }).toPass({ timeout: SLOW });
}

async function beginMove(vm: string, to: string, limit: string): Promise<void> {
  await tab.openVm(origin, vm);
  await tab.button('Move…').click();
  await tab.page
    .getByRole('dialog')
    .getByRole('radio', { name: new RegExp(to) })
    .check();
  await tab.page.getByLabel('Bandwidth limit, MiB/s').fill(limit);
  await tab.submit('Move');
}

async function openOn(page: Page, vm: string, kind: 'Screen' | 'Serial line'): Promise<void> {
  await openConsole(new Tab(page), origin, vm, kind);
  await expect(page.getByText(/^Open, sealed to/)).toBeVisible({ timeout: SLOW });
}

test('six VMs are made on four hosts', async () => {
  test.setTimeout(2 * SLOW);
  for (const [host, pattern, ...names] of MADE) {
    await tab.page.goto(`${origin}/vms/new?host=${host}`);
    await tab.page.getByLabel('Name', { exact: true }).fill(pattern);
    await tab.button(names.length === 1 ? 'Create and start' : /^Create .*and start/).click();
    for (const name of names) {
      await expect(async () => expect((await home(name)).id).toBe(host)).toPass({ timeout: SLOW });
    }
  }
  for (const name of NAMES) {
    await tab.openVm(origin, name);
    await expect(tab.row('vCPUs')).toContainText('guest sees 2', { timeout: SLOW });
    boots.set(name, (await (await home(name)).guest(name)).boot);
  }
});

test('three consoles are open at once, and one guest is given work', async () => {
  test.setTimeout(2 * SLOW);
  await tab.openVm(origin, 'alpha');
  await tab.button('Attach disk').click();
  await tab.page.getByRole('dialog').getByLabel('Size').fill('32 MiB');
  await tab.submit('Attach');
  await expect(tab.item('vda')).toContainText('guest sees it', { timeout: SLOW });

  const [line, screen, other] = [tab.page, await context.newPage(), await context.newPage()];
  await openOn(line, 'alpha', 'Serial line');
  await openOn(screen, 'bravo', 'Screen');
  await openOn(other, 'charlie', 'Serial line');
  await expect.poll(() => colours(screen), { timeout: SLOW }).toBeGreaterThan(1);
  for (const [page, sum] of [
    [other, 7],
    [line, 11]
  ] as const) {
    await expect(async () => {
      await typeLine(page, `echo $((${sum} * 6))-answer`);
      await expect(rows(page)).toContainText(`${sum * 6}-answer`, { timeout: 5_000 });
    }).toPass({ timeout: SLOW });
  }
  await typeLine(line, 'echo kept-on-disk > /dev/vda');
  await beginWriter(asking(await home('alpha')), 'alpha');
  await expect.poll(async () => countIn(asking(await home('alpha')), 'alpha'), { timeout: SLOW }).toBeGreaterThan(0);
  await screen.close();
  await other.close();
});

test('the guest that works moves with its disk, and its console opens again where it is', async () => {
  test.setTimeout(2 * SLOW);
  const before = (await countIn(asking(await home('alpha')), 'alpha')) ?? 0;
  await beginMove('alpha', 'h2', '');
  await expectAt('alpha', 'h2');
  await expect(tab.page.getByRole('main').getByRole('link', { name: 'h2', exact: true })).toBeVisible({
    timeout: SLOW
  });
  // The target has it before the source has cleared up.
  await expect.poll(() => lab.hosts[0]?.volumes(), { timeout: SLOW }).toEqual([]);
  await openOn(tab.page, 'alpha', 'Serial line');
  await expect(async () => {
    await typeLine(tab.page, 'head -n 1 /dev/vda');
    await expect(rows(tab.page)).toContainText('kept-on-disk', { timeout: 5_000 });
  }).toPass({ timeout: SLOW });
  const virsh = asking(await home('alpha'));
  await expect.poll(() => countIn(virsh, 'alpha'), { timeout: SLOW }).toBeGreaterThan(before + 100);
  expect(await hasLostWrites(virsh, 'alpha')).toBe(false);
  await beginInGuest(virsh, 'alpha', 'killall awk');
});

test('the network is cut in the middle of a move: the tab says where the guest is, and once it is healed the move is made', async () => {
  test.setTimeout(3 * SLOW);
  await beginMove('bravo', 'h3', '4');
  const move = tab.task('Move bravo to h3');
  await expect(move).toContainText(/to go/, { timeout: SLOW });
  await lab.net.cut();
  await expect(move).toContainText('was lost on the way; it goes on here', { timeout: SLOW });
  await lab.net.restore();
  await expectAt('bravo', 'h2');
  await tab.openVm(origin, 'bravo');
  await tab.state('running');
  await beginMove('bravo', 'h3', '');
  await expectAt('bravo', 'h3');
});

test('a target that does not answer at the very end: the tab says that it is being checked, and what came of it', async () => {
  test.setTimeout(3 * SLOW);
  const [, , from, to] = lab.hosts;
  if (from === undefined || to === undefined) throw new Error('four hosts are needed');
  await beginMove('bravo', to.id, '4');
  const move = tab.task(`Move bravo to ${to.id}`);
  await expect(move).toContainText(/to go/, { timeout: SLOW });
  process.kill(to.daemon, 'SIGSTOP');
  try {
    await expect(move).toContainText('unknown, checking', { timeout: SLOW });
    // It stands still here meanwhile, and nobody but an operator says otherwise.
    expect(await from.virsh('domstate', 'bravo')).toBe('paused');
    await tab.openVm(origin, 'bravo');
    await expect(tab.button('Let it continue here…')).toBeVisible({ timeout: SLOW });
    await expect(tab.page.getByRole('button', { name: /^Cancel/ })).toHaveCount(0);
  } finally {
    process.kill(to.daemon, 'SIGCONT');
  }
  await expectAt('bravo', to.id);
  await tab.openVm(origin, 'bravo');
  await tab.state('running');
});

test('a host is emptied for maintenance', async () => {
  test.setTimeout(4 * SLOW);
  await tab.page.goto(`${origin}/hosts/h4`);
  await tab.button('Enter maintenance…').click();
  const dialog = tab.page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('a new power supply');
  await expect(dialog.getByText(/4\smoves/)).toBeVisible({ timeout: SLOW });
  await tab.submit('Enter maintenance');
  await expect(tab.page).toHaveURL(/\/plans\/[0-9a-f]{16}$/);
  const last = lab.hosts[3];
  await expect.poll(() => last?.virsh('list', '--all', '--name'), { timeout: 3 * SLOW }).toBe('');
  await tab.page.goto(`${origin}/hosts/h4`);
  await expect(tab.page.getByText(/^In maintenance since .*: a new power supply$/)).toBeVisible();
});

test('each guest runs exactly once, and is the guest it was', async () => {
  test.setTimeout(SLOW);
  await tab.page.goto(`${origin}/vms`);
  for (const name of NAMES) {
    const host = await home(name);
    await expectAt(name, host.id);
    const row = tab.page.getByRole('main').getByRole('row', { name: new RegExp(`\\b${name}\\b`) });
    await expect(row).toHaveCount(1);
    await expect(row).toContainText('running');
    await expect(row).toContainText(host.id);
  }
  expect(tab.errors).toEqual([]);
});
