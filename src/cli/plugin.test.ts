import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundledPlugins } from '../../scripts/setup/plugins.mjs';
import { main } from './main.ts';
import { samplePlugin } from './plugin-new.ts';

// Each try is some seconds of work: min-cost searches until the time of every trial is used up.
vi.setConfig({ testTimeout: 180_000 });

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'smps-plugin-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A file with this text. */
function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

async function smps(...words: readonly string[]) {
  const said = { out: '', err: '' };
  const status = await main(['plugin', ...words], {
    out: (line) => (said.out += `${line}\n`),
    err: (line) => (said.err += `${line}\n`),
    ...{ env: {}, version: '1.2.3', signal: new AbortController().signal }
  });
  return { status, ...said };
}

type Report = { readonly id: string; readonly findings: readonly { readonly of: string; readonly text: string }[] };
const findingsOf = async (path: string): Promise<Report> =>
  JSON.parse((await smps('test', path, '--json')).out) as Report;

describe('smps plugin test', () => {
  it('has nothing against the plugins that come with the app, which are named after their files', async () => {
    const files = await bundledPlugins();
    const index = JSON.parse(files.get('index.json') ?? '') as { readonly id: string; readonly file: string }[];
    expect(index.length).toBeGreaterThanOrEqual(6);
    for (const { id, file: name } of index) {
      expect(await findingsOf(file(name, files.get(name) ?? ''))).toMatchObject({ id, findings: [] });
    }
  });

  it('says in words and by its status what is wrong', async () => {
    const path = file('wrong.js', samplePlugin('wrong').replace('return Math.max(', 'return 1000 + Math.max('));
    const { status, out, err } = await smps('test', path);
    expect(status).toBe(1);
    expect(out).toMatch(/^score \(one host\): answers 10\d\d\.\d+: it must be a number from 0 to 100$/m);
    expect(err).toMatch(/^\d+ findings$/m);
  });

  it('says what is imported, and that the app compiles nothing', async () => {
    const text = `import { join } from 'node:path';\njoin('a');\n${samplePlugin('greedy')}`;
    const { findings } = await findingsOf(file('greedy.ts', text.replace('// @ts-check', '')));
    const texts = findings.map((finding) => finding.text).join('\n');
    expect(texts).toContain('imports “node:path”');
    expect(texts).toContain('must be plain JavaScript');
  });

  it.each([
    ['throw new Error("no");', 'cannot be loaded: no'],
    ['export default 1;', 'the default export must be an object'],
    ['process.exit(0);', 'it ended the process']
  ])('survives %s', async (text, reason) => {
    const { status, out, err } = await smps('test', file('broken.js', text));
    expect(status).toBe(1);
    expect(out + err).toContain(reason);
  });

  it('is a mistake in usage without a plugin', async () => {
    expect((await smps('test')).status).toBe(2);
    expect((await smps('test', join(directory, 'nowhere'))).err).toContain('does not exist');
    expect((await smps('test', directory)).err).toContain('has no plugin.js');
    expect((await smps('frob', directory)).err).toContain('new, test or bench');
  });
});

describe('smps plugin new', () => {
  it('makes a folder that passes, once', async () => {
    const before = process.cwd();
    process.chdir(directory);
    try {
      expect((await smps('new', 'coolest')).status).toBe(0);
      expect(await findingsOf('coolest')).toMatchObject({ id: 'coolest', findings: [] });
      const { status, err } = await smps('new', 'coolest');
      expect(status).toBe(2);
      expect(err).toContain('nothing is overwritten');
      expect((await smps('new', '../Up')).status).toBe(2);
      expect(existsSync('../Up')).toBe(false);
      expect((await smps('new', 'mine/warmest')).status).toBe(0);
      expect(await findingsOf('mine/warmest')).toMatchObject({ id: 'warmest', findings: [] });
    } finally {
      process.chdir(before);
    }
  });
});

describe('docs/PLUGINS.md', () => {
  const blocks = Array.from(
    readFileSync('docs/PLUGINS.md', 'utf8').matchAll(/^```js\n(.*?)^```$/gms),
    ([, text = '']) => text
  );

  it('shows first what `new` writes', () => {
    expect(blocks[0]).toBe(samplePlugin('coolest-first'));
  });

  it('shows plugins that have no findings', async () => {
    const plugins = blocks.filter((text) => text.includes('export default'));
    expect(plugins.length).toBeGreaterThanOrEqual(2);
    for (const [index, text] of plugins.entries()) {
      expect((await findingsOf(file(`block-${index}.js`, text))).findings).toEqual([]);
    }
  });
});
