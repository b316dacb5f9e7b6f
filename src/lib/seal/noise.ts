// The Noise state machines (Noise Protocol Framework revision 34, section 5), general enough to run the published vectors.
// A failed read or write leaves a HandshakeState unusable: it is thrown away, never retried.
import { Fault } from '../model/fault.ts';
import type { Pattern, Token } from './patterns.ts';
import type { AeadKey, CryptoProvider, KemPrivateKey, KeyPair, PublicPoint, Raw } from './provider.ts';

/** What a handshake needs of a provider; tests plug in other curves, hashes and ciphers of the same shape. */
export type NoisePrimitives = Pick<
  CryptoProvider,
  'generateKeyPair' | 'dh' | 'hkdf' | 'sha256' | 'aeadKey' | 'encrypt' | 'decrypt' | 'kem'
>;

export const HASH = 32;
export const TAG = 16;
export const POINT = 65;
const KEM_PUBLIC = 1184;
const KEM_CIPHERTEXT = 1088;
const EMPTY = new Uint8Array(0);

const broken = (reason: string): Fault => new Fault('malformed', { where: 'handshake message', reason });

export function concat(...parts: readonly Uint8Array[]): Raw {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The AES-GCM nonce of section 12.4: four zero bytes, then the counter, big-endian. `counter` is a safe integer. */
export function nonce(counter: number): Raw {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, Math.floor(counter / 2 ** 32));
  view.setUint32(8, counter >>> 0);
  return bytes;
}

/** REKEY of section 4.2: the first 32 bytes of zeros encrypted under the nonce 2^64 - 1. */
export async function rekey(provider: NoisePrimitives, key: AeadKey): Promise<AeadKey> {
  const last = new Uint8Array(12).fill(0xff, 4);
  const sealed = await provider.encrypt(key, last, EMPTY, new Uint8Array(HASH));
  return provider.aeadKey(sealed.slice(0, HASH));
}

/** HKDF of section 4.3: `count` outputs of 32 bytes. */
async function hkdf(provider: NoisePrimitives, chainingKey: Raw, input: Raw, count: 2 | 3): Promise<Raw[]> {
  const outputs = await provider.hkdf(chainingKey, input, count * HASH);
  return Array.from({ length: count }, (_, index) => outputs.slice(index * HASH, (index + 1) * HASH));
}

/** SymmetricState of section 5.2, with the CipherState of section 5.1 inside it. */
class SymmetricState {
  readonly #provider: NoisePrimitives;
  #chainingKey: Raw;
  #hash: Raw;
  #rawKey: Raw | null = null;
  /** Made when it is first used: of two secrets mixed one after the other, the first one's seals nothing. */
  #key: AeadKey | null = null;
  #counter = 0;

  private constructor(provider: NoisePrimitives, name: Raw) {
    this.#provider = provider;
    this.#hash = name;
    this.#chainingKey = name;
  }

  static async create(provider: NoisePrimitives, protocolName: string): Promise<SymmetricState> {
    const name = new TextEncoder().encode(protocolName);
    const start = name.length > HASH ? await provider.sha256(name) : concat(name, new Uint8Array(HASH - name.length));
    return new SymmetricState(provider, start);
  }

  get hash(): Raw {
    return this.#hash;
  }

  async mixHash(data: Raw): Promise<void> {
    this.#hash = await this.#provider.sha256(concat(this.#hash, data));
  }

  async mixKey(input: Raw): Promise<void> {
    const [chainingKey = EMPTY, key = EMPTY] = await hkdf(this.#provider, this.#chainingKey, input, 2);
    this.#chainingKey = chainingKey;
    this.#startKey(key);
  }

  async mixKeyAndHash(input: Raw): Promise<void> {
    const [chainingKey = EMPTY, hash = EMPTY, key = EMPTY] = await hkdf(this.#provider, this.#chainingKey, input, 3);
    this.#chainingKey = chainingKey;
    await this.mixHash(hash);
    this.#startKey(key);
  }

  async encryptAndHash(plain: Raw): Promise<Raw> {
    const key = await this.#usedKey();
    const sealed = key ? await this.#provider.encrypt(key, nonce(this.#counter++), this.#hash, plain) : plain;
    await this.mixHash(sealed);
    return sealed;
  }

  async decryptAndHash(sealed: Raw): Promise<Raw> {
    const key = await this.#usedKey();
    const plain = key ? await this.#provider.decrypt(key, nonce(this.#counter++), this.#hash, sealed) : sealed;
    if (!plain) throw broken('wrong tag');
    await this.mixHash(sealed);
    return plain;
  }

  /** Bytes that `encryptAndHash` adds at this point: a tag once there is a key. */
  get overhead(): number {
    return this.#rawKey === null ? 0 : TAG;
  }

  async split(): Promise<[AeadKey, AeadKey]> {
    const [first = EMPTY, second = EMPTY] = await hkdf(this.#provider, this.#chainingKey, EMPTY, 2);
    return [await this.#provider.aeadKey(first), await this.#provider.aeadKey(second)];
  }

  #startKey(raw: Raw): void {
    this.#rawKey = raw;
    this.#key = null;
    this.#counter = 0;
  }

  async #usedKey(): Promise<AeadKey | null> {
    if (this.#rawKey !== null) this.#key ??= await this.#provider.aeadKey(this.#rawKey);
    return this.#key;
  }
}

export type HandshakeOptions = {
  readonly provider: NoisePrimitives;
  readonly pattern: Pattern;
  /** The whole protocol name, as hashed: `Noise_IK_P256_AESGCM_SHA256`. */
  readonly protocolName: string;
  readonly initiator: boolean;
  readonly prologue: Raw;
  readonly identity: KeyPair | null;
  /** The peer's static key, where the pattern says it is known beforehand. */
  readonly peer: PublicPoint | null;
  /** One for each `psk` token, in order, 32 bytes each. May be put in later with `addPsk`. */
  readonly psks?: readonly Raw[];
  /** Length of a DH public key: 65 but for tests on other curves. */
  readonly pointLength?: number;
};

/** HandshakeState of section 5.3: call `write` and `read` in turn until `finished`, then `split`. */
export class HandshakeState {
  readonly #o: HandshakeOptions;
  readonly #symmetric: SymmetricState;
  readonly #pointLength: number;
  readonly #psks: Raw[];
  readonly #pskMode: boolean;
  #turn = 0;
  #ephemeral: KeyPair | null = null;
  #peerEphemeral: PublicPoint | null = null;
  #peer: PublicPoint | null;
  #kemPrivate: KemPrivateKey | null = null;
  #kemPublic: Raw | null = null;

  private constructor(options: HandshakeOptions, symmetric: SymmetricState) {
    this.#o = options;
    this.#symmetric = symmetric;
    this.#pointLength = options.pointLength ?? POINT;
    this.#psks = [...(options.psks ?? [])];
    this.#pskMode = options.pattern.messages.some((tokens) => tokens.includes('psk'));
    this.#peer = options.peer;
  }

  static async create(options: HandshakeOptions): Promise<HandshakeState> {
    const { pattern, initiator, identity, peer } = options;
    const symmetric = await SymmetricState.create(options.provider, options.protocolName);
    await symmetric.mixHash(options.prologue);
    const own = identity?.publicKey ?? null;
    const statics: [boolean, PublicPoint | null][] = [
      [pattern.initiatorKnown, initiator ? own : peer],
      [pattern.responderKnown, initiator ? peer : own]
    ];
    for (const [known, key] of statics) {
      if (known) await symmetric.mixHash(present(key));
    }
    return new HandshakeState(options, symmetric);
  }

  get finished(): boolean {
    return this.#turn === this.#o.pattern.messages.length;
  }

  /** h: after the last message, the channel binding of section 11.2. */
  get hash(): Raw {
    return this.#symmetric.hash;
  }

  /** The peer's static key, as soon as it is known. */
  get peer(): PublicPoint | null {
    return this.#peer;
  }

  /** A psk that is known only after an earlier message was read. */
  addPsk(psk: Raw): void {
    this.#psks.push(psk);
  }

  async write(payload: Raw): Promise<Raw> {
    const parts: Raw[] = [];
    for (const token of this.#takeTurn(true)) {
      if (token === 'e') {
        this.#ephemeral = await this.#o.provider.generateKeyPair(false);
        parts.push(this.#ephemeral.publicKey);
        await this.#mixEphemeral(this.#ephemeral.publicKey);
      } else if (token === 's') {
        parts.push(await this.#symmetric.encryptAndHash(present(this.#o.identity).publicKey));
      } else if (token === 'e1') {
        const pair = await present(this.#o.provider.kem).generate();
        this.#kemPrivate = pair.privateKey;
        parts.push(await this.#symmetric.encryptAndHash(pair.publicKey));
      } else if (token === 'ekem1') {
        const { ciphertext, shared } = await present(this.#o.provider.kem).encapsulate(present(this.#kemPublic));
        parts.push(await this.#symmetric.encryptAndHash(ciphertext));
        await this.#symmetric.mixKey(shared);
      } else {
        await this.#mixSecret(token);
      }
    }
    parts.push(await this.#symmetric.encryptAndHash(payload));
    return concat(...parts);
  }

  /** The payload. @throws for anything but what the peer's `write` made */
  async read(message: Raw): Promise<Raw> {
    let at = 0;
    const take = (length: number): Raw => {
      if (message.length - at < length) throw broken('too short');
      return message.slice(at, (at += length));
    };
    for (const token of this.#takeTurn(false)) {
      if (token === 'e') {
        this.#peerEphemeral = take(this.#pointLength);
        await this.#mixEphemeral(this.#peerEphemeral);
      } else if (token === 's') {
        this.#peer = await this.#symmetric.decryptAndHash(take(this.#pointLength + this.#symmetric.overhead));
      } else if (token === 'e1') {
        this.#kemPublic = await this.#symmetric.decryptAndHash(take(KEM_PUBLIC + this.#symmetric.overhead));
      } else if (token === 'ekem1') {
        const ciphertext = await this.#symmetric.decryptAndHash(take(KEM_CIPHERTEXT + this.#symmetric.overhead));
        const kem = present(this.#o.provider.kem);
        await this.#symmetric.mixKey(await kem.decapsulate(present(this.#kemPrivate), ciphertext));
      } else {
        await this.#mixSecret(token);
      }
    }
    return this.#symmetric.decryptAndHash(message.slice(at));
  }

  /** The transport keys, once finished: first the initiator's sending key, then the responder's. */
  async split(): Promise<[AeadKey, AeadKey]> {
    if (!this.finished) throw new Fault('internal', { reason: 'split before the handshake finished' });
    return this.#symmetric.split();
  }

  #takeTurn(write: boolean): readonly Token[] {
    const tokens = this.#o.pattern.messages[this.#turn];
    const ours = (this.#turn % 2 === 0) === this.#o.initiator;
    if (!tokens || ours !== write) throw new Fault('internal', { reason: 'handshake message out of turn' });
    this.#turn++;
    return tokens;
  }

  async #mixEphemeral(publicKey: PublicPoint): Promise<void> {
    await this.#symmetric.mixHash(publicKey);
    // Section 9.2: with a psk, ephemerals also randomise the key.
    if (this.#pskMode) await this.#symmetric.mixKey(publicKey);
  }

  async #mixSecret(token: 'ee' | 'es' | 'se' | 'ss' | 'psk'): Promise<void> {
    if (token === 'psk') {
      await this.#symmetric.mixKeyAndHash(present(this.#psks.shift() ?? null));
      return;
    }
    // The first letter names the initiator's key, the second the responder's.
    const ours = token[this.#o.initiator ? 0 : 1] === 'e' ? this.#ephemeral : this.#o.identity;
    const theirs = token[this.#o.initiator ? 1 : 0] === 'e' ? this.#peerEphemeral : this.#peer;
    await this.#symmetric.mixKey(await this.#o.provider.dh(present(ours).privateKey, present(theirs)));
  }
}

function present<Value>(value: Value | null): Value {
  if (value === null) throw new Fault('internal', { reason: 'the handshake lacks a key its pattern needs' });
  return value;
}
