// What everything else stands on: the dependencies, the Node that runs the project, the built web app. Each step looks
// first and does nothing when it is already so.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { whenNpmEnds } from './npm.mjs';
import { isMeasurable } from './first-view.mjs';
import { say, Stop } from './say.mjs';

/** Node 22.18 runs TypeScript without a flag. */
const OLDEST = { major: 22, minor: 18 };
const BUILD_STAMP = 'build/.stamp';
const BUILD_INPUTS = [
  'src',
  'plugins',
  'package.json',
  'static',
  'vite.config.ts',
  'tsconfig.json',
  'tsconfig.base.json',
  'package-lock.json'
];

/** @param {string} file */
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** True when node_modules is what package-lock.json says (npm writes its own record last, so a broken run has none). */
function installed() {
  const record = 'node_modules/.package-lock.json';
  if (!existsSync(record)) return false;
  const have = json(record).packages;
  return Object.entries(json('package-lock.json').packages).every(
    ([path, wanted]) => path === '' || wanted.optional || have[path]?.version === wanted.version
  );
}

/** `npm ci`, when needed. Development and optional packages whatever NODE_ENV says; no package's scripts: none is needed. */
export function install() {
  if (installed()) return;
  say(existsSync('node_modules') ? 'dependencies changed: npm ci' : 'first run: npm ci (about half a minute)');
  const args = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error'
  ];
  if (npm(args)) return;
  say('npm ci failed, once more');
  if (!npm(args)) throw new Stop('npm ci failed: see the lines above (network? lock file out of date?)');
}

/** @param {string[]} args */
function npm(args) {
  const cli = process.env.npm_execpath; // set by npm itself; needs no shell on Windows
  const [command, before] = cli?.endsWith('.js')
    ? [process.execPath, [cli]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  return spawnSync(command, [...before, ...args], { stdio: 'inherit', shell: command.endsWith('.cmd') }).status === 0;
}

/** The Node that runs the project: the packaged one, else this one if new enough. @throws {Stop} */
export function pickNode() {
  const windows = process.platform === 'win32';
  const packaged = join(
    process.cwd(),
    'node_modules',
    `node-${windows ? 'win' : process.platform}-${process.arch}`,
    'bin',
    windows ? 'node.exe' : 'node'
  );
  for (const node of [packaged, process.execPath]) {
    if (!existsSync(node)) continue;
    const asked = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' });
    const [major = 0, minor = 0] = (asked.stdout ?? '').split('.').map(Number);
    if (asked.status === 0 && (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor))) return node;
  }
  throw new Stop(
    `Node ${OLDEST.major}.${OLDEST.minor} or newer is needed; this is ${process.version}, and no packaged one fits ${process.platform}/${process.arch}.`
  );
}

/** The environment in which the project's programs run: its Node first, its tools next. Node keeps what it compiled, which
 * saves every later start half a second and 35 MB (the compiler that takes the types out of TypeScript). @param {string} node */
export function environment(node) {
  const path = [dirname(node), join(process.cwd(), 'node_modules', '.bin'), process.env.PATH ?? ''];
  const cache = join(process.cwd(), 'node_modules', '.cache', 'compiled');
  return { NODE_COMPILE_CACHE: cache, ...process.env, PATH: path.join(delimiter) };
}

/** Runs one of our tools (a path under node_modules or the tree) with `node`, signals passed on, to its end. It does not
 * outlive the npm that we were started by: killed, that passes nothing on to us.
 * @param {string} node @param {string[]} args @param {NodeJS.ProcessEnv} env @returns {Promise<number>} exit status */
export function run(node, args, env) {
  const child = spawn(node, args, { stdio: 'inherit', env });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  const unwatch = whenNpmEnds(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const signal of signals) process.off(signal, pass);
      unwatch();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** Lets SvelteKit write the tsconfig it generates (npm prunes it at every install). @param {string} node @param {NodeJS.ProcessEnv} env */
export async function sync(node, env) {
  if ((await run(node, ['node_modules/@sveltejs/kit/svelte-kit.js', 'sync'], env)) !== 0) {
    throw new Stop('svelte-kit sync failed');
  }
}

/** Builds the web app when one of its sources changed. @param {string} node @param {NodeJS.ProcessEnv} env */
export async function build(node, env) {
  const wanted = digest(BUILD_INPUTS.flatMap(files));
  const stamp = existsSync('build/index.html') && existsSync(BUILD_STAMP) ? readFileSync(BUILD_STAMP, 'utf8') : '';
  if (stamp === wanted && isMeasurable('.svelte-kit')) return;
  say('building the web app (about ten seconds)');
  rmSync('build', { recursive: true, force: true });
  await sync(node, env);
  // Its warnings are for those who work on the app (`npm run build` shows them).
  const vite = spawnSync(node, ['node_modules/vite/bin/vite.js', 'build'], { env, encoding: 'utf8' });
  if (vite.status !== 0) {
    process.stderr.write(vite.stdout + vite.stderr);
    throw new Stop('the web app did not build: see the lines above');
  }
  writeFileSync(BUILD_STAMP, wanted);
}

/** @param {string} path @returns {string[]} the file itself, or every file below the folder; no tests */
function files(path) {
  if (!existsSync(path) || path.endsWith('.test.ts')) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(join(path, name)));
}

/** @param {string[]} paths */
function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}
