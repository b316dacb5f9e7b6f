// A client for one run of the program: made from what is in SMPS_HOME, linked to the hosts that run needs.
import { Fault } from '../lib/model/fault.ts';
import type { Host } from '../lib/model/fleet.ts';
import { nativeProvider } from '../lib/seal/native.ts';
import { Client } from '../lib/session/client.ts';
import type { Pairing } from '../lib/session/pairing.ts';
import { webSocketTransport } from '../lib/session/websocket.ts';
import type { Home } from './home.ts';
import { visible } from './terminal.ts';
import type { Output } from './terminal.ts';

/**
 * @param pairings the hosts to link to, at once
 * @throws Fault `corrupt-state`
 */
export async function connect(home: Home, pairings: readonly Pairing[], output: Output): Promise<Client> {
  const provider = nativeProvider();
  const identity = await home.identity(provider);
  return new Client({
    provider,
    identity,
    pairings,
    transport: webSocketTransport,
    savePairing: (pairing, saving) => {
      home.savePairing(pairing, saving);
    },
    removePairing: (host) => {
      home.removePairing(host);
    },
    onSaveFailed: (thrown) => {
      output.err(`smps: a pairing could not be saved: ${Fault.from(thrown).message}`);
    }
  });
}

/** Resolves when each host is online, or the first attempt to reach it has failed, or after `seconds`. */
export function settled(client: Client, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if ([...client.fleet.hosts.values()].some((host) => host.link === 'connecting')) return;
      finish();
    };
    const timer = setTimeout(() => {
      finish();
    }, seconds * 1000);
    const stop = client.onFleet(check);
    const finish = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    check();
  });
}

/** Says on standard error which hosts are not there, and why. */
export function reportAway(client: Client, output: Output): void {
  for (const host of client.fleet.hosts.values()) {
    if (host.link !== 'online') output.err(`smps: ${awayLine(host)}`);
  }
}

function awayLine(host: Host): string {
  const name = host.name === host.id ? host.id : `${host.id} (${host.name})`;
  return visible(`${name} is ${host.link}: ${host.reason ?? 'no answer yet'}`);
}
