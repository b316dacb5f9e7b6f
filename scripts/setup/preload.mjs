// The order in which a page is fetched. First its styles, which the first paint waits for: a browser has six connections to a host.
// Beside what every page needs, what this one needs: else the kit would ask for it a round trip later, when it has begun. Last, at
// low priority, what every view needs right after its own code: the client's core, and the page of errors, without which the
// kit shows no page. Nothing waits for them: they are no part of the first view.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, { file: string, name?: string, imports?: string[], css?: string[] }>} Manifest as Vite writes it */

/** The pages that tabs are opened at; others come a round trip later. `/vms/new` is here as it is no VM. */
const OPENED = ['/', '/vms', '/vms/new', '/vms/[vm]', '/hosts', '/hosts/[host]'];
/** What the page's policy says of scripts, its first word after `'self'`. */
const SCRIPTS = "script-src 'self' ";
const ROUTES = 'generated/build/client-optimized';

/**
 * Runs in the page: fetches what its address needs, once all that every page needs has been asked for.
 * @param {string[]} files @param {Record<string, number[]>} pages numbers of its files by path; `*` stands for an id
 */
function ask(files, pages) {
  const { pathname } = location;
  const needed = pages[pathname] ?? pages[pathname.replace(/[^/]+$/, '*')] ?? [];
  setTimeout(() => {
    for (const number of needed) {
      const link = document.createElement('link');
      const file = files[number] ?? '';
      link.href = `/${file}`;
      link.rel = file.endsWith('.css') ? 'preload' : 'modulepreload';
      if (file.endsWith('.css')) link.as = 'style';
      // As the kit will ask for it: else it would be fetched twice.
      link.crossOrigin = '';
      document.head.append(link);
    }
  });
}

/**
 * @param {string} page @param {Manifest} manifest
 * @param {Record<string, string>} nodes the manifest's key of the page at each route @returns {string} the page
 */
export function withPreloads(page, manifest, nodes) {
  const found = Object.entries(manifest).filter(([key, { name }]) => name === 'core' || key.endsWith('/nodes/1.js'));
  if (found.length !== 2) throw new Error('the build has no core, or no page of errors');
  const links = found.map(([, { file }]) => `<link href="/${file}" rel="modulepreload" fetchpriority="low">`);
  const sheet = /\s*<link [^>]*rel="stylesheet">/g;
  const sheets = (page.match(sheet) ?? []).join('');
  const whole = page
    .replaceAll(sheet, '')
    .replace(/\s*<link [^>]*rel="modulepreload">/, (first) => sheets + first)
    .replace('</head>', `${links.join('\n')}\n</head>`);
  if (!whole.includes(SCRIPTS)) throw new Error('the page has no policy');
  const script = asking(whole, manifest, nodes);
  const hash = createHash('sha256').update(script).digest('base64');
  return whole
    .replace(SCRIPTS, `${SCRIPTS}'sha256-${hash}' `)
    .replace(/<link [^>]*rel="(?:stylesheet|modulepreload)">/, (first) => `<script>${script}</script>\n${first}`);
}

/** @param {string} page with its own preloads @param {Manifest} manifest @param {Record<string, string>} nodes */
function asking(page, manifest, nodes) {
  /** @type {string[]} */
  const files = [];
  /** @type {Record<string, number[]>} */
  const pages = {};
  for (const route of OPENED) {
    const node = nodes[route];
    if (node === undefined) throw new Error(`the build has no page at ${route}`);
    const needed = filesOf(node, manifest).filter((file) => !page.includes(file));
    for (const file of needed) if (!files.includes(file)) files.push(file);
    pages[route.replace(/\[.*\]$/, '*')] = needed.map((file) => files.indexOf(file));
  }
  return `(${ask.toString().replaceAll(/^ *\/\/.*$/gm, '')})(${JSON.stringify(files)},${JSON.stringify(pages)})`.replaceAll(
    /\n\s*/g,
    ' '
  );
}

/** @param {string} key @param {Manifest} manifest @returns {string[]} scripts and styles of a part, with all it imports */
function filesOf(key, manifest) {
  const files = new Set();
  const taken = new Set();
  /** @param {string} each */
  const take = (each) => {
    if (taken.has(each)) return;
    taken.add(each);
    const { file, imports = [], css = [] } = manifest[each] ?? {};
    if (file === undefined) throw new Error(`the build has no ${each}`);
    for (const name of [...css, file]) files.add(name);
    imports.forEach(take);
  };
  take(key);
  return [...files];
}

/** @param {string} kit its directory @param {Manifest} manifest @returns {Record<string, string>} */
function nodesOf(kit, manifest) {
  const routes = readFileSync(join(kit, ROUTES, 'app.js'), 'utf8').matchAll(/"(\/[^"]*)": \[(\d+)\]/g);
  const key = (/** @type {string} */ number) =>
    Object.keys(manifest).find((each) => each.endsWith(`${ROUTES}/nodes/${number}.js`)) ?? '';
  return Object.fromEntries(Array.from(routes, ([, route = '', number = '']) => [route, key(number)]));
}

/** @param {import('@sveltejs/kit').Adapter} adapter one that writes `build/index.html` @returns {import('@sveltejs/kit').Adapter} */
export const preloading = (adapter) => ({
  ...adapter,
  async adapt(builder) {
    await adapter.adapt(builder);
    const kit = builder.getBuildDirectory('');
    /** @type {Manifest} */
    const manifest = JSON.parse(readFileSync(join(kit, 'output/client/.vite/manifest.json'), 'utf8'));
    const page = withPreloads(readFileSync('build/index.html', 'utf8'), manifest, nodesOf(kit, manifest));
    writeFileSync('build/index.html', page);
  }
});
