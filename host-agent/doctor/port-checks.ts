// Where gateways reach the agent: a port that is free or the agent's own, on an address that is meant.
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:tls';
import { pinOf } from '../certificate.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import { reachOf } from './reach.ts';
import type { Reach } from './reach.ts';

export type PortProbe = {
  readonly address: string;
  readonly port: number;
  readonly advertise: string | null;
  /** `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` …; null: it could be listened on. */
  readonly error: string | null;
  /** Of the TLS certificate of who listens there; null: nobody, or nobody with one. */
  readonly pin: string | null;
  /** The agent's own. */
  readonly own: string | null;
  readonly running: boolean;
  /** From where it can be reached, as far as the address tells. */
  readonly reach: Reach;
};

export type Listening = Pick<PortProbe, 'address' | 'port' | 'advertise' | 'own' | 'running'>;

export async function probePort(listening: Listening): Promise<PortProbe> {
  const { address, port } = listening;
  const addresses = Object.values(networkInterfaces()).flatMap((some) => (some ?? []).map((each) => each.address));
  const error = await listen(address, port);
  const pin = error === 'EADDRINUSE' ? await pinAt(address, port) : null;
  return { ...listening, error, pin, reach: reachOf(address, addresses) };
}

const listen = (address: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, address, () => server.close(() => resolve(null)));
  });

const LIMIT = 5_000;

const pinAt = (address: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
    const done = (pin: string | null): void => {
      socket.destroy();
      resolve(pin);
    };
    // Whose certificate it is, is what is asked: nobody has signed it.
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'], timeout: LIMIT });
    socket.once('error', () => done(null));
    socket.once('timeout', () => done(null));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      done(certificate === undefined ? null : pinOf(certificate.toString()));
    });
  });

export function judgePort(probe: PortProbe): readonly Finding[] {
  const where = `${probe.address} port ${probe.port}`;
  const found = [...judgeTaken(probe, where), ...judgeReach(probe, where)];
  return found.some(({ level }) => level !== 'ok') ? found.filter(({ level }) => level !== 'ok') : found;
}

function judgeTaken({ error, pin, own, running, port, address }: PortProbe, where: string): readonly Finding[] {
  switch (error) {
    case null:
      if (running && port !== 0) {
        const says = `the agent runs, but nobody listens at ${where}`;
        return [
          warn('port', says, 'it was started with another --port, or before agent.json was changed: start it anew')
        ];
      }
      return [ok('port', port === 0 ? 'any free port, another at every start' : `${where} is free`)];
    case 'EADDRINUSE':
      if (pin !== null && pin === own) return [ok('port', `the agent answers at ${where}`)];
      return [
        fail(
          'port',
          `another program has ${where}`,
          `ss -ltnp 'sport = :${port}' names it; stop it, or change “port” in agent.json`
        )
      ];
    case 'EADDRNOTAVAIL':
      return [
        fail(
          'port',
          `this machine has no address ${address}`,
          'change “address” in agent.json; ip address lists those it has'
        )
      ];
    case 'EACCES':
      return [fail('port', `this user may not listen at ${where}`, 'choose a port from 1024 up')];
    default:
      return [fail('port', `${where} cannot be listened on: ${error}`, 'change “address” and “port” in agent.json')];
  }
}

function judgeReach({ reach, advertise, port }: PortProbe, where: string): readonly Finding[] {
  if (reach === 'machine') {
    return advertise === null
      ? [ok('port', 'reached from this machine only: the gateway must run here')]
      : [
          fail(
            'port',
            `other hosts are told ${advertise}, but ${where} is reached from this machine only`,
            'set “address” in agent.json to one that they reach'
          )
        ];
  }
  if (reach === 'network') return [];
  const says =
    reach === 'internet'
      ? `${where} is on an address of the Internet`
      : `${where} is on all addresses of this machine, of which some are of the Internet`;
  return [
    warn(
      'port',
      says,
      `choose an inner address, or let only gateways and other hosts pass to port ${port} (docs/OPERATING.md, “Firewall”)`
    )
  ];
}
