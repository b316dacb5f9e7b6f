// Vite plugin of the tests: `virtual:vectors/NAME` exports the published vector file NAME.json.gz as `vectors`, or null
// where it is absent. They are not ours to redistribute: SMPS_VECTORS says where they are (default ../shared/vectors).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const PREFIX = 'virtual:vectors/';

export function publishedVectors() {
  const directory = process.env.SMPS_VECTORS ?? join(import.meta.dirname, '../../../shared/vectors');
  return {
    name: 'published-vectors',
    resolveId: (id: string) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id: string) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const file = join(directory, `${id.slice(PREFIX.length + 1)}.json.gz`);
      const json = existsSync(file) ? gunzipSync(readFileSync(file)).toString() : 'null';
      return `export const vectors = JSON.parse(${JSON.stringify(json)});`;
    }
  };
}
