// Sealed records: `version u8 | type u8 | sequence u64be`, then the body; of DATA, ciphertext and tag with the header as AAD.
// The carrier keeps order, so a receiver demands exactly the next sequence number. One bad record ends the link for good.
import { Fault } from '../model/fault.ts';
import type { Sealed, Segment } from '../model/stages.ts';
import { nonce, rekey, TAG } from './noise.ts';
import type { AeadKey, CryptoProvider, PublicPoint, Raw } from './provider.ts';

export const VERSION = 1;
export const HEADER = 10;
/** Most plaintext bytes in one record. */
export const MAX_PLAIN = 65536;
/** Most bytes of a whole record, header and tag included. */
export const MAX_RECORD = HEADER + MAX_PLAIN + TAG;
export const RECORD = { HELLO: 1, WELCOME: 2, DATA: 3, FAULT: 4, PAIR: 5, PAIRED: 6 } as const;
export type RecordType = (typeof RECORD)[keyof typeof RECORD];

/** A protocol suite: u8 on the wire. 1 is P-256; 2 adds ML-KEM-768 to it. */
export type Suite = 1 | 2;

/** One end of an established link. Once anything failed its check, every call throws that same fault. */
export type Secure = {
  /**
   * Takes the sequence number at the call, so several may be in flight; send them in the order of the calls. `data` goes
   * behind `segment` as if it were part of it, and is copied once.
   * @throws Fault `too-large` past 65,536 bytes (nothing is used up); Fault `integrity` once the link is dead
   */
  seal(segment: Segment, data?: Uint8Array): Promise<Sealed>;
  /**
   * Checks the sequence number at the call, so several may be in flight; they resolve in the order of the calls.
   * A rejection nobody handles is harmless. @throws Fault `integrity` once, then always
   */
  open(record: Sealed): Promise<Segment>;
  /** Noise REKEY of the sending key: `seal` calls after this one use the new key. */
  rekeySend(): void;
  /** Noise REKEY of the receiving key: call it before `open` of the record that follows the peer's REKEY. */
  rekeyReceive(): void;
  /** 32 bytes, the same on both ends and on no other link (Noise section 11.2). */
  readonly handshakeHash: Raw;
  /** The peer's static public key, proven by the handshake. */
  readonly peer: PublicPoint;
  readonly suite: Suite;
};

function writeHeader(bytes: Raw, type: RecordType, sequence: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
  view.setUint8(0, VERSION);
  view.setUint8(1, type);
  view.setUint32(2, Math.floor(sequence / 2 ** 32));
  view.setUint32(6, sequence >>> 0);
}

/** True if `record` starts with exactly the header of this type and sequence number. */
function hasHeader(record: Uint8Array, type: RecordType, sequence: number): boolean {
  if (record.length < HEADER) return false;
  const view = new DataView(record.buffer, record.byteOffset, HEADER);
  return (
    view.getUint8(0) === VERSION &&
    view.getUint8(1) === type &&
    view.getUint32(2) === Math.floor(sequence / 2 ** 32) &&
    view.getUint32(6) === sequence >>> 0
  );
}

/** The type byte, unchecked beyond version and length. @throws Fault `malformed` */
export function recordType(record: Uint8Array): number {
  const [version, type] = record;
  if (record.length < HEADER || record.length > MAX_RECORD || version !== VERSION || type === undefined) {
    throw new Fault('malformed', { where: 'record', reason: 'wrong version or length' });
  }
  return type;
}

/** A record other than DATA: header with sequence 0, then `body` as it is. */
export function plainRecord(type: RecordType, body: Uint8Array): Sealed {
  const record = new Uint8Array(HEADER + body.length);
  writeHeader(record, type, 0);
  record.set(body, HEADER);
  return record as Sealed;
}

/** The body of a record other than DATA; null unless its header is exactly that of `type` with sequence 0. */
export function plainBody(record: Uint8Array, type: RecordType): Raw | null {
  return hasHeader(record, type, 0) ? new Uint8Array(record.subarray(HEADER)) : null;
}

const MAX_HINT = 256;

/** A clear-text hint why the link is about to end. Anyone on the way can forge it, so nothing may depend on it. */
export function faultRecord(hint: string): Sealed {
  return plainRecord(RECORD.FAULT, new TextEncoder().encode(hint).subarray(0, MAX_HINT));
}

/** The hint of a FAULT record, cut and reduced to printable ASCII; null if it is none. For display, never for decisions. */
export function faultHint(record: Uint8Array): string | null {
  const body = plainBody(record, RECORD.FAULT);
  return body && String.fromCharCode(...body.subarray(0, MAX_HINT)).replaceAll(/[^ -~]/g, '?');
}

/** What `secure` needs of the handshake; `sendKey` and `receiveKey` are this side's. */
export type SecureKeys = {
  readonly provider: CryptoProvider;
  readonly sendKey: AeadKey;
  readonly receiveKey: AeadKey;
  readonly handshakeHash: Raw;
  readonly peer: PublicPoint;
  readonly suite: Suite;
};

// A rekeyed key is a promise until the first record that needs it.
type Key = AeadKey | Promise<AeadKey>;
const NOTHING = new Uint8Array(0);
const ignore = (): void => undefined;

function rekeyed(provider: CryptoProvider, key: Key): Promise<AeadKey> {
  const next = Promise.resolve(key).then((ready) => rekey(provider, ready));
  next.catch(ignore); // the record that needs the key reports it
  return next;
}

class SecureLink implements Secure {
  readonly handshakeHash: Raw;
  readonly peer: PublicPoint;
  readonly suite: Suite;
  readonly #provider: CryptoProvider;
  #sendKey: Key;
  #receiveKey: Key;
  #sendSequence = 0;
  #receiveSequence = 0;
  #fault: Fault<'integrity'> | null = null;
  /** The first received sequence number that is not to be trusted any more. */
  #deadFrom = Infinity;
  /** Settles, never rejects, when the last record that was given to `open` has been delivered or refused. */
  #delivered: Promise<void> = Promise.resolve();

  constructor(keys: SecureKeys) {
    this.#provider = keys.provider;
    this.#sendKey = keys.sendKey;
    this.#receiveKey = keys.receiveKey;
    this.handshakeHash = keys.handshakeHash;
    this.peer = keys.peer;
    this.suite = keys.suite;
  }

  async seal(segment: Segment, data: Uint8Array = NOTHING): Promise<Sealed> {
    if (this.#fault) throw this.#fault;
    const size = segment.length + data.length;
    if (size > MAX_PLAIN) throw new Fault('too-large', { what: 'record', limit: `${MAX_PLAIN} bytes` });
    const sequence = this.#sendSequence;
    if (!Number.isSafeInteger(sequence)) throw this.#die('sequence numbers used up');
    this.#sendSequence++;
    const record = new Uint8Array(HEADER + size + TAG);
    writeHeader(record, RECORD.DATA, sequence);
    record.set(segment, HEADER);
    record.set(data, HEADER + segment.length);
    const key = this.#sendKey instanceof Promise ? await this.#sendKey : this.#sendKey;
    const [aad, body] = [record.subarray(0, HEADER), record.subarray(HEADER)];
    if (this.#provider.encryptInPlace) await this.#provider.encryptInPlace(key, nonce(sequence), aad, body);
    else body.set(await this.#provider.encrypt(key, nonce(sequence), aad, body.subarray(0, -TAG)));
    return record as Sealed;
  }

  open(record: Sealed): Promise<Segment> {
    const opened = this.#open(record, this.#receiveSequence);
    this.#delivered = opened.then(ignore, ignore);
    return opened;
  }

  rekeySend(): void {
    this.#sendKey = rekeyed(this.#provider, this.#sendKey);
  }

  rekeyReceive(): void {
    this.#receiveKey = rekeyed(this.#provider, this.#receiveKey);
  }

  async #open(record: Sealed, sequence: number): Promise<Segment> {
    const dead = this.#deadAt(sequence);
    if (dead) throw dead;
    if (record.length > MAX_RECORD || record.length < HEADER + TAG) throw this.#die('wrong length', sequence);
    if (!Number.isSafeInteger(sequence) || !hasHeader(record, RECORD.DATA, sequence)) {
      throw this.#die('not the next record', sequence);
    }
    this.#receiveSequence++;
    const before = this.#delivered;
    const plain = await this.#decrypt(record, sequence);
    await before;
    const diedMeanwhile = this.#deadAt(sequence);
    if (diedMeanwhile) throw diedMeanwhile;
    if (!plain) throw this.#die('wrong tag', sequence);
    return plain as Segment;
  }

  async #decrypt(record: Sealed, sequence: number): Promise<Raw | null> {
    try {
      const key = this.#receiveKey instanceof Promise ? await this.#receiveKey : this.#receiveKey;
      const aad = record.subarray(0, HEADER);
      return await this.#provider.decrypt(key, nonce(sequence), aad, record.subarray(HEADER));
    } catch {
      return null; // whatever the reason: what was not authenticated is not delivered
    }
  }

  #deadAt(sequence: number): Fault<'integrity'> | null {
    return sequence >= this.#deadFrom ? this.#fault : null;
  }

  #die(reason: string, from = 0): Fault<'integrity'> {
    this.#fault ??= new Fault('integrity', { reason });
    this.#deadFrom = Math.min(this.#deadFrom, from);
    return this.#fault;
  }
}

/** The record layer over two keys fresh from a handshake. */
export const secure = (keys: SecureKeys): Secure => new SecureLink(keys);
