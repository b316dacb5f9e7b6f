// The plugins that come with the app: each of plugins/schedulers as one module without imports, as authors hand theirs in, and an
// index of them with their hashes. Built into build/plugins; the dev server makes them when they are asked for.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, defaultClientConditions } from 'vite';

const FOLDER = 'plugins/schedulers';

/** @typedef {{ id: string, file: string, sha256: string }} Entry of index.json */

/** @returns {Promise<Map<string, string>>} texts by file name, index.json with them; ids are names of files */
export async function bundledPlugins() {
  const ids = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .sort();
  const files = new Map();
  /** @type {Entry[]} */
  const index = [];
  for (const id of ids) {
    const text = await bundle(resolve(FOLDER, `${id}.ts`));
    files.set(`${id}.js`, text);
    index.push({ id, file: `${id}.js`, sha256: createHash('sha256').update(text).digest('hex') });
  }
  return files.set('index.json', `${JSON.stringify(index, null, 2)}\n`);
}

/** @param {string} entry @returns {Promise<string>} not minified: operators can read what they run */
async function bundle(entry) {
  const made = await build({
    ...{ configFile: false, publicDir: false, logLevel: 'error' },
    resolve: { conditions: ['smps-source', ...defaultClientConditions] },
    build: { write: false, target: 'es2023', minify: false, lib: { entry, formats: ['es'] } }
  });
  const [output] = Array.isArray(made) ? made : [made];
  if (output === undefined || !('output' in output)) throw new Error(`${entry} was not bundled`);
  const [chunk, ...more] = output.output;
  if (more.length > 0 || chunk.imports.length > 0) throw new Error(`${entry} does not fit into one module`);
  return chunk.code;
}

/** @param {import('@sveltejs/kit').Adapter} adapter one that writes `build` @returns {import('@sveltejs/kit').Adapter} */
export const withPlugins = (adapter) => ({
  ...adapter,
  async adapt(builder) {
    await adapter.adapt(builder);
    mkdirSync('build/plugins', { recursive: true });
    for (const [name, text] of await bundledPlugins()) writeFileSync(join('build/plugins', name), text);
  }
});

/** @returns {import('vite').Plugin} the same in the dev server, made anew each time the index is asked for */
export const servedPlugins = () => ({
  name: 'served-plugins',
  configureServer(server) {
    /** @type {Promise<Map<string, string>> | null} */
    let files = null;
    server.middlewares.use('/plugins/', (request, response, next) => {
      const name = (request.url ?? '').replace(/^\/|\?.*$/g, '');
      if (files === null || name === 'index.json') files = bundledPlugins();
      files.then((found) => {
        const text = found.get(name);
        if (text === undefined) return next();
        response.setHeader('content-type', name.endsWith('.js') ? 'text/javascript' : 'application/json');
        response.end(text);
      }, next);
    });
  }
});
