// Calls of libvirt's own protocol for which virsh has no words: those that end a migration whose client is gone.
// Format: https://libvirt.org/kbase/internals/rpc.html; numbers and arguments: src/remote/remote_protocol.x; XDR: RFC 4506.
import type { Duplex } from 'node:stream';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { MIGRATE_CONFIRM, MIGRATE_FINISH, procedureOf, programOf, REMOTE_PROGRAM, typeOf } from './rpc-messages.ts';
import { word, xdrText } from './xdr.ts';
import { VirshError } from './virsh.ts';

const [OPEN, CLOSE, LOOKUP_BY_UUID, AUTH_LIST] = [1, 2, 24, 66];
const HEADER = 28;
/** The replies there are have some hundred bytes; an error has its sentence, and the name of the domain. */
const MAX_REPLY = 256 * 1024;
/** libvirt waits half as long for whoever else changes the domain. */
const TIMEOUT = 60_000;
/** `VIR_MIGRATE_PERSIST_DEST`, `VIR_MIGRATE_UNDEFINE_SOURCE`. */
const FLAGS = 8 + 16;
const LATE = new Fault('timeout', { what: 'libvirt', after: `${TIMEOUT / 1000} s` });
const NO_COOKIE = word(0);

/**
 * `DOMAIN_MIGRATE_CONFIRM3_PARAMS`, to the source: the VM has left, and nothing of it stays; or it has not, and goes on.
 * @param daemon a new connection to it @throws VirshError what libvirt answers, Fault `hypervisor-down`, `timeout`
 */
export const confirm = (daemon: Duplex, vm: VmId, left: boolean): Promise<void> =>
  calling(daemon, async (call) => {
    const domain = await call(LOOKUP_BY_UUID, Buffer.from(vm.replaceAll('-', ''), 'hex'));
    await call(MIGRATE_CONFIRM, Buffer.concat([domain, word(0), NO_COOKIE, word(FLAGS), word(left ? 0 : 1)]));
  });

/**
 * `DOMAIN_MIGRATE_FINISH3_PARAMS`, cancelled, to the target: what is there of the VM goes. libvirt answers with an error of no
 * meaning then, which is none here. @param name libvirt's own of the VM @throws as `confirm`
 */
export const giveUp = (daemon: Duplex, name: string): Promise<void> =>
  calling(daemon, async (call) => {
    const named = Buffer.concat([word(1), xdrText('destination_name'), word(7), xdrText(name)]);
    await call(MIGRATE_FINISH, Buffer.concat([named, NO_COOKIE, word(FLAGS), word(1)])).catch((thrown: unknown) => {
      if (!(thrown instanceof VirshError)) throw thrown;
    });
  });

type Call = (procedure: number, args: Buffer) => Promise<Buffer>;

async function calling(connection: Duplex, work: (call: Call) => Promise<void>): Promise<void> {
  const timer = setTimeout(() => connection.destroy(LATE), TIMEOUT);
  try {
    const replies = new Replies(connection);
    let serial = 0;
    const call: Call = (procedure, args) => {
      const head = [HEADER + args.length, REMOTE_PROGRAM, 1, procedure, 0, ++serial, 0].map(word);
      connection.write(Buffer.concat([...head, args]));
      return replies.next(procedure, serial);
    };
    const ways = await call(AUTH_LIST, Buffer.alloc(0));
    // None is asked of root.
    if (!asksNothing(ways)) throw new VirshError('connect', 'libvirt asks who this is: only root may do that');
    await call(OPEN, Buffer.concat([word(1), xdrText('xen:///system'), word(0)]));
    await work(call);
    await call(CLOSE, Buffer.alloc(0));
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}

/** Of `remote_auth_list_ret`: no way at all, or `REMOTE_AUTH_NONE` (0) among them. */
function asksNothing(ways: Buffer): boolean {
  const count = ways.length < 4 ? -1 : ways.readUInt32BE(0);
  if (ways.length !== 4 + 4 * count) return false;
  return count === 0 || Array.from({ length: count }, (_, at) => ways.readInt32BE(4 + 4 * at)).includes(0);
}

/** The replies of one connection, a call at a time. */
class Replies {
  #buffer = Buffer.alloc(0);
  #wake: (() => void) | null = null;
  #over: Fault | null = null;

  constructor(connection: Duplex) {
    connection.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      if (this.#buffer.length > MAX_REPLY) connection.destroy();
      this.#wake?.();
    });
    const end = (fault: Fault): void => {
      this.#over ??= fault;
      this.#wake?.();
    };
    connection.once('error', (thrown) => {
      end(thrown === LATE ? LATE : new Fault('hypervisor-down', { reason: thrown.message }));
    });
    const ended = (): void => end(new Fault('hypervisor-down', { reason: 'libvirt ended the connection' }));
    connection.once('end', ended);
    connection.once('close', ended);
  }

  /** @throws VirshError, Fault `hypervisor`, `hypervisor-down`, `timeout` */
  async next(procedure: number, serial: number): Promise<Buffer> {
    const message = await this.#message();
    // Keep-alives are not asked for, and events neither.
    if (
      programOf(message) !== REMOTE_PROGRAM ||
      procedureOf(message) !== procedure ||
      typeOf(message) !== 1 ||
      message.readUInt32BE(20) !== serial
    ) {
      throw new Fault('hypervisor', { operation: 'migrate', reason: 'libvirt answers unlike libvirt' });
    }
    const body = message.subarray(HEADER);
    if (message.readUInt32BE(24) !== 0) throw new VirshError('migrate', sentenceOf(body));
    return body;
  }

  async #message(): Promise<Buffer> {
    for (;;) {
      const length = this.#buffer.length < 4 ? HEADER : this.#buffer.readUInt32BE(0);
      if (length < HEADER || length > MAX_REPLY)
        throw new Fault('hypervisor', { operation: 'migrate', reason: `libvirt answers with ${length} bytes` });
      if (this.#buffer.length >= length && this.#buffer.length >= 4) {
        const message = this.#buffer.subarray(0, length);
        this.#buffer = this.#buffer.subarray(length);
        return message;
      }
      if (this.#over !== null) throw this.#over;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** The message of a `remote_error`: code, domain, and a text that may be absent. */
function sentenceOf(error: Buffer): string {
  const present = error.length >= 16 && error.readUInt32BE(8) === 1;
  const length = present ? error.readUInt32BE(12) : 0;
  return length > 0 && 16 + length <= error.length
    ? error.toString('utf8', 16, 16 + length)
    : 'libvirt names no reason';
}
