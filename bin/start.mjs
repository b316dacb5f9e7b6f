// Starts a program of this package with a Node that can run it: this one when it is new enough, else the Node 24 that comes
// as a dependency, with the flags it wants. Plain JavaScript for Node >= 18. In a clone it runs the source, in the packed
// package what was compiled from it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NEEDED = 24;

/** @param {string} path */
const beside = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param {string} name as people call it @param {string} module its path in the source, without `.ts`
 * @param {readonly string[]} flags for Node
 */
export async function start(name, module, flags = []) {
  const source = beside(`../${module}.ts`);
  const program = existsSync(source) ? source : beside(`../dist/${module}.js`);
  if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
    // In place of this process: one that only waited for another would take half as much again.
    if (flags.some((flag) => !process.execArgv.includes(flag)) && process.execve) {
      process.execve(process.execPath, [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)]);
    }
    await import(pathToFileURL(program).href);
    return;
  }
  const node = packagedNode();
  if (!node) {
    const clone = existsSync(source) ? ' (in a clone: run npm install first)' : '';
    console.error(`${name}: needs Node ${NEEDED} or newer, this is ${process.versions.node}${clone}`);
    process.exit(1);
  }
  const child = spawn(node, [...flags, program, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // From a terminal Ctrl-C reaches both: a second one would mean impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`${name}: ${node} cannot be run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}

/** @returns {string | null} */
function packagedNode() {
  try {
    const name = `node-${process.platform}-${process.arch}/package.json`;
    const file = createRequire(import.meta.url)
      .resolve(name)
      .replace(/package\.json$/, 'bin/node');
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}
