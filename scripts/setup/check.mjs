// `npm run check`: everything that can be known about the source without running it.
import { spawn } from 'node:child_process';
import { sync } from './ground.mjs';
import { say } from './say.mjs';

/** @typedef {readonly [name: string, args: string[]]} Step */

/** Alone and first: eslint reads the types it writes. @type {Step} */
const FIRST = [
  'folders and their allowed imports, tests, scripts (tsc -b)',
  ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json', 'tests/tsconfig.json']
];
/** Then two at a time, the longest first. @type {readonly Step[]} */
const STEPS = [
  ['rules (eslint)', ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.']],
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
  ['formatting (prettier)', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  ['unused files, exports and packages (knip)', ['node_modules/knip/bin/knip.js']]
];
const AT_ONCE = 2;

/** Runs every step, also after one failed, so that all that is wrong is seen at once.
 * @param {string} node @param {NodeJS.ProcessEnv} env @returns {Promise<boolean>} */
export async function check(node, env) {
  await sync(node, env);
  const waiting = [...STEPS];
  /** @type {string[]} */
  const failed = [];
  /** @param {Step} step */
  const take = async ([name, args]) => {
    const began = Date.now();
    const { status, output } = await finished(node, args, env);
    if (status !== 0) {
      failed.push(name);
      process.stdout.write(output);
    }
    say(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}, ${((Date.now() - began) / 1000).toFixed(0)} s`);
  };
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await take(step);
  };
  await take(FIRST);
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failed.length > 0) say(`check failed: ${failed.join('; ')}`);
  return failed.length === 0;
}

/** Its output is kept until it has ended: two speak at once.
 * @param {string} node @param {string[]} args @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ status: number | null, output: string }>} */
function finished(node, args, env) {
  const child = spawn(node, args, { env: { ...env, FORCE_COLOR: '0' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}
