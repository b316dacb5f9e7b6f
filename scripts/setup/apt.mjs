// Installs Debian packages where that can work (root, Debian or Ubuntu), with progress, one retry, and patience with other
// users of apt. Never asks, never installs recommended packages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { say, Stop } from './say.mjs';

const DEBIAN = /^ID(_LIKE)?=.*(debian|ubuntu)/m;
const OPTIONS = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2', '-o', 'APT::Status-Fd=3'];
let updated = false;

/** True where `aptInstall` has a chance: Debian or Ubuntu, as root. */
export function canInstall() {
  return process.getuid?.() === 0 && isDebian();
}

export const isDebian = () =>
  existsSync('/usr/bin/apt-get') &&
  existsSync('/etc/os-release') &&
  DEBIAN.test(readFileSync('/etc/os-release', 'utf8'));

/** Those of `packages` that are not installed. @param {readonly string[]} packages */
export function missing(packages) {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Abbrev}\n', ...packages], {
    encoding: 'utf8'
  });
  const installed = new Set(
    (query.stdout ?? '')
      .split('\n')
      .filter((line) => / ii/.test(line))
      .map((line) => line.split(' ')[0])
  );
  return packages.filter((name) => !installed.has(name));
}

/** Makes `packages` present; says `why` when it has to work for it. @param {readonly string[]} packages @param {string} why
 * @throws {Stop} when apt fails twice */
export async function aptInstall(packages, why) {
  const wanted = missing(packages);
  if (wanted.length === 0) return;
  say(`${why}: apt-get install ${wanted.join(' ')}`);
  // An update may fail for one broken source while the install still succeeds.
  if (!updated) updated = await apt('reading package lists', ['update']);
  const install = ['install', '--no-install-recommends', ...wanted];
  if (await apt('installing', install)) return;
  say('apt-get failed, once more');
  await apt('reading package lists', ['update']);
  if (await apt('installing', install)) return;
  throw new Stop(`apt-get could not install ${wanted.join(' ')} (see the lines above)`);
}

/** Waits for another apt-get that holds the lists, as `update` itself does not. @param {string} what @param {string[]} args */
async function apt(what, args) {
  for (let turn = 0; ; turn++) {
    const { status, errors } = await run(what, args);
    if (status === 0) return true;
    if (!/Could not get lock/.test(errors) || turn === 24) {
      process.stderr.write(errors);
      return false;
    }
    if (turn === 0) say('another apt-get is at work, waiting');
    await pause(5000);
  }
}

/** @param {string} what @param {string[]} args @returns {Promise<{ status: number | null, errors: string }>} */
function run(what, args) {
  const child = spawn('apt-get', [...OPTIONS, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  });
  let errors = '';
  child.stderr?.on('data', (data) => (errors = (errors + data).slice(-4000)));
  let shown = Date.now();
  // Lines `dlstatus:1:42.0:Retrieving file…` and `pmstatus:chromium:77.7:Unpacking chromium (amd64)`.
  child.stdio[3]?.on('data', (data) => {
    const last = String(data).trim().split('\n').at(-1)?.split(':') ?? [];
    if (last.length < 4 || Date.now() - shown < 5000) return;
    shown = Date.now();
    const step = last[0] === 'dlstatus' ? 'downloading' : what;
    say(`  ${step}: ${Math.round(Number(last[2]))} %`);
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ status: 1, errors: `${error.message}\n` }));
    child.on('close', (status) => resolve({ status, errors }));
  });
}
