// `npm run check`: everything that can be known about the source without running it.
import { spawn } from 'node:child_process';
import { FIRST_VIEW_BUDGET, firstView } from './first-view.mjs';
import { sync } from './ground.mjs';
import { say, Stop } from './say.mjs';

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
const SIZE = 'JavaScript and CSS of the first view, compressed';

/** Runs every step, also after one failed, so that all that is wrong is seen at once.
 * @param {string} node @param {NodeJS.ProcessEnv} env @param {() => Promise<void>} builds the web app, unless it is as the
 * sources are @returns {Promise<boolean>} */
export async function check(node, env, builds) {
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
  if (!(await isSmall(builds))) failed.push(SIZE);
  if (failed.length > 0) say(`check failed: ${failed.join('; ')}`);
  return failed.length === 0;
}

/** Last: the build writes what the others read. @param {() => Promise<void>} builds */
async function isSmall(builds) {
  try {
    await builds();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(`FAILED ${SIZE}: ${error.message}`);
    return false;
  }
  const { files, bytes } = firstView('build', '.svelte-kit');
  const small = bytes <= FIRST_VIEW_BUDGET;
  const kilobytes = (/** @type {number} */ size) => (size / 1000).toFixed(1);
  const figures = `${kilobytes(bytes)} of ${kilobytes(FIRST_VIEW_BUDGET)} kB in ${files.length} files`;
  say(`${small ? 'ok    ' : 'FAILED'} ${SIZE}, ${figures}`);
  return small;
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
