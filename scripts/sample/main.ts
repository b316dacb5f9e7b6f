// `npm start`: a small fleet on this machine, from nothing to a line that says where to open it.
import { Fault } from '../../src/lib/model/fault.ts';
import { Stop } from '../setup/say.mjs';
import { Launch } from './launch.ts';
import { HELP, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { readyLine, table } from './ready.ts';
import { defaultState, openState } from './state.ts';

/** Longer than any part of stopping may take; after that it ends regardless. */
const STOP_WITHIN = 30_000;

const say = (line: string): void => console.log(`smps: ${line}`);

async function main(options: Options): Promise<void> {
  // What the daemons of the sample need to read, they must be able to read, whatever the caller's habits.
  process.umask(0o022);
  const state = openState(options.state ?? defaultState(process.env, process.getuid?.() === 0));
  const launch = new Launch(state, say);
  const stopped = new Promise<void>((resolve) => {
    const stop = (): void => {
      say('stopping, guests included');
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      void launch.stop().then(resolve);
    };
    onEnd(stop);
  });
  try {
    const running = await launch.start(options);
    state.tell(`http://localhost:${running.port}/`);
    console.log(`\n${table(running.hosts, running.fleet)}\n`);
    console.log(`  state   ${state.dir}\n  Ctrl-C  stops everything; the pairing link works once, for ten minutes\n`);
    console.log(readyLine(running.port, running.tickets));
    await stopped;
  } catch (error) {
    await launch.stop();
    if (!(error instanceof Fault && error.code === 'interrupted')) throw error;
  } finally {
    state.release();
  }
  say('stopped');
}

/** Calls `stop` once: for the signals that end a program, and when whoever started us is gone. */
function onEnd(stop: () => void): void {
  let asked = false;
  const once = (): void => {
    if (asked) return;
    asked = true;
    stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, once);
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) once();
  }, 1_000).unref();
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else await main(options);
  process.exit(0);
} catch (error) {
  if (error instanceof Fault) console.error(`smps: ${error.message}\nsmps: ${error.advice}`);
  else console.error(error instanceof Stop ? `smps: ${error.message}` : error);
  process.exit(error instanceof Fault && error.code === 'usage' ? 2 : 1);
}
