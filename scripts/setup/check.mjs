// `npm run check`: everything that can be known about the source without running it, cheapest first.
import { run, sync } from './ground.mjs';
import { say } from './say.mjs';

/** @type {readonly [name: string, args: string[]][]} */
const STEPS = [
  ['formatting (prettier)', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  ['folders and their allowed imports (tsc -b)', ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json']],
  ['tests and scripts (tsc)', ['node_modules/typescript/bin/tsc', '-b', 'tests/tsconfig.json']],
  [
    'web app (svelte-check)',
    [
      'node_modules/svelte-check/bin/svelte-check',
      '--tsconfig',
      './tsconfig.json',
      '--output',
      'human',
      '--fail-on-warnings'
    ]
  ],
  ['rules (eslint)', ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']],
  ['unused files, exports and packages (knip)', ['node_modules/knip/bin/knip.js']]
];

/** Runs every step, also after one failed, so that all that is wrong is seen at once.
 * @param {string} node @param {NodeJS.ProcessEnv} env @returns {Promise<boolean>} */
export async function check(node, env) {
  await sync(node, env);
  const failed = [];
  for (const [name, args] of STEPS) {
    const began = Date.now();
    const status = await run(node, args, env);
    say(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
    if (status !== 0) failed.push(name);
  }
  if (failed.length > 0) say(`check failed: ${failed.join('; ')}`);
  return failed.length === 0;
}
