// libvirt's own protocol over a socket, cut into its messages: each is looked at whole before a byte of it goes on.
// Format: https://libvirt.org/kbase/internals/rpc.html; numbers: src/remote/remote_protocol.x.
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

export const REMOTE_PROGRAM = 0x20008086;
export const KEEPALIVE_PROGRAM = 0x6b656570;
/** `remoteDomainMigrateFinish3Params`: from here on the VM may run on the target. */
export const MIGRATE_FINISH = 306;
/** `remoteDomainMigrateConfirm3Params`: how it ended, to the source. */
export const MIGRATE_CONFIRM = 307;
/** Length, program, version, procedure, type, serial, status. */
const HEADER = 28;
/** libvirt's own limit of a message. */
const MAX_MESSAGE = 32 * 1024 * 1024 + 28;

export const programOf = (message: Buffer): number => message.readUInt32BE(4);
export const procedureOf = (message: Buffer): number => message.readInt32BE(12);
/** 0: a call, 1: a reply. */
export const typeOf = (message: Buffer): number => message.readInt32BE(16);

export class RpcMessages extends Transform {
  readonly #look: (message: Buffer) => string | null;
  #rest: Buffer[] = [];
  #have = 0;
  #need = 4;

  /** @param look called with each message before it goes on; a sentence ends the stream with it */
  constructor(look: (message: Buffer) => string | null) {
    super();
    this.#look = look;
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
      const refusal = this.#look(message);
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
}

/** A call that lets the VM run on the target, rather than one that gives it up there: `cancelled` is its last parameter. */
export const letsItRun = (message: Buffer): boolean =>
  programOf(message) === REMOTE_PROGRAM &&
  procedureOf(message) === MIGRATE_FINISH &&
  typeOf(message) === 0 &&
  message.readInt32BE(message.length - 4) === 0;

/** The target's word whether it runs there. */
export const saysHowItEnded = (message: Buffer): boolean =>
  programOf(message) === REMOTE_PROGRAM && procedureOf(message) === MIGRATE_FINISH && typeOf(message) === 1;
