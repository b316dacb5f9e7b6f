// The `smps` program (docs/CLI.md). `bin/smps.mjs` starts it with a Node that can run it.
import { readFileSync } from 'node:fs';
import { main } from './cli/main.ts';

// A reader that has gone (`smps watch | head -1`) is no fault.
process.stdout.on('error', () => process.exit(0));

// Node calls ML-KEM experimental each time; the operator can do nothing about that.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`smps: ${warning.name}: ${warning.message}\n`);
});

const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    abort.abort(new Error('interrupted'));
  });
}

const status = await main(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
  version: version(),
  signal: abort.signal
});
// What was written goes out first; links still closing are not waited for.
process.stdout.write('', () => process.exit(status));

/** Of the package this file is in, one or two folders up (source, or dist). */
function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string };
      return version;
    } catch {
      // the other place
    }
  }
  return 'unknown';
}
