// Vite plugin: `import script from './worker.ts?bundled'` is the text of that module with all it imports, as one classic script. For
// what runs where nothing can be fetched: the plugins' sandbox. The same in the dev server, in tests and in the build.
import { build } from 'vite';

const QUERY = '?bundled';

/** @returns {import('vite').Plugin} */
export const bundled = () => ({
  name: 'bundled',
  enforce: 'pre',
  async resolveId(id, importer) {
    if (!id.endsWith(QUERY)) return null;
    const found = await this.resolve(id.slice(0, -QUERY.length), importer, { skipSelf: true });
    return found === null ? null : `\0${found.id}${QUERY}`;
  },
  async load(id) {
    if (!id.startsWith('\0') || !id.endsWith(QUERY)) return null;
    const { script, files } = await bundle(id.slice(1, -QUERY.length));
    for (const file of files) this.addWatchFile(file);
    return `export default ${JSON.stringify(script)};`;
  }
});

/** @param {string} entry @returns {Promise<{ script: string, files: readonly string[] }>} the files it was made of */
async function bundle(entry) {
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'esnext', lib: { entry, formats: ['iife'], name: 'bundled' } }
  });
  const [output] = Array.isArray(made) ? made : [made];
  if (output === undefined || !('output' in output)) throw new Error(`${entry} was not bundled`);
  const [chunk, ...more] = output.output;
  if (more.length > 0) throw new Error(`${entry} does not fit into one script`);
  return { script: chunk.code, files: chunk.moduleIds };
}
