// Plugins as the operator has them: added, looked at, set, switched off, changed behind one's back, removed. In the app as it is built.
import { expect, test } from '@playwright/test';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapes } from '../support/escapes.ts';
import { bringAxe, COLOUR_RULES, violations } from '../support/axe.ts';
import { startCanary } from '../support/sandbox-lab.ts';
import type { Canary } from '../support/sandbox-lab.ts';
import { startSimFleet } from '../support/sim-fleet.ts';
import type { SimFleet } from '../support/sim-fleet.ts';
import { Tab } from '../support/tab.ts';

// Each goes on where the one before left off.
test.describe.configure({ mode: 'serial' });

let fleet: SimFleet;
let canary: Canary;
let tab: Tab;
let server: Server;
let address = '';
let served = '';

const CONFIG = `{ type: 'object', properties: {
  share: { type: 'number', title: 'Highest share', description: 'Above this a host is full.', default: 80, minimum: 1, maximum: 100 },
  order: { type: 'string', title: 'Order', default: 'largest', enum: ['largest', 'smallest'] },
  wake: { type: 'boolean', title: 'Wake sleeping hosts', default: false }
} }`;
const plugin = (id: string, version = '1.0.0', more = ''): string =>
  `${more}export default { manifest: { id: '${id}', version: '${version}', api: 1, title: 'Policy ${id}', description: 'Puts VMs where they were.', config: ${CONFIG} } };\n`;
const sha256 = (source: string): string => createHash('sha256').update(source).digest('hex');

test.beforeAll(async ({ browser }) => {
  [fleet, canary] = await Promise.all([startSimFleet(['--hosts', '1', '--vms', '2', '--churn', '0']), startCanary()]);
  server = createServer((_, response) => {
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' }).end(served);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/far.js`;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  tab = new Tab(await context.newPage());
  await tab.pair(fleet.url);
  await tab.page.goto(`${fleet.origin}/settings`);
  await tab.page.getByRole('link', { name: 'Plugins', exact: true }).click();
  await expect(tab.page).toHaveURL(`${fleet.origin}/settings/plugins`);
});
test.afterAll(async () => {
  server.close();
  server.closeAllConnections();
  canary.stop();
  await fleet.stop();
});

const choose = (name: string, source: string): Promise<void> =>
  tab.page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'text/javascript', buffer: Buffer.from(source) });
const row = (title: string) => tab.page.locator('tbody').filter({ hasText: title });

/** Full pages in both themes, wide and narrow: nothing axe finds, nothing wider than the window. */
async function wellMade(name: string): Promise<void> {
  const { page } = tab;
  for (const [width, scheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
    [390, 'dark']
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.addStyleTag({ content: '* { transition: none !important; }' });
    await bringAxe(page);
    await page.screenshot({ path: `test-results/pages/${name}-${scheme}-${width}.png`, fullPage: true });
    expect.soft(await violations(page, scheme === 'light' ? null : COLOUR_RULES)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
}

test('a plugin from a file is read in the sandbox, shown with its number, and added; it is there after a reload', async () => {
  const { page } = tab;
  const source = plugin('near');
  await tab.button('Add a file').click();
  await choose('near.js', source);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText(sha256(source));
  await expect(dialog).toContainText('Puts VMs where they were.');
  await tab.submit('Add');
  await expect(dialog).toHaveCount(0);
  await page.reload();
  await expect(row('Policy near')).toContainText(sha256(source));
  await expect(row('Policy near')).toContainText('file near.js');
  await tab.button('Source of Policy near').click();
  await expect(dialog).toContainText("id: 'near'");
  await page.keyboard.press('Escape');
});

test('a plugin that wants out is shown what it is, and nothing of it gets anywhere', async () => {
  const { page } = tab;
  const source = `${escapes(canary.port)}\nexport default { manifest: { id: 'out', version: '1.0.0', api: 1, title: 'Out', description: 'Out by: ' + out.join(' ') } };`;
  await tab.button('Add a file').click();
  await choose('out.js', source);
  await expect(page.getByRole('dialog')).toContainText('Out by: channel own');
  await tab.submit('Cancel');
  expect(canary.hits).toEqual([]);
});

test('what is no plugin is refused with what to do about it, and the page stays alive', async () => {
  const { page } = tab;
  const dialog = page.getByRole('dialog');
  await tab.button('Add a file').click();
  await choose('bad.js', 'export default {');
  await expect(dialog.getByRole('alert')).toContainText('SyntaxError');
  await choose('bad.js', plugin('Bad Id'));
  await expect(dialog.getByRole('alert')).toContainText('manifest.id must be');
  await choose('bad.js', 'for (;;) {}');
  await expect(dialog.getByRole('alert')).toContainText('did not answer within 5 s');
  await choose('bad.js', '/'.repeat(2 ** 20 + 1));
  await expect(dialog.getByRole('alert')).toContainText('larger than 1 MiB');
  await tab.submit('Cancel');
  await tab.button('Add from an address').click();
  await dialog.getByLabel('Address').fill('http://example.com/x.js');
  await tab.submit('Read it');
  await expect(dialog.getByRole('alert')).toContainText('must begin with https://');
  await tab.submit('Cancel');
});

test('its settings are checked, kept, and can be taken back one by one', async () => {
  const { page } = tab;
  const dialog = page.getByRole('dialog');
  await tab.button('Settings of Policy near').click();
  await dialog.getByLabel('Highest share', { exact: true }).fill('101');
  await expect(dialog).toContainText('From 1 to 100.');
  await expect(tab.page.getByRole('dialog').getByRole('button', { name: 'Save' })).toBeDisabled();
  await dialog.getByLabel('Highest share', { exact: true }).fill('70');
  await dialog.getByLabel('Order', { exact: true }).selectOption('smallest');
  await dialog.getByLabel('Wake sleeping hosts', { exact: true }).check();
  await page.screenshot({ path: 'test-results/pages/plugins-settings.png' });
  await tab.submit('Save');
  await expect(dialog).toHaveCount(0);
  await page.reload();
  await tab.button('Settings of Policy near').click();
  await expect(dialog.getByLabel('Highest share', { exact: true })).toHaveValue('70');
  await expect(dialog.getByLabel('Order', { exact: true })).toHaveValue('smallest');
  await expect(dialog.getByLabel('Wake sleeping hosts', { exact: true })).toBeChecked();
  await tab.submit('Reset Highest share');
  await expect(dialog.getByLabel('Highest share', { exact: true })).toHaveValue('80');
  await tab.submit('Cancel');
});

test('a plugin from an address that answers with another source is not used until that is approved', async () => {
  const { page } = tab;
  served = plugin('far');
  await tab.button('Add from an address').click();
  await page.getByRole('dialog').getByLabel('Address').fill(address);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText(sha256(served));
  await page.keyboard.press('Enter');
  await expect(row('Policy far')).toContainText(address);
  await tab.button('Look for changes of Policy far').click();
  await expect(page.getByText('Policy far is as it was')).toBeVisible();

  // What is set while an address is asked is kept.
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route(address, (route) => held.then(() => route.continue()), { times: 1 });
  await tab.button('Look for changes of Policy far').click();
  const share = page.getByRole('dialog').getByLabel('Highest share', { exact: true });
  await tab.button('Settings of Policy near').click();
  await share.fill('60');
  await tab.submit('Save');
  await expect(share).toHaveCount(0);
  await tab.button('Settings of Policy near').click();
  await expect(share).toHaveValue('60');
  await tab.submit('Cancel');
  answer();
  await expect(tab.button('Look for changes of Policy far')).toBeEnabled();

  const before = served;
  served = plugin('far', '1.1.0', '// another\n');
  await tab.button('Look for changes of Policy far').click();
  await expect(row('Policy far')).toContainText('changed');
  await expect(row('Policy far')).toContainText(sha256(before));
  await expect(row('Policy far')).toContainText(sha256(served));
  await page.reload();
  await expect(row('Policy far')).toContainText('changed');
  await wellMade('plugins');
  await tab.button('Use the new one').click();
  await expect(row('Policy far')).not.toContainText('changed');
  await expect(row('Policy far')).toContainText('1.1.0');
  await expect(row('Policy far')).not.toContainText(sha256(before));
});

test('a plugin is switched off, and removed, by keyboard', async () => {
  const { page } = tab;
  const use = page.getByRole('checkbox', { name: 'Use Policy far' });
  await use.focus();
  await page.keyboard.press('Space');
  await expect(row('Policy far')).toContainText('off');
  await page.reload();
  await expect(use).not.toBeChecked();
  await tab.button('Remove Policy far').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('Remove Policy far?');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).focus();
  await page.keyboard.press('Enter');
  await expect(row('Policy far')).toHaveCount(0);
  await page.reload();
  await expect(row('Policy near')).toBeVisible();
  await expect(row('Policy far')).toHaveCount(0);
  expect(tab.errors).toEqual([]);
});

test('in Chinese, plugins speak Chinese where they can: the list, what is added, settings, plans and what they note', async () => {
  const { page } = tab;
  const main = page.getByRole('main');
  await page.goto(`${fleet.origin}/settings`);
  await tab.button('简体中文').click();
  await page.goto(`${fleet.origin}/settings/plugins`);
  await expect(row('最低成本')).toContainText('选总成本最低的方案');
  await expect(row('Policy near')).toContainText('Puts VMs where they were.');
  await wellMade('plugins-zh');

  const locales = `{ zh: {
    title: '按序放置', description: '把虚拟机放回原处。',
    config: { order: { title: '顺序', choices: { largest: '从大到小', smallest: '从小到大' } }, wake: { title: '唤醒休眠主机' } },
    texts: { 'all {1} stay': '全部 {1} 台留下' }
  } }`;
  const spoken = plugin('spoken')
    .replace('config:', `locales: ${locales}, config:`)
    .replace(/ };\n$/, ', propose: (fleet) => ({ moves: [], note: `all ${fleet.vms} stay` }) };\n');
  await tab.button('添加文件').click();
  await choose('spoken.js', spoken);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('按序放置');
  await expect(dialog).toContainText('把虚拟机放回原处。');
  await dialog.getByRole('button', { name: '添加', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  await tab.button('按序放置 的设置').click();
  await expect(dialog.getByRole('combobox', { name: '顺序' })).toContainText('从小到大');
  await expect(dialog.getByRole('checkbox', { name: '唤醒休眠主机' })).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Highest share' })).toBeVisible();
  await wellMade('plugin-settings-zh');
  await page.keyboard.press('Escape');

  await page.goto(`${fleet.origin}/plans/new`);
  await main.getByRole('checkbox', { name: /^按序放置/ }).check();
  await main.getByRole('checkbox', { name: /^集中/ }).check();
  await expect(main.getByText('集中 用于此方案的设置')).toBeVisible();
  await wellMade('plan-new-zh');
  await main.getByRole('button', { name: '比较', exact: true }).click();
  await expect(page).toHaveURL(/\/plans\/[0-9a-f]{16}$/);
  const spokenColumn = main.getByRole('columnheader', { name: '按序放置' });
  await expect(spokenColumn).toBeVisible();
  await expect(main.getByRole('columnheader', { name: '集中' })).toBeVisible();
  await main.getByRole('button', { name: /按序放置/ }).click();
  await expect(main.getByText('全部 2 台留下')).toBeVisible();
  await wellMade('plan-zh');

  await page.goto(`${fleet.origin}/vms/new?place=auto`);
  await expect(main.getByRole('combobox').filter({ hasText: '最低成本' })).toContainText('分散');
  await page.goto(`${fleet.origin}/settings`);
  await tab.button('English').click();
  await page.goto(`${fleet.origin}/settings/plugins`);
  await expect(row('Policy spoken')).toContainText('Puts VMs where they were.');
  await expect(row('Least cost')).toBeVisible();
  expect(tab.errors).toEqual([]);
});
