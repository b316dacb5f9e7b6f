// npm's `prepare`: in a clone, let SvelteKit write the tsconfig it generates; in an installed package there is nothing to do.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const kit = 'node_modules/@sveltejs/kit/svelte-kit.js';
const node = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
if (existsSync(kit) && existsSync('src/app.html')) {
  spawnSync(existsSync(node) ? node : process.execPath, [kit, 'sync'], { stdio: 'inherit' });
}
