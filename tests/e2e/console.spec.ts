// Consoles in Chromium: the serial line and the screen of simulated guests, and of a real one.
import { expect, test } from '@playwright/test';
import type { BrowserContext, Locator } from '@playwright/test';
import { hypervisorMissing } from '../../scripts/setup/hypervisor.mjs';
import { barRows, colours, openConsole, rows, typeLine } from '../support/console-page.ts';
import { invited } from '../support/invite.ts';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

test.describe('simulated guests', () => {
  test.describe.configure({ mode: 'serial' });
  let fleet: SampleFleet;
  let context: BrowserContext;
  let tab: Tab;

  test.beforeAll(async ({ browser }) => {
    fleet = await startSampleFleet(['--driver', 'simulated']);
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    tab = new Tab(await context.newPage());
    await tab.pair(fleet.url);
  });
  test.afterAll(async () => {
    await fleet.stop();
  });

  test('a serial line takes what is typed, and keeps its keys from the page', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
    const here = tab.page.url();
    await typeLine(tab.page, 'uname');
    await expect(rows(tab.page)).toContainText(/simulated/i);
    await tab.page.keyboard.type('g h');
    await expect(rows(tab.page)).toContainText('g h');
    expect(tab.page.url()).toBe(here);
    await tab.page.keyboard.press('Control+C');
  });

  test('a large paste goes on while commands are answered, and can be stopped', async () => {
    await tab.button('Paste…').click();
    await tab.page.getByLabel('Text', { exact: true }).evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'x'.repeat(10 * 2 ** 20));
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await expect(tab.page.getByText(/^10,485,760\scharacters/)).toBeVisible();
    await tab.submit('Paste');
    await expect(tab.page.getByText(/^Pasting, \d+ %/)).toBeVisible();
    await tab.button('Pause').click();
    await tab.state('paused');
    await tab.button('Resume').click();
    await tab.state('running');
    const cancel = tab.page.getByRole('main').getByRole('button', { name: 'Cancel' });
    // At once: it may end between a look and a click.
    const stopped = await cancel.evaluateAll((buttons: HTMLElement[]) => {
      for (const button of buttons) button.click();
      return buttons.length;
    });
    if (stopped > 0) {
      await expect(tab.page.getByText('The rest was not pasted.')).toBeVisible();
    }
  });

  test('after a paste the keys go to the guest again, not to the button that asked for it', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
    await tab.button('Paste…').click();
    await tab.page.getByLabel('Text', { exact: true }).fill('echo pasted');
    await tab.submit('Paste');
    await expect(rows(tab.page)).toContainText('echo pasted');
    await tab.page.keyboard.type(' and typed');
    await expect(rows(tab.page)).toContainText('echo pasted and typed');
    await expect(tab.page.getByRole('dialog')).toHaveCount(0);
    await tab.page.keyboard.press('Control+C');
  });

  test('two consoles of one line: the second asks, takes it over, and the first is told', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
    const second = await context.newPage();
    await second.goto(tab.page.url().replace('/console', '/console/full'));
    await second.getByRole('button', { name: 'Take over' }).click();
    await expect(second.getByText(/^Open, sealed to/)).toBeVisible();
    await expect(tab.page.getByText(/is busy with/i)).toBeVisible();
    await typeLine(second, 'uptime');
    await expect(rows(second)).toContainText('up');
    await second.close();
    await tab.button('Reconnect').click();
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
  });

  test('a VM that is stopped says so, and its console comes back with it', async () => {
    await tab.button('Power off').click();
    await tab.submit('Power off');
    await expect(tab.page.getByText(/It(?:s|’s)? console opens by itself/)).toBeVisible();
    await tab.page.getByRole('main').getByRole('button', { name: 'Start' }).first().click();
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
  });

  test('the screen shows a picture, in a tab of its own too, several at once', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Screen');
    await expect.poll(() => colours(tab.page)).toBeGreaterThan(1);
    const opening = context.waitForEvent('page');
    await tab.page.getByRole('link', { name: 'Own tab' }).click();
    const own = await opening;
    await expect.poll(() => colours(own)).toBeGreaterThan(1);
    await expect(own.getByRole('navigation', { name: 'Fleet' })).toHaveCount(0);
    await own.close();
    expect(await colours(tab.page)).toBeGreaterThan(1);
  });

  test('the VM’s page has a small picture of its screen, which opens it', async () => {
    await tab.openVm(fleet.origin, 'web-1');
    const picture = tab.page.getByRole('img', { name: 'Open the screen of web-1' });
    await expect(picture).toBeVisible();
    await picture.click();
    await expect(tab.page).toHaveURL(/\/console\?console=screen$/);
  });

  test('who looks at that picture again and again is in the activity once, as one who looked', async () => {
    for (let visit = 0; visit < 2; visit++) {
      await tab.openVm(fleet.origin, 'web-1');
      await expect(tab.page.getByRole('img', { name: 'Open the screen of web-1' })).toBeVisible();
    }
    await tab.page.getByRole('link', { name: 'Activity' }).last().click();
    const looks = tab.page.getByRole('main').getByText('Look at the screen of web-1 by pictures, told once an hour');
    await expect(looks.first()).toBeVisible();
    await expect(looks).toHaveCount(1);
  });

  for (const kind of ['Serial line', 'Screen'] as const)
    test(`a VM that moves takes its ${kind.toLowerCase()} along, and no key goes to the page meanwhile`, async () => {
      await openConsole(tab, fleet.origin, 'db-1', kind);
      const sealed = tab.page.getByText(/^Open, sealed to/);
      await expect(sealed).toBeVisible();
      const before = (await sealed.textContent()) ?? '';
      if (kind === 'Serial line') {
        await typeLine(tab.page, 'uname');
        await expect(rows(tab.page)).toContainText('Simulated db-1');
      } else await expect.poll(() => colours(tab.page)).toBeGreaterThan(1);
      const here = tab.page.url();
      await tab.button('Move…').click();
      await tab.page.getByRole('dialog').getByRole('radio').and(tab.page.locator(':enabled')).first().check();
      // Slow enough to be seen on its way, however busy the machine.
      await tab.page.getByLabel('Bandwidth limit, MiB/s').fill('100');
      await tab.submit('Move');
      await tab.page.locator('.xterm-helper-textarea, .screen canvas').focus();
      await expect(tab.page.getByText(/^The VM moves to .*, and its console follows/)).toBeVisible();
      const desk = tab.page.viewportSize() ?? { width: 1280, height: 720 };
      await tab.page.setViewportSize({ width: 390, height: 844 });
      await expect.poll(() => barRows(tab.page)).toBe(2);
      await expect(tab.button('Paste…')).toBeVisible();
      await expect(tab.page.getByRole('link', { name: 'Own tab' })).toBeVisible();
      await tab.page.setViewportSize(desk);
      await expect(async () => {
        await tab.page.keyboard.type('gh');
        await expect(sealed).not.toHaveText(before, { timeout: 100 });
        await expect(sealed).toBeVisible({ timeout: 100 });
      }).toPass({ intervals: [100], timeout: 60_000 });
      expect(tab.page.url()).toBe(here);
      await tab.page.keyboard.type('gh');
      expect(tab.page.url()).toBe(here);
      await expect(tab.page.locator('.xterm-helper-textarea, .screen canvas')).toBeFocused();
      if (kind === 'Screen') return;
      await expect(rows(tab.page)).toContainText('Simulated db-1');
      await tab.page.keyboard.press('Control+C');
      await tab.page.keyboard.type('nproc\n');
      await expect(rows(tab.page)).toContainText(/nproc\s*\d/);
    });

  test('whoever chooses the other console types into it at once, by mouse and by keyboard', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
    const of = (kind: string): Locator =>
      tab.page.getByRole('navigation').getByRole('link', { name: kind, exact: true });
    await of('Screen').click();
    await expect(tab.page.locator('.screen canvas')).toBeFocused();
    await of('Serial line').focus();
    await tab.page.keyboard.press('Enter');
    await expect(tab.page.locator('.xterm-helper-textarea')).toBeFocused();
    await tab.page.keyboard.type('nproc');
    await expect(rows(tab.page)).toContainText('nproc');
    await tab.page.keyboard.press('Control+C');
  });

  test('a guest is told how large its terminal is by a line that is typed for it', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
    const set = tab.button(/^Set guest to \d+×\d+$/);
    const [, columns = '', lines = ''] = /(\d+)×(\d+)/.exec((await set.getAttribute('aria-label')) ?? '') ?? [];
    expect(Number(columns)).toBeGreaterThan(80);
    await set.click();
    await expect(rows(tab.page)).toContainText(`stty cols ${columns} rows ${lines}`);
    await tab.page.keyboard.type('nproc\n');
    await expect(rows(tab.page)).toContainText(/nproc\s*\d/);
  });

  test('an agent that dies and comes back has its consoles open again', async () => {
    await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
    const host = (await tab.page.getByText(/^Open, sealed to/).textContent())?.split(' ').at(-1) ?? '';
    for (const pid of fleet.pids('host-agent', host)) process.kill(pid, 'SIGKILL');
    await expect(tab.page.getByText(/opens again/)).toBeVisible();
    await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible({ timeout: 60_000 });
  });

  test('nothing went wrong unseen', () => {
    expect(tab.errors).toEqual([]);
  });
});

test.describe('a real guest', () => {
  const missing = hypervisorMissing();
  test.skip(missing !== null, missing ?? '');

  test('a command typed on its serial line is answered, a viewer types none, Ctrl-Alt-Del arrives, and it says when it stops', async ({
    browser
  }) => {
    test.setTimeout(600_000);
    const fleet = await startSampleFleet(['--driver', 'libvirt', '--hosts', '1']);
    try {
      const tab = new Tab(await (await browser.newContext()).newPage());
      await tab.pair(fleet.url);
      await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
      await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible({ timeout: 120_000 });
      await expect(async () => {
        await typeLine(tab.page, 'echo $((40 + 2))-answer');
        await expect(rows(tab.page)).toContainText('42-answer', { timeout: 5_000 });
      }).toPass({ timeout: 180_000 });
      const viewer = await invited(tab, fleet.origin, 'n1', 'viewer', browser);
      await openConsole(viewer, fleet.origin, 'web-1', 'Serial line');
      await expect(viewer.page.getByText('Read-only', { exact: true })).toBeVisible();
      await expect(viewer.page.getByText(/you only look, and no key reaches the guest/)).toBeVisible();
      await expect(viewer.page.getByText(/every key goes to the guest|Enter brings a prompt/)).toHaveCount(0);
      for (const name of ['Paste…', /^Set guest to/]) await expect(viewer.button(name)).toBeDisabled();
      await typeLine(viewer.page, 'echo $((50 + 5))-viewer');
      await openConsole(tab, fleet.origin, 'web-1', 'Serial line');
      await tab.button('Take over').click();
      await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible();
      // Behind what the viewer typed, and said back by the guest if it had come there.
      await typeLine(tab.page, 'echo $((40 + 2))-answer');
      await expect(rows(tab.page)).toContainText('42-answer');
      await expect(rows(tab.page)).not.toContainText('-viewer');
      await expect(rows(viewer.page)).not.toContainText('-viewer');
      await openConsole(viewer, fleet.origin, 'web-1', 'Screen');
      await expect.poll(() => colours(viewer.page)).toBeGreaterThan(1);
      await expect(viewer.button('Ctrl-Alt-Del')).toBeDisabled();
      await expect(viewer.page.getByRole('combobox', { name: 'Size of the picture' }).getByRole('option')).toHaveText([
        'Fit the window',
        '1:1'
      ]);
      const beside = new Tab(await tab.page.context().newPage());
      await openConsole(beside, fleet.origin, 'web-1', 'Screen');
      await expect.poll(() => colours(beside.page)).toBeGreaterThan(1);
      await beside.button('Ctrl-Alt-Del').click();
      // Its kernel's own word, on the serial line.
      await expect(rows(tab.page)).toContainText('reboot: Restarting system', { timeout: 120_000 });
      await expect(beside.page.locator('.screen canvas')).toBeFocused();
      expect(beside.errors).toEqual([]);
      await beside.page.close();
      expect(viewer.errors).toEqual([]);
      await viewer.page.close();
      await tab.button('Power off').click();
      await tab.submit('Power off');
      await expect(tab.page.getByText(/console opens by itself/)).toBeVisible({ timeout: 60_000 });
      await tab.page.getByRole('main').getByRole('button', { name: 'Start' }).first().click();
      await expect(tab.page.getByText(/^Open, sealed to/)).toBeVisible({ timeout: 120_000 });
      await expect(rows(tab.page)).toContainText('42-answer');
      expect(tab.errors).toEqual([]);
    } finally {
      await fleet.stop();
    }
  });
});
