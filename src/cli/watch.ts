// `smps watch`: a line for whatever becomes different, until interrupted.
import type { Fleet } from '../lib/model/fleet.ts';
import { connect, reportAway, settled } from './connection.ts';
import { findPairing } from './find.ts';
import type { Home } from './home.ts';
import { news, newsLine } from './news.ts';
import { STATUS, usage } from './status.ts';
import type { Status } from './status.ts';
import { visible } from './terminal.ts';
import type { Output } from './terminal.ts';

export type WatchRequest = {
  readonly host: string | null;
  readonly json: boolean;
  readonly wait: number;
};

/** Begins with one line for each host; resolves when `signal` aborts. */
export async function watch(home: Home, request: WatchRequest, output: Output, signal: AbortSignal): Promise<Status> {
  const pairings = home.pairings();
  const wanted = request.host === null ? pairings : [findPairing(pairings, request.host)];
  if (wanted.length === 0) usage('no hosts yet: pair with one first, smps pair URL');
  const client = await connect(home, wanted, output);
  try {
    await settled(client, request.wait);
    reportAway(client, output);
    let before = client.fleet;
    const tell = (items: ReturnType<typeof news>): void => {
      const at = new Date().toISOString();
      for (const item of items) {
        output.out(request.json ? JSON.stringify({ at, ...item }) : `${at} ${visible(newsLine(item))}`);
      }
    };
    tell(news(withoutHosts, before).filter((item) => item.kind === 'host' || item.kind === 'trouble'));
    client.onFleet((fleet) => {
      tell(news(before, fleet));
      before = fleet;
    });
    await aborted(signal);
    return STATUS.done;
  } finally {
    client.close();
  }
}

const withoutHosts: Fleet = { hosts: new Map() };

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
