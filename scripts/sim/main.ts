// `npm run sim`: a simulated fleet of any size behind a real gateway, until Ctrl-C.
import { Fault, isFault } from '../../src/lib/model/fault.ts';
import { operatorKey } from '../../src/lib/model/ids.ts';
import { onEnd, onLine } from '../sample/terminal.ts';
import { HELP, parseSimOptions } from './options.ts';
import type { SimOptions } from './options.ts';
import { Sim } from './sim.ts';

const STOP_WITHIN = 15_000;
const say = (line: string): void => console.log(`smps: ${line}`);

async function main(options: SimOptions): Promise<void> {
  const sim = new Sim(options, say);
  const stopped = new Promise<null>((resolve) => {
    onEnd(() => {
      say('stopping');
      setTimeout(() => process.exit(1), STOP_WITHIN).unref();
      void sim.stop().then(() => resolve(null));
    });
  });
  try {
    if ((await Promise.race([sim.start().then(() => true), stopped])) === null) return;
    const links = async (word: string): Promise<void> => {
      const [last = '', ...others] = (await sim.links()).toReversed();
      for (const link of others) say(`pair ${link}`);
      say(`${word} ${last}`);
    };
    if (sim.marked !== null) say(`marked ${sim.marked}`);
    say('everything here is simulated; nothing is kept. Ctrl-C stops it, Enter makes a new pairing link');
    await links('ready');
    onLine((line) => {
      const key = /^admit (\S+)$/.exec(line)?.[1];
      if (key === undefined) void links('pair');
      else void admit(sim, key);
    });
    await stopped;
  } finally {
    await sim.stop();
  }
}

async function admit(sim: Sim, key: string): Promise<void> {
  try {
    await sim.admit(operatorKey(key));
    say(`admitted ${key}`);
  } catch (thrown) {
    say(Fault.from(thrown).message);
  }
}

try {
  const options = parseSimOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(HELP);
  else {
    await main(options);
    say('stopped');
  }
  process.exit(0);
} catch (error) {
  if (isFault(error)) console.error(`smps: ${error.message}\nsmps: ${error.advice}`);
  else console.error(error);
  process.exit(isFault(error) && error.code === 'usage' ? 2 : 1);
}
