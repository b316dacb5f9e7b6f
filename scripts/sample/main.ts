// `npm start`: a small fleet on this machine, from nothing to a line that says where to open it.
import { resolve } from 'node:path';
import { isFault } from '../../src/lib/model/fault.ts';
import { Stop } from '../setup/say.mjs';
import { Launch } from './launch.ts';
import { HELP, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { pairingUrl, table } from './ready.ts';
import { defaultState, openState } from './state.ts';
import { onEnd, onEnter } from './terminal.ts';

/** Longer than any part of stopping may take; after that it ends regardless. */
const STOP_WITHIN = 30_000;

const say = (line: string): void => console.log(`smps: ${line}`);

async function main(options: Options): Promise<void> {
  // What the daemons of the sample need to read, they must be able to read, whatever the caller's habits.
  process.umask(0o022);
  const state = openState(
    options.state === null
      ? defaultState(process.env, process.getuid?.() === 0)
      : // npm runs us at the top of the clone, wherever it was called.
        resolve(process.env.INIT_CWD ?? '', options.state)
  );
  const launch = new Launch(state, say);
  const stopped = new Promise<null>((resolve) => {
    onEnd(() => {
      say('stopping, guests included');
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      void launch.stop().then(() => resolve(null));
    });
  });
  try {
    // A start that is in the middle of something long is not waited for.
    const running = await Promise.race([launch.start(options), stopped]);
    if (running === null) return;
    state.tell(`http://localhost:${running.port}/`);
    console.log(`\n${table(running.hosts, running.fleet)}\n`);
    const link = async (): Promise<string> => pairingUrl(running.port, await running.tickets());
    console.log(`  State is kept in ${state.dir}. Ctrl-C stops everything, guests included.`);
    console.log('  The link below pairs one browser, within ten minutes; Enter makes a new one.\n');
    say(`ready ${await link()}`);
    onEnter(() => void link().then((url) => say(`pair ${url}`)));
    await stopped;
  } catch (error) {
    await launch.stop();
    if (!(isFault(error) && error.code === 'interrupted')) throw error;
  } finally {
    state.release();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else {
    await main(options);
    say('stopped');
  }
  process.exit(0);
} catch (error) {
  if (isFault(error)) console.error(`smps: ${error.message}\nsmps: ${error.advice}`);
  else console.error(error instanceof Stop ? `smps: ${error.message}` : error);
  process.exit(isFault(error) && error.code === 'usage' ? 2 : 1);
}
