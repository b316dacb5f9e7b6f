// What another host may say to this host's libvirt: the calls of a migration of the one VM it has a permit for, and nothing
// else. libvirt's own protocol over its socket knows no less than everything; whoever brings a VM is not an administrator.
// Format: https://libvirt.org/kbase/internals/rpc.html; numbers: src/remote/remote_protocol.x.
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import type { Visitor } from './arrivals.ts';

const REMOTE_PROGRAM = 0x20008086;
const KEEPALIVE_PROGRAM = 0x6b656570;
/** Length, program, version, procedure, type, serial, status. */
const HEADER = 28;
/** libvirt's own limit of a message. */
const MAX_MESSAGE = 32 * 1024 * 1024 + 28;

const [OPEN, CLOSE, GET_TYPE, LOOKUP_BY_NAME, LOOKUP_BY_UUID, SUPPORTS_FEATURE, AUTH_LIST] = [1, 2, 3, 23, 24, 60, 66];
const [MIGRATE_PREPARE, MIGRATE_FINISH] = [303, 306];
const ALLOWED: ReadonlySet<number> = new Set([
  ...[OPEN, CLOSE, GET_TYPE, LOOKUP_BY_NAME, LOOKUP_BY_UUID, SUPPORTS_FEATURE, AUTH_LIST],
  ...[MIGRATE_PREPARE, MIGRATE_FINISH]
]);
const ANY_UUID = /<uuid[^>]*>/g;
/** Of libvirt's parameters (XDR, RFC 4506), and what a text among them is: `VIR_TYPED_PARAM_STRING`. */
const DESTINATION_NAME = xdrText('destination_name');
const STRING = Buffer.from([0, 0, 0, 7]);

export class RpcFilter extends Transform {
  readonly #vm: Visitor;
  readonly #named: Buffer;
  #rest: Buffer[] = [];
  #have = 0;
  #need = 4;

  constructor(vm: Visitor) {
    super();
    this.#vm = vm;
    this.#named = Buffer.concat([DESTINATION_NAME, STRING, xdrText(vm.name)]);
  }

  override _transform(chunk: Buffer, _: BufferEncoding, callback: TransformCallback): void {
    this.#rest.push(chunk);
    this.#have += chunk.length;
    while (this.#have >= this.#need) {
      const all = this.#rest.length === 1 && this.#rest[0] !== undefined ? this.#rest[0] : Buffer.concat(this.#rest);
      const length = all.readUInt32BE(0);
      if (length < HEADER || length > MAX_MESSAGE) {
        callback(new Error(`a message of ${length} bytes`));
        return;
      }
      this.#rest = [all];
      this.#need = length;
      if (this.#have < length) break;
      const message = all.subarray(0, length);
      const refusal = this.#refusal(message);
      if (refusal !== null) {
        callback(new Error(refusal));
        return;
      }
      this.push(message);
      const rest = all.subarray(length);
      this.#rest = rest.length === 0 ? [] : [rest];
      this.#have = rest.length;
      this.#need = 4;
    }
    callback();
  }

  #refusal(message: Buffer): string | null {
    const program = message.readUInt32BE(4);
    if (program === KEEPALIVE_PROGRAM) return null;
    const procedure = message.readInt32BE(12);
    if (program !== REMOTE_PROGRAM || !ALLOWED.has(procedure))
      return `procedure ${procedure} of ${program.toString(16)}`;
    const of =
      (procedure !== MIGRATE_PREPARE || this.#speaksOfTheVm(message)) &&
      (procedure !== MIGRATE_FINISH || this.#namesTheVm(message));
    return of ? null : 'a migration of another VM';
  }

  /** Configuration and cookie are XML inside: every id in them must be this one. */
  #speaksOfTheVm(message: Buffer): boolean {
    const text = message.toString('latin1');
    const ids = text.match(ANY_UUID)?.length ?? 0;
    return ids > 0 && ids === text.split(`<uuid>${this.#vm.id}</uuid>`).length - 1;
  }
  /** What is ended, well or not, is named in one parameter: others may be arriving beside it. */
  #namesTheVm(message: Buffer): boolean {
    const at = message.indexOf(DESTINATION_NAME);
    return at === message.lastIndexOf(DESTINATION_NAME) && at >= 0 && message.indexOf(this.#named) === at;
  }
}

/** Length, bytes, and zeros up to a multiple of four. */
function xdrText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
