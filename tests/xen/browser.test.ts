// An operator's tab on a fleet of Xen and QEMU: a guest on a real Xen host gains a vCPU, memory, a disk and an interface and
// gives them back, by hand on the page, and says each time on its console what it has.
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expect as expectPage } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { until } from '../conformance/expect.ts';
import { Tab } from '../support/tab.ts';
import { mixedFleet } from './mixed-fleet.ts';
import type { MixedFleet } from './mixed-fleet.ts';

/** Emulated, what takes a Xen host a tenth of a second takes seconds. */
const SEEN = { timeout: 90_000 };
const NAME = 'shop-x';

describe('a tab on Xen and QEMU hosts', () => {
  let fleet: MixedFleet;
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    fleet = await mixedFleet();
    const executablePath = findBrowser();
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking']
    });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    context.setDefaultTimeout(60_000);
    tab = new Tab(await context.newPage());
  });
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail')
      await tab.page.screenshot({ path: `test-results/xen-${context.task.id}.png` });
  });
  afterAll(async () => {
    await browser.close();
    await fleet.stop();
  });

  /** The guest's last word, once it says so. */
  const says = (pattern: RegExp): Promise<string> =>
    until(
      SEEN.timeout,
      async () => (await fleet.xen.guestStates(NAME)).at(-1) ?? '',
      (last) => pattern.test(last)
    );
  const memory = (state: string): number => Number(/MemTotal=(\d+)/.exec(state)?.[1]);

  it('shows both in one list, and finds the Xen host by what it is', async () => {
    expect(await tab.pair(fleet.link)).toHaveLength(2);
    await tab.page.goto(`${fleet.origin}/hosts`);
    const main = tab.page.getByRole('main');
    await expectPage(main.getByRole('row', { name: /\bx1\b/ })).toContainText('Xen', SEEN);
    await expectPage(main.getByRole('row', { name: /\bq1\b/ })).toContainText('emulated', SEEN);
    await tab.page.goto(`${fleet.origin}/hosts?q=hypervisor:xen`);
    await expectPage(main.getByRole('row', { name: /\bx1\b/ })).toBeVisible();
    await expectPage(main.getByRole('row', { name: /\bq1\b/ })).toHaveCount(0);
  });

  it('creates a guest there, which runs', async () => {
    await tab.page.goto(`${fleet.origin}/vms/new?host=x1`);
    await tab.page.getByLabel('Name', { exact: true }).fill(NAME);
    // Emulated, a PVH guest crashes now and then while it boots.
    await tab.page.getByLabel('Starts from').selectOption('tiny-pv');
    await tab.page.getByLabel('vCPUs', { exact: true }).fill('1');
    await tab.page.getByLabel('vCPUs at most', { exact: true }).fill('2');
    await tab.page.getByLabel('Memory', { exact: true }).fill('128 MiB');
    await tab.page.getByLabel('Memory at most', { exact: true }).fill('256 MiB');
    await tab.button('Create and start').click();
    await expectPage(tab.page.getByRole('heading', { level: 1, name: NAME })).toBeVisible(SEEN);
    await tab.state('running');
    await says(/^nproc=1 /);
  });

  it('gives it a vCPU and takes it back', async () => {
    for (const [button, count] of [
      ['More: vCPUs', 2],
      ['Less: vCPUs', 1]
    ] as const) {
      await tab.button(button).click();
      await tab.button('Apply now').click();
      await says(new RegExp(`^nproc=${count} `));
      await expectPage(tab.page.getByRole('spinbutton', { name: 'vCPUs' })).toHaveValue(String(count), SEEN);
    }
  });

  it('gives it memory and takes it back', async () => {
    const before = memory(await says(/MemTotal/));
    await tab.button('More: Memory').click();
    await tab.button('Apply now').click();
    await until(
      SEEN.timeout,
      async () => memory((await fleet.xen.guestStates(NAME)).at(-1) ?? ''),
      // Its kernel takes it a few MiB at a time.
      (now) => now > before + 16 * 1024
    );
    await tab.button('Less: Memory').click();
    await tab.button('Apply now').click();
    await says(new RegExp(`MemTotal=${before} `));
  });

  it('gives it more weight and a cap, by which Xen’s scheduler then goes', async () => {
    /** What the scheduler itself has of it: `shop-x 3 512 30`. */
    const credit = (words: RegExp): Promise<string> =>
      until(
        SEEN.timeout,
        async () => (await fleet.xen.ssh(`xl sched-credit -d ${NAME}`)).replaceAll(/\s+/g, ' ').trim(),
        (line) => words.test(line)
      );
    await credit(new RegExp(`${NAME} \\d+ 256 0$`));
    for (const [label, text, words] of [
      ['Weight', '512', '512 0'],
      ['Cap', '30 %', '512 30']
    ] as const) {
      const field = tab.page.getByRole('spinbutton', { name: label });
      await field.fill(text);
      await tab.button('Apply now').click();
      await credit(new RegExp(`${NAME} \\d+ ${words}$`));
      await expectPage(field).toHaveValue(text, SEEN);
    }
  });

  it('gives it a disk and an interface and takes them back', async () => {
    await says(/disks=(?= )/);
    await tab.button('Attach disk').click();
    await tab.page.getByRole('dialog').getByLabel('Size').fill('64 MiB');
    await tab.submit('Attach');
    await says(/disks=xvda/);
    await tab.button('Detach xvda').click();
    await tab.page.getByRole('dialog').getByRole('checkbox').check();
    await tab.submit('Detach and delete');
    await says(/disks=(?= )/);
    const eth = (state: string): number => state.match(/eth\d/g)?.length ?? 0;
    const before = eth(await says(/nets=/));
    const counts = (count: number): Promise<string> =>
      until(
        SEEN.timeout,
        async () => (await fleet.xen.guestStates(NAME)).at(-1) ?? '',
        (last) => eth(last) === count
      );
    const interfaces = tab.button(/^Detach [0-9a-f]{2}:/);
    await tab.button('Attach network').click();
    await tab.submit('Attach');
    await counts(before + 1);
    await expectPage(interfaces).toHaveCount(before + 1, SEEN);
    await interfaces.last().click();
    await tab.submit('Detach');
    await counts(before);
    await expectPage(interfaces).toHaveCount(before, SEEN);
  });

  it('says why it cannot be on the QEMU host', async () => {
    await tab.page.goto(`${tab.page.url()}/placement`);
    await expectPage(tab.page.getByRole('main')).toContainText(/q1.*Xen/s, SEEN);
  });

  it('shuts it down and deletes it', async () => {
    await tab.openVm(fleet.origin, NAME);
    await tab.button('Shut down').click();
    await tab.state('off');
    await tab.button('Delete').click();
    await tab.page.getByRole('dialog').getByRole('textbox').fill(NAME);
    await tab.submit('Delete VM');
    await expectPage(tab.page.getByRole('heading', { level: 1, name: NAME })).toHaveCount(0, SEEN);
    expect(tab.errors).toEqual([]);
  });
});
