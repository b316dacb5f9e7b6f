// A page with the plugins' sandbox and nothing else, for tests and measurements: what they need of it is on `window.lab`.
import { isFault } from '#lib/model/fault.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { loadPlugin } from '#lib/sandbox/sandbox.ts';
import type { Columns } from '#lib/plugin/columns.ts';
import type { Sandbox, SandboxOptions } from '#lib/sandbox/sandbox.ts';
import { fetchPlugin } from '#lib/sandbox/fetch-plugin.ts';
import { columnsOf } from '../support/a-columns.ts';
import { handColumns, handJson, loads, moves, whole } from './hand-over.ts';
import type { Times } from './hand-over.ts';

type HandOver = Record<'whole' | 'loads' | 'moves' | 'json', Times>;

const TERMS = { config: {}, weights: DEFAULT_WEIGHTS, seed: 1 };
const NOTHING = `export default { manifest: { id: 'x', version: '1.0.0', api: 1, title: 'X', description: 'Nothing.' } };`;
let [lastFrame, standstill] = [performance.now(), 0];
/** A page that is blocked is given no frames. */
const frame = (now: number): void => {
  standstill = Math.max(standstill, now - lastFrame);
  lastFrame = now;
  requestAnimationFrame(frame);
};
requestAnimationFrame(frame);

const lab = {
  sandboxes: new Map<string, Sandbox>(),
  columns: columnsOf(4, 10),
  terms: TERMS,
  fetchPlugin,
  said: [] as unknown[],
  /** All that came to the window by itself: a plugin must not reach it. */
  heard: [] as unknown[],

  /** @returns what came of it, in words */
  async load(name: string, source: string, options: SandboxOptions = {}): Promise<string> {
    return words(async () => {
      const sandbox = await loadPlugin(source, { name, onsaid: (said) => this.said.push(said), ...options });
      this.sandboxes.set(name, sandbox);
      await sandbox.show(this.columns);
      return sandbox.manifest.description;
    });
  },
  of(name: string): Sandbox {
    const sandbox = this.sandboxes.get(name);
    if (sandbox === undefined) throw new Error(`there is no ${name}`);
    return sandbox;
  },
  rank(name: string, vms: readonly number[] = [0]): Promise<string> {
    return words(async () => {
      const { scores, chosen, reasons } = await this.of(name).rank({ ...TERMS, vms: Int32Array.from(vms) });
      return JSON.stringify({ scores: [...scores].map(String), chosen: [...chosen], reasons });
    });
  },
  propose(name: string, budget = 500): Promise<string> {
    let [proposals, last] = [0, ''];
    return words(async () => {
      await this.of(name).propose({ ...TERMS, kind: 'rebalance', place: [], leave: [], budget }, (moves) => {
        proposals += 1;
        last = `${moves.note} ${String([...moves.vms])} to ${String([...moves.hosts])}`;
      });
      return `${proposals} proposals, the last: ${last}`;
    });
  },
  /** Milliseconds until a plugin is there. */
  async starts(count: number): Promise<number[]> {
    const times: number[] = [];
    while (times.length < count) {
      const began = performance.now();
      const sandbox = await loadPlugin(NOTHING);
      times.push(performance.now() - began);
      sandbox.close();
    }
    return times;
  },
  async handOver(hosts: number, vms: number, rounds: number, objects: number): Promise<HandOver> {
    const columns = columnsOf(hosts, vms);
    const sandbox = await loadPlugin(NOTHING);
    const hand = (fleetOf: (round: number) => Columns): Promise<Times> => handColumns(sandbox, fleetOf, rounds);
    const times = {
      ...{ whole: await hand(whole(columns)), loads: await hand(loads(columns)), moves: await hand(moves(columns)) },
      json: await handJson(columns, objects)
    };
    sandbox.close();
    return times;
  },
  /** The longest that the page was without a frame since this was last asked. @returns ms */
  standstill(): number {
    const longest = Math.max(standstill, performance.now() - lastFrame);
    standstill = 0;
    return longest;
  }
};

async function words(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (thrown) {
    return isFault(thrown) ? `${thrown.code}: ${thrown.message}` : `unexpected: ${String(thrown)}`;
  }
}

declare global {
  interface Window {
    lab: typeof lab;
  }
}
addEventListener('message', (event) => lab.heard.push(event.data));
const channel = new BroadcastChannel('smps-pairings');
channel.onmessage = (event) => lab.heard.push(event.data);
localStorage.setItem('secret', 'the operator’s');
window.lab = lab;
