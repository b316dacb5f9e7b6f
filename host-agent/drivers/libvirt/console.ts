// Consoles of libvirt domains, by what the live configuration says they listen on, on the hypervisor's own machine: QEMU's
// VNC server without a password, and the pty of the first serial line.
import { constants } from 'node:fs';
import { access, open, readFile, readdir, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { ConsoleKind } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { wordsOf } from '../console-kind.ts';
import type { ScreenXml } from './domain-xml.ts';
import { isTaken, relaySerial } from './console-relay.ts';
import type { Domain } from './domains.ts';
import type { LibvirtHost } from './host.ts';
import { refuse } from './refusal.ts';
import { nameOf } from './vm.ts';

/** For a hypervisor on the same machine to answer a greeting. */
const GREETING_TIME = 3_000;
const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Ms in which a VM that has just been started gets its consoles, and between two looks. */
const SETTLED = 5_000;
const LOOK = 250;

/** As soon as libvirt says where its console is, or for certain that it does not. */
async function demandSettled(host: LibvirtHost, vm: VmId, kind: ConsoleKind): Promise<Domain> {
  let domain = await host.domains.demand(vm);
  for (let waited = 0; waited < SETTLED && isToCome(domain, kind); waited += LOOK) {
    await pause(LOOK);
    domain = (await host.domains.get(vm)) ?? domain;
  }
  return domain;
}

function isToCome({ live }: Domain, kind: ConsoleKind): boolean {
  if (live === null) return false;
  if (kind === 'serial') return live.serial !== null && live.serial.pty === null;
  return live.screen !== null && !listens(live.screen);
}

const listens = ({ socket, port }: ScreenXml): boolean => socket !== null || (port !== null && port >= 1);

/** @throws a refusal, Fault `hypervisor` */
export async function openConsole(host: LibvirtHost, vm: VmId, kind: ConsoleKind): Promise<Duplex> {
  const domain = await demandSettled(host, vm, kind);
  const what = `the ${wordsOf(kind)} of ${nameOf(domain)}`;
  const cannot = (reason: string, instead = ''): never => refuse('unsupported', { what, reason, instead });
  if (domain.live === null) return refuse('wrong-state', { state: domain.state, needs: 'running' });
  const { screen, serial, type, kind: made } = domain.live;
  if (kind === 'serial') {
    if (serial === null) return cannot('it has none');
    if (!host.local || !(await isOurs(serial.pty))) {
      const relayed = await relaySerial(host, vm);
      if ('line' in relayed) return relayed.line;
      if (isTaken(relayed.refused)) refuse('busy', { what, by: 'another console session' });
      return cannot(relayed.refused);
    }
    if (serial.pty === null) return cannot('libvirt does not say where it is');
    const other = await holderOf(serial.pty);
    if (other !== null) return refuse('busy', { what, by: other });
    return openPty(serial.pty, what);
  }
  if (screen === null) {
    const xen = type === 'xen' && made !== 'hvm';
    return xen ? cannot(`a Xen ${made.toUpperCase()} guest has none`, 'its serial line') : cannot('it has none');
  }
  if (!host.local) cannot('the agent is not on the hypervisor’s own machine', 'run the agent there');
  if (!listens(screen)) return cannot('it listens nowhere');
  if (!(await isOpenToAll(screen, what))) {
    cannot('it asks for a password or for TLS', 'take that out of its <graphics>: the agent lets in only who may');
  }
  return dial(screen, what);
}

/** An agent that is not root may not open the terminals of QEMU's user: libvirt, which may, hands them on. */
const isOurs = (path: string | null): Promise<boolean> =>
  path === null
    ? Promise.resolve(true)
    : access(path, constants.R_OK | constants.W_OK).then(
        () => true,
        () => false
      );

async function openPty(path: string, what: string): Promise<Duplex> {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  try {
    const file = await open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      // It opens the terminal once more for itself, so that neither side ever blocks. The mode is raw by QEMU; Node's would add CRs.
      return new ReadStream(file.fd);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw broken(what, cause);
  }
}

/**
 * Readers of a pty take each other's bytes away, and not all of them come by this agent (`virsh console` reads through libvirtd).
 * Of what the process table lets this process see: who has it open; null: nobody.
 */
async function holderOf(path: string): Promise<string | null> {
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    for (const file of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      if ((await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')) !== path) continue;
      const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
      return Number(pid) === process.pid ? 'a console that is just being closed' : `process ${pid} (${name})`;
    }
  }
  return null;
}

async function dial({ socket, host, port }: ScreenXml, what: string): Promise<Socket> {
  const at =
    socket === null ? { host: EVERYWHERE[host ?? ''] ?? host ?? '127.0.0.1', port: port ?? 0 } : { path: socket };
  const connection = connect({ ...at, noDelay: true });
  return new Promise((resolve, reject) => {
    connection.once('connect', () => {
      connection.off('error', fail);
      resolve(connection);
    });
    const fail = (cause: Error): void => {
      reject(broken(what, cause));
    };
    connection.once('error', fail);
  });
}

/** Asks who is let in without a password (security type None), and hangs up: RFC 6143, section 7.1. */
async function isOpenToAll(screen: ScreenXml, what: string): Promise<boolean> {
  const connection = await dial(screen, what);
  connection.setTimeout(GREETING_TIME, () => connection.destroy(new Error('no greeting')));
  try {
    let said = Buffer.alloc(0);
    for await (const chunk of connection) {
      const greeted = said.length >= 12;
      said = Buffer.concat([said, chunk as Buffer]);
      if (!greeted && said.length >= 12) connection.write('RFB 003.008\n');
      // The number of types, then each.
      const count = said[12];
      if (count !== undefined && said.length >= 13 + count) return said.subarray(13, 13 + count).includes(1);
    }
    throw new Error('it hung up');
  } catch (cause) {
    throw broken(what, cause);
  } finally {
    connection.destroy();
  }
}

const broken = (what: string, cause: unknown): Fault =>
  new Fault(
    'hypervisor',
    { operation: `opening ${what}`, reason: cause instanceof Error ? cause.message : String(cause) },
    { cause }
  );
