// What a browser fetches of the built app before it can show the first view, the map at `/`: what index.html names, and that
// page with all it imports. What is imported lazily (the client's core, webcrypto-liner) comes after it and does not count, though it may be fetched
// beside it: at low priority.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes of JavaScript and CSS, compressed as the gateway does. */
export const FIRST_VIEW_BUDGET = 90_000;

const MANIFEST = 'output/client/.vite/manifest.json';
const ROUTES = 'generated/build/client-optimized';

/** True when the build has left what `firstView` reads. @param {string} kit SvelteKit's directory */
export const isMeasurable = (kit) => existsSync(join(kit, MANIFEST)) && existsSync(join(kit, ROUTES, 'app.js'));

/** @param {string} build the built app @param {string} kit SvelteKit's directory
 * @returns {{ files: string[], bytes: number }} compressed JavaScript and CSS */
export function firstView(build, kit) {
  /** @param {string} path */
  const text = (path) => readFileSync(path, 'utf8');
  const page = /"\/": \[(\d+)\]/.exec(text(join(kit, ROUTES, 'app.js')))?.[1];
  if (page === undefined) throw new Error(`${kit}/${ROUTES}/app.js names no page at “/”`);
  /** @type {Record<string, { file: string, css?: string[], imports?: string[] }>} */
  const manifest = JSON.parse(text(join(kit, MANIFEST)));
  const index = text(join(build, 'index.html')).replaceAll(/<link [^>]*fetchpriority="low">/g, '');
  const named = index.matchAll(/"\/([^"]+\.(?:js|css))"/g);
  const files = new Set(Array.from(named, ([, file = '']) => file));
  const taken = new Set();
  /** @param {string} name */
  const take = (name) => {
    if (taken.has(name)) return;
    taken.add(name);
    const { file, css = [], imports = [] } = manifest[name] ?? {};
    if (file === undefined) throw new Error(`${kit}/${MANIFEST} has no ${name}`);
    files.add(file);
    for (const sheet of css) files.add(sheet);
    imports.forEach(take);
  };
  take(Object.keys(manifest).find((name) => name.endsWith(`${ROUTES}/nodes/${page}.js`)) ?? `page ${page}`);
  const size = (/** @type {string} */ file) => gzipSync(readFileSync(join(build, file))).length;
  return { files: [...files], bytes: [...files].reduce((sum, file) => sum + size(file), 0) };
}
