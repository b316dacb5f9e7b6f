import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstView, isMeasurable } from './first-view.mjs';

const NODES = '.svelte-kit/generated/build/client-optimized/nodes';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'smps-first-view-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

describe('the first view', () => {
  it('is what index.html names and what its page imports, but nothing lazy', () => {
    write({
      'build/index.html':
        '<script src="/boot.js"></script><link href="/_app/start.js" rel="modulepreload"><link href="/_app/shell.css" rel="stylesheet"><link href="/_app/core.js" rel="modulepreload" fetchpriority="low">',
      'kit/generated/build/client-optimized/app.js': 'export const dictionary = { "/": [2], "/hosts": [3] };',
      'kit/output/client/.vite/manifest.json': {
        [`${NODES}/2.js`]: { file: '_app/2.js', imports: ['_map.js'], dynamicImports: ['core.ts'] },
        [`${NODES}/3.js`]: { file: '_app/3.js' },
        '_map.js': { file: '_app/map.js', css: ['_app/map.css'], imports: ['_shell.js'] },
        '_shell.js': { file: '_app/start.js', imports: ['_map.js'] },
        'core.ts': { file: '_app/core.js' }
      }
    });
    const files = ['boot.js', '_app/start.js', '_app/shell.css', '_app/2.js', '_app/map.js', '_app/map.css'];
    for (const file of files) write({ [`build/${file}`]: `/* ${file} */`.repeat(9) });
    expect(isMeasurable(join(dir, 'kit'))).toBe(true);
    const view = firstView(join(dir, 'build'), join(dir, 'kit'));
    expect(view.files.sort()).toEqual([...files].sort());
    expect(view.bytes).toBe(files.reduce((sum, file) => sum + gzipSync(`/* ${file} */`.repeat(9)).length, 0));
  });

  it('is not measured without what the build leaves', () => {
    expect(isMeasurable(join(dir, 'kit'))).toBe(false);
  });
});
