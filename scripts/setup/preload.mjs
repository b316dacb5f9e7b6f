// The order in which a page is fetched. First its styles, which the first paint waits for: a browser has six connections to a host.
// Last, at low priority, what every view needs right after its own code: the client's core, and the page of errors, without which the
// kit shows no page. Nothing waits for them: they are no part of the first view.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, { file: string, name?: string, isDynamicEntry?: boolean }>} Manifest as Vite writes it */

/** @param {string} page @param {Manifest} manifest @returns {string} the page */
export function withPreloads(page, manifest) {
  const found = Object.entries(manifest).filter(([key, { name }]) => name === 'core' || key.endsWith('/nodes/1.js'));
  if (found.length !== 2) throw new Error('the build has no core, or no page of errors');
  const links = found.map(([, { file }]) => `<link href="/${file}" rel="modulepreload" fetchpriority="low">`);
  const sheet = /\s*<link [^>]*rel="stylesheet">/g;
  const sheets = (page.match(sheet) ?? []).join('');
  return page
    .replaceAll(sheet, '')
    .replace(/\s*<link [^>]*rel="modulepreload">/, (first) => sheets + first)
    .replace('</head>', `${links.join('\n')}\n</head>`);
}

/** @param {import('@sveltejs/kit').Adapter} adapter one that writes `build/index.html` @returns {import('@sveltejs/kit').Adapter} */
export const preloading = (adapter) => ({
  ...adapter,
  async adapt(builder) {
    await adapter.adapt(builder);
    const manifest = join(builder.getBuildDirectory('output'), 'client/.vite/manifest.json');
    const page = withPreloads(readFileSync('build/index.html', 'utf8'), JSON.parse(readFileSync(manifest, 'utf8')));
    writeFileSync('build/index.html', page);
  }
});
