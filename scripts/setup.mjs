// `npm start`, `npm test`, `npm run sim|check|bench` on a fresh clone, under any Node >= 18: it brings the dependencies, the Node
// the project runs on and the built web app, then runs what was asked. Only node:* modules: node_modules may not exist yet.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rmSync } from 'node:fs';
import { build, environment, install, pickNode, run } from './setup/ground.mjs';
import { locked } from './setup/lock.mjs';
import { say, Stop } from './setup/say.mjs';

const MODES = ['start', 'sim', 'test', 'check', 'bench', 'dist'];
const LOCK = '.setup-lock';

/** @template T @param {() => T | Promise<T>} work one set-up at a time: `npm start` and `npm test` may be started together */
const alone = (work) => locked(LOCK, ({ pid }) => say(`another set-up is running (process ${pid}), waiting`), work);

/** @param {string} mode @param {string[]} args @returns {Promise<number>} exit status */
async function main(mode, args) {
  if (!MODES.includes(mode)) throw new Stop(`unknown mode “${mode}”: one of ${MODES.join(', ')}`);
  const began = Date.now();
  await alone(install);
  const node = pickNode();
  const env = environment(node);
  const builds = () => alone(() => build(node, env));
  if (mode === 'start' || mode === 'sim') await builds();
  if (Date.now() - began > 2000) say(`set up in ${((Date.now() - began) / 1000).toFixed(0)} s`);
  switch (mode) {
    case 'start':
      return run(node, ['scripts/sample/main.ts', ...args], env);
    case 'sim':
      return run(node, ['scripts/sim/main.ts', ...args], env);
    case 'bench': {
      const { bench } = await import('./setup/bench.mjs');
      return bench({ node, env, builds }, args);
    }
    case 'check': {
      const { check } = await import('./setup/check.mjs');
      return (await check(node, env, builds)) ? 0 : 1;
    }
    case 'dist':
      await builds();
      rmSync('dist', { recursive: true, force: true });
      return run(node, ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json'], env);
    default: {
      const { PART_NAMES, test } = await import('./setup/test.mjs');
      let only = null;
      if (args[0] === '--only') {
        [, only = '', ...args] = args;
        if (!PART_NAMES.includes(only)) throw new Stop(`--only takes one of ${PART_NAMES.join(', ')}`);
      } else if (args.length > 0) {
        throw new Stop(`npm test takes --only ${PART_NAMES.join('|')} [what to pass to that runner]`);
      }
      return (await test({ node, env, builds, extra: args }, only)) ? 0 : 1;
    }
  }
}

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
try {
  process.exitCode = await main(process.argv[2] ?? 'start', process.argv.slice(3));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(`\n[setup] ${error.message}\n`);
  process.exitCode = 1;
}
