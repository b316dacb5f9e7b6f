import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '#lib/model/fault.ts';
import type { KeptPlugin } from './store.ts';
import { Plugins } from './plugins.svelte.ts';

let plugins: Plugins | null = null;
/** Beside those that come with the app. */
const own = (): readonly KeptPlugin[] => (plugins?.list ?? []).filter(({ origin }) => origin.kind !== 'bundled');
afterEach(async () => {
  for (const { id } of own()) await plugins?.remove(id);
  plugins?.close();
});

const source = (id: string, version: string): string =>
  `export default { manifest: { id: '${id}', version: '${version}', api: 1, title: 'Of a test', description: 'x',
    config: { type: 'object', properties: { share: { type: 'number', title: 'Share', default: 40, maximum: ${version === '1.0.0' ? 100 : 50} } } } } };`;
const file = (id: string, version = '1.0.0'): File => new File([source(id, version)], `${id}.js`);

test('what is added is there for the next page, with its settings', async () => {
  plugins = await Plugins.open();
  const preview = await plugins.readFile(file('one'));
  expect(own()).toEqual([]);
  await plugins.add(preview);
  await plugins.configure('one', { share: 70 });
  plugins.close();
  plugins = await Plugins.open();
  const [kept] = own();
  expect(kept).toMatchObject({ id: 'one', on: true, origin: { kind: 'file', file: 'one.js' }, config: { share: 70 } });
  expect(kept?.sha256).toMatch(/^[0-9a-f]{64}$/);
  await expect(plugins.configure('one', { share: 101 })).rejects.toMatchObject({ code: 'bad-argument' });
});

test('another version takes the place of the one before; settings it no longer allows are as its defaults', async () => {
  plugins = await Plugins.open();
  await plugins.add(await plugins.readFile(file('one')));
  await plugins.configure('one', { share: 70 });
  await plugins.enable('one', false);
  await plugins.add(await plugins.readFile(file('one', '2.0.0')));
  const [kept, ...more] = own();
  expect(more).toEqual([]);
  expect(kept).toMatchObject({ on: false, manifest: { version: '2.0.0' } });
  expect(kept && plugins.configOf(kept)).toEqual({ share: 40 });
});

test('one that is off, or waits for a decision, is not loaded; one that failed says why until it works', async () => {
  plugins = await Plugins.open();
  await plugins.add(await plugins.readFile(file('one')));
  const sandbox = await plugins.load('one');
  expect(sandbox.manifest.id).toBe('one');
  sandbox.close();
  plugins.failed('one', new Fault('plugin-failed', { plugin: 'Of a test', reason: 'did nothing' }));
  const [kept] = own();
  expect(kept && plugins.stateOf(kept)).toBe('failed');
  await plugins.enable('one', false);
  const [off] = own();
  expect(off && plugins.stateOf(off)).toBe('off');
  await expect(plugins.load('one')).rejects.toMatchObject({ code: 'not-found' });
});

test('what was set, switched off or removed while its address was asked stays so', async () => {
  const opened = (plugins = await Plugins.open());
  const origin = { kind: 'url', url: 'https://plugins.test/one.js' } as const;
  const preview = { ...(await opened.readFile(file('one'))), origin };
  await opened.add(preview);
  const asked = vi.spyOn(opened, 'readUrl');
  asked.mockImplementationOnce(async () => {
    await opened.configure('one', { share: 70 });
    await opened.enable('one', false);
    return preview;
  });
  expect(await opened.check('one')).toBe(false);
  expect(own()).toMatchObject([{ on: false, config: { share: 70 }, offered: null }]);
  asked.mockImplementationOnce(async () => {
    await opened.remove('one');
    return preview;
  });
  await opened.check('one');
  expect(own()).toEqual([]);
});
