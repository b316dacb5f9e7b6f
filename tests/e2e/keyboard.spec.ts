// The main job by keyboard alone, on simulated hosts: no mouse from the fleet to a VM made, changed, renamed and deleted. The
// focus is somewhere that shows it after every key, comes back from dialogs, and begins each view at its heading.
import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';
import { startSampleFleet } from '../support/sample-fleet.ts';
import type { SampleFleet } from '../support/sample-fleet.ts';
import { Tab } from '../support/tab.ts';

const MOST_TABS = 60;

test.describe.configure({ mode: 'serial' });

let fleet: SampleFleet;
let tab: Tab;

test.beforeAll(async ({ browser }) => {
  fleet = await startSampleFleet(['--driver', 'simulated']);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  tab = new Tab(await context.newPage());
  await tab.pair(fleet.url);
  await tab.page.goto(fleet.origin);
  await expect(tab.page.getByText('4 hosts sealed', { exact: true })).toBeVisible();
});
test.afterAll(async () => {
  await fleet.stop();
});
test.afterEach(() => {
  expect(tab.errors).toEqual([]);
});

const press = async (...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await tab.page.keyboard.press(key);
};
const type = (text: string): Promise<void> => tab.page.keyboard.type(text);
const heading = (name: string): Locator => tab.page.getByRole('heading', { level: 1, name, exact: true });
const dialog = (): Locator => tab.page.getByRole('dialog');

/** What has the focus shows it: itself, or the frame it is typed in. */
async function expectVisibleFocus(): Promise<void> {
  const seen = await tab.page.evaluate(() => {
    const now = document.activeElement;
    if (!(now instanceof HTMLElement) || now === document.body) return 'nothing has the focus';
    const box = now.getBoundingClientRect();
    if (box.width === 0 || box.bottom < 0 || box.top > innerHeight)
      return `out of sight: ${now.outerHTML.slice(0, 120)}`;
    for (let node: HTMLElement | null = now, n = 0; node !== null && n < 3; node = node.parentElement, n++) {
      const { boxShadow, outlineStyle } = getComputedStyle(node);
      if (boxShadow !== 'none' || outlineStyle !== 'none') return null;
    }
    return `not shown: ${now.outerHTML.slice(0, 120)}`;
  });
  expect(seen).toBeNull();
}

/** Presses Tab until `target` has the focus. */
async function tabTo(target: Locator): Promise<void> {
  for (let n = 0; n < MOST_TABS; n++) {
    if (await target.evaluate((node) => node === document.activeElement)) return;
    await press('Tab');
    await expectVisibleFocus();
  }
  throw new Error(`${MOST_TABS} times Tab do not reach ${target.toString()}`);
}

/** By “c v”; the heading of the new VM has the focus then. */
async function createVm(name: string): Promise<void> {
  await type('cv');
  await expect(heading('Create a VM')).toBeFocused();
  await tabTo(tab.page.getByLabel('Name', { exact: true }));
  await type(name);
  await tabTo(tab.button(/^Create( and start)?$/));
  await press('Enter');
  await expect(heading(name)).toBeFocused();
}

/** Run in the page: its frames are late, as on a busy machine, and the titles it has from now on are noted. */
function drawLate(): void {
  const titles = new Set<string>();
  Object.assign(globalThis, { titles });
  new MutationObserver(() => titles.add(document.title)).observe(document.head, { childList: true, subtree: true });
  globalThis.requestAnimationFrame = (draw) => Number(setTimeout(() => draw(performance.now()), 900));
}

test('“?” shows the keys, and Esc goes back', async () => {
  await press('?');
  await expect(dialog()).toContainText('Create a VM');
  await press('Escape');
  await expect(dialog()).toHaveCount(0);
});

test('“g h” and “g v” go to hosts and VMs, whose headings have the focus', async () => {
  for (const [keys, path] of [
    ['gh', '/hosts'],
    ['gv', '/vms']
  ] as const) {
    await type(keys);
    await expect(tab.page).toHaveURL(fleet.origin + path);
    await expect(heading('Fleet')).toBeFocused();
    await expectVisibleFocus();
  }
});

test('“/” finds a VM, and Enter opens it', async () => {
  await press('/');
  await type('name:lab-1');
  await expect(tab.page.getByText('1 match')).toBeVisible();
  await press('Enter');
  await expect(heading('lab-1')).toBeFocused();
  await expectVisibleFocus();
});

test('it is started, and the focus stays with its power', async () => {
  await tabTo(tab.button('Start'));
  await press('Enter');
  await tab.state('running');
  await expect(tab.page.getByRole('group', { name: 'Power of lab-1' })).toBeFocused();
  await expectVisibleFocus();
});

test('it gets a vCPU', async () => {
  await tabTo(tab.page.getByRole('spinbutton', { name: 'vCPUs' }));
  await press('ArrowUp');
  await tabTo(tab.button('Apply now'));
  await press('Enter');
  await expect(tab.row('vCPUs')).toContainText('guest sees');
  await expect(tab.button('Apply now')).toHaveCount(0);
  await expectVisibleFocus();
});

test('a disk is attached and detached, and the dialogs give the focus back', async () => {
  const attach = tab.button('Attach disk');
  const before = await tab.button(/^Detach vd/).count();
  await tabTo(attach);
  await press('Enter');
  await tabTo(dialog().getByLabel('Size'));
  await press('ControlOrMeta+a');
  await type('64 MiB');
  await press('Enter');
  await expect(attach).toBeFocused();
  await expect(tab.button(/^Detach vd/)).toHaveCount(before + 1);
  await tabTo(tab.button(/^Detach vd/).nth(before));
  await press('Enter');
  await tabTo(
    dialog()
      .getByRole('button', { name: /^Detach/ })
      .last()
  );
  await press('Enter');
  await expect(tab.button(/^Detach vd/)).toHaveCount(before);
  await expectVisibleFocus();
});

test('a network interface is attached and detached', async () => {
  const attach = tab.button('Attach network');
  const before = await tab.button(/^Detach 52:54/).count();
  await tabTo(attach);
  await press('Enter');
  await tabTo(dialog().getByRole('button', { name: 'Attach', exact: true }));
  await press('Enter');
  await expect(attach).toBeFocused();
  await expect(tab.button(/^Detach 52:54/)).toHaveCount(before + 1);
  await tabTo(tab.button(/^Detach 52:54/).nth(before));
  await press('Enter');
  await tabTo(dialog().getByRole('button', { name: 'Detach', exact: true }));
  await press('Enter');
  await expect(tab.button(/^Detach 52:54/)).toHaveCount(before);
  await expectVisibleFocus();
});

test('“c v” creates a VM, renamed and, once it is off and its name is typed, deleted', async () => {
  await createVm('keys-1');
  await tab.state('running');
  await tabTo(tab.button('Rename'));
  await press('Enter');
  await expect(dialog().getByRole('textbox')).toBeFocused();
  await press('ControlOrMeta+a');
  await type('keys-2');
  await press('Enter');
  await expect(heading('keys-2')).toBeVisible();
  await expect(tab.button('Rename')).toBeFocused();
  // Backwards, past “Move…”.
  await press('Shift+Tab');
  await expectVisibleFocus();
  await press('Shift+Tab');
  await expect(tab.button('Power off')).toBeFocused();
  await press('Enter');
  await tabTo(dialog().getByRole('button', { name: 'Power off' }));
  await press('Enter');
  await tab.state('off');
  await expectVisibleFocus();
  await tabTo(tab.button('Delete'));
  await press('Enter');
  await tabTo(dialog().getByRole('textbox'));
  await type('keys-2');
  await press('Enter');
  await expect(tab.page).toHaveURL(/\/hosts\/[^/]+$/);
  await expect(tab.page.getByRole('heading', { level: 1 })).toBeFocused();
});

test('the tray has told it all, and its tasks are reached by “g t”', async () => {
  await expect(tab.task('Delete keys-2')).toBeVisible();
  await type('gt');
  await expect(heading('Tasks')).toBeFocused();
  await expect(tab.page.getByRole('main').getByText('Start lab-1')).toBeVisible();
});

test('a page that is drawn late goes on to the VM that was made, and never says there is none', async () => {
  await tab.page.evaluate(drawLate);
  await createVm('keys-3');
  const titles = await tab.page.evaluate(() => [...(globalThis as unknown as { titles: Set<string> }).titles]);
  expect(titles).toEqual(['Create a VM · SMPS-VMM', 'keys-3 · SMPS-VMM']);
});
