// What a viewer's client may say to a screen: how it wants the picture, and nothing that reaches the guest. Input is dropped
// as it comes; what cannot be understood ends the console.
import { HANDSHAKE, kindOf, notRfb } from '../drivers/rfb.ts';

export class RfbFilter {
  #handshake = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** Of a message that is dropped: bytes that have not come yet. */
  #drop = 0;

  /** What of it goes on to the screen. @throws Fault `malformed` */
  take(data: Uint8Array): Buffer {
    const passed: Buffer[] = [];
    let at = Buffer.concat([this.#rest, data]);
    while (at.length > 0) {
      const dropped = Math.min(this.#drop, at.length);
      this.#drop -= dropped;
      at = at.subarray(dropped);
      const message = at.length === 0 ? null : this.#next(at);
      if (message === null) break;
      passed.push(message);
      at = at.subarray(message.length);
    }
    this.#rest = Buffer.from(at);
    return Buffer.concat(passed);
  }

  /** The whole message that begins here; empty: it is to be dropped; null: more of it has to come. */
  #next(at: Buffer): Buffer | null {
    const expected = HANDSHAKE[this.#handshake];
    if (expected !== undefined) {
      if (at.length < expected.length) return null;
      this.#handshake++;
      // ClientInit: whoever only looks on does not ask to be alone.
      if (this.#handshake < HANDSHAKE.length && !at.subarray(0, expected.length).equals(expected)) {
        throw notRfb('another handshake than that of 3.8 without a password');
      }
      return expected;
    }
    const { input, length: lengthOf } = kindOf(at);
    const length = lengthOf(at);
    if (length === null) return null;
    if (input) {
      this.#drop = length;
      return at.subarray(0, 0);
    }
    return at.length < length ? null : at.subarray(0, length);
  }
}
