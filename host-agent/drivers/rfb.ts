// What a client says to a screen, as far as its length is concerned: RFB 3.8 without a password, RFC 6143 section 7, and the
// extensions clients use.
import { Fault } from '../../src/lib/model/fault.ts';

/** Of a client: protocol version, security type None, ClientInit that leaves the others connected. */
export const HANDSHAKE = [Buffer.from('RFB 003.008\n'), Buffer.from([1]), Buffer.from([1])] as const;

type Kind = {
  /** It reaches the guest: keys, pointer, clipboard, sound. */
  readonly input: boolean;
  /** Bytes of the message that begins here; null: not enough of it is there to say. */
  readonly length: (message: Buffer) => number | null;
};

const MAX_ENCODINGS = 1024;
/** Longer is no clipboard. */
const MAX_TEXT = 16 * 1024 * 1024;

const fixed = (length: number) => (): number => length;

/** `count` (u16 at 2) items of four bytes behind the head. */
function encodings(message: Buffer): number | null {
  if (message.length < 4) return null;
  const count = message.readUInt16BE(2);
  if (count > MAX_ENCODINGS) throw notRfb(`${count} encodings`);
  return 4 + 4 * count;
}

/** A length (s32 at 4; below 0: of the extended clipboard) of text. */
function cutText(message: Buffer): number | null {
  if (message.length < 8) return null;
  const length = Math.abs(message.readInt32BE(4));
  if (length > MAX_TEXT) throw notRfb(`a text of ${length} bytes`);
  return 8 + length;
}

/** QEMU's own: 0 is a key, 1 is about sound (operation 2 of it: the format of samples). */
function qemu([, kind, , operation]: Buffer): number | null {
  if (kind === undefined) return null;
  if (kind === 0) return 12;
  if (kind !== 1) throw notRfb(`QEMU’s message ${kind}`);
  return operation === undefined ? null : operation === 2 ? 10 : 4;
}

export const MESSAGE = { PIXEL_FORMAT: 0, ENCODINGS: 2, UPDATE_REQUEST: 3, KEY: 4, POINTER: 5, TEXT: 6 } as const;

/** By the first byte. */
const KINDS: Readonly<Record<number, Kind>> = {
  [MESSAGE.PIXEL_FORMAT]: { input: false, length: fixed(20) },
  [MESSAGE.ENCODINGS]: { input: false, length: encodings },
  [MESSAGE.UPDATE_REQUEST]: { input: false, length: fixed(10) },
  [MESSAGE.KEY]: { input: true, length: fixed(8) },
  [MESSAGE.POINTER]: { input: true, length: fixed(6) },
  [MESSAGE.TEXT]: { input: true, length: cutText },
  // EnableContinuousUpdates
  150: { input: false, length: fixed(10) },
  255: { input: true, length: qemu }
};

/** @throws Fault `malformed` for one that is not known: where it ends cannot be told */
export function kindOf([type = 0]: Buffer): Kind {
  const kind = KINDS[type];
  if (kind === undefined) throw notRfb(`message ${type}`);
  return kind;
}

export const notRfb = (reason: string): Fault => new Fault('malformed', { where: 'RFB', reason });
