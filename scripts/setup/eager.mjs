// Scripts of which nearly all is run before the first rows are there. Chromium compiles them whole, on the thread that fetches them,
// instead of each function on the page's own when it is first called; to other browsers the hint is a comment.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of their parts in vite.config.ts. */
const EAGER = ['shell', 'core', 'tables'];
/** Looked for in the first line only. */
const HINT = '//# allFunctionsCalledOnLoad\n';

/** @param {import('@sveltejs/kit').Adapter} adapter one that writes `build` @returns {import('@sveltejs/kit').Adapter} */
export const eager = (adapter) => ({
  ...adapter,
  async adapt(builder) {
    await adapter.adapt(builder);
    const path = join(builder.getBuildDirectory('output'), 'client/.vite/manifest.json');
    /** @type {import('./preload.mjs').Manifest} */
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    for (const part of EAGER) {
      const found = Object.values(manifest).find(({ name }) => name === part);
      if (found === undefined) throw new Error(`the build has no ${part}`);
      const file = join('build', found.file);
      writeFileSync(file, HINT + readFileSync(file, 'utf8'));
    }
  }
});
