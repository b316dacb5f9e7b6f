// Runs published Noise vectors (snow, cacophony) through our state machines, with whatever primitives it is given.
import { HandshakeState, nonce, type NoisePrimitives } from '../../src/lib/seal/noise.ts';
import type { Pattern, Token } from '../../src/lib/seal/patterns.ts';
import type { AeadKey, KeyPair } from '../../src/lib/seal/provider.ts';
import { hex, unhex } from './hex.ts';

export type NoiseVector = {
  protocol_name: string;
  init_prologue: string;
  init_psks?: string[];
  init_static?: string;
  init_ephemeral: string;
  init_remote_static?: string;
  resp_psks?: string[];
  resp_static?: string;
  resp_ephemeral?: string;
  resp_remote_static?: string;
  handshake_hash?: string;
  messages: { payload: string; ciphertext: string }[];
};

const EMPTY = new Uint8Array(0);

// Section 7.4 and 7.5 of the Noise specification: "pre-messages | messages", S before | for a static known beforehand.
const BASE: Record<string, string> = {
  N: 'R|e es',
  K: 'IR|e es ss',
  X: 'R|e es s ss',
  NN: '|e|e ee',
  NK: 'R|e es|e ee',
  NX: '|e|e ee s es',
  KN: 'I|e|e ee se',
  KK: 'IR|e es ss|e ee se',
  KX: 'I|e|e ee se s es',
  XN: '|e|e ee|s se',
  XK: 'R|e es|e ee|s se',
  XX: '|e|e ee s es|s se',
  IN: '|e s|e ee se',
  IK: 'R|e es s ss|e ee se',
  IX: '|e s|e ee se s es',
  NK1: 'R|e|e ee es',
  NX1: '|e|e ee s|es',
  X1N: '|e|e ee|s|se',
  X1K: 'R|e es|e ee|s|se',
  XK1: 'R|e|e ee es|s se',
  X1K1: 'R|e|e ee es|s|se',
  X1X: '|e|e ee s es|s|se',
  XX1: '|e|e ee s|es s se',
  X1X1: '|e|e ee s|es s|se',
  K1N: 'I|e|e ee|se',
  K1K: 'IR|e es|e ee|se',
  KK1: 'IR|e|e ee se es',
  K1K1: 'IR|e|e ee es|se',
  K1X: 'I|e|e ee s es|se',
  KX1: 'I|e|e ee se s|es',
  K1X1: 'I|e|e ee s|se es',
  I1N: '|e s|e ee|se',
  I1K: 'R|e es s|e ee|se',
  IK1: 'R|e s|e ee se es',
  I1K1: 'R|e s|e ee es|se',
  I1X: '|e s|e ee s es|se',
  IX1: '|e s|e ee se s|es',
  I1X1: '|e s|e ee s|se es'
};

/** `IKpsk0+psk2` and the like; null for a base pattern this table lacks. */
export function patternNamed(name: string): Pattern | null {
  const [, base = '', modifiers = ''] = /^([A-Z1]+)(.*)$/.exec(name) ?? [];
  const text = BASE[base];
  if (text === undefined) return null;
  const [known = '', ...rows] = text.split('|');
  const messages = rows.map((row) => row.split(' ') as Token[]);
  for (const psk of modifiers.matchAll(/psk(\d)/g)) {
    const at = Number(psk[1]);
    if (at === 0) messages[0]?.unshift('psk');
    else messages[at - 1]?.push('psk');
  }
  return { name, initiatorKnown: known.includes('I'), responderKnown: known.includes('R'), messages };
}

export type Curve = { readonly pointLength: number; pair(scalar: string): Promise<KeyPair> };

/** The first difference between what the vector says and what we computed, in words; null when there is none. */
export async function runVector(
  vector: NoiseVector,
  primitives: NoisePrimitives,
  curve: Curve
): Promise<string | null> {
  const pattern = patternNamed(vector.protocol_name.split('_')[1] ?? '');
  if (!pattern) return 'unknown pattern';
  const side = async (initiator: boolean): Promise<HandshakeState> => {
    const own = initiator ? vector.init_static : vector.resp_static;
    const ephemeral = initiator ? vector.init_ephemeral : vector.resp_ephemeral;
    const remote = initiator ? vector.init_remote_static : vector.resp_remote_static;
    return HandshakeState.create({
      provider: { ...primitives, generateKeyPair: () => curve.pair(ephemeral ?? '') },
      pattern,
      protocolName: vector.protocol_name,
      initiator,
      prologue: unhex(vector.init_prologue),
      identity: own ? await curve.pair(own) : null,
      peer: remote ? unhex(remote) : null,
      psks: ((initiator ? vector.init_psks : vector.resp_psks) ?? []).map(unhex),
      pointLength: curve.pointLength
    });
  };
  const initiator = await side(true);
  const responder = await side(false);
  let transport: { keys: [AeadKey, AeadKey]; counters: [number, number] } | null = null;
  for (const [index, { payload, ciphertext }] of vector.messages.entries()) {
    const fromInitiator = index % 2 === 0 || pattern.messages.length === 1;
    const [sender, receiver] = fromInitiator ? [initiator, responder] : [responder, initiator];
    if (!sender.finished) {
      const message = await sender.write(unhex(payload));
      if (hex(message) !== ciphertext) return `message ${index} differs`;
      if (hex(await receiver.read(message)) !== payload) return `payload ${index} differs`;
      continue;
    }
    transport ??= { keys: await initiator.split(), counters: [0, 0] };
    const [direction, peerKeys] = [fromInitiator ? 0 : 1, await responder.split()] as const;
    const at = nonce(transport.counters[direction]++);
    const sealed = await primitives.encrypt(transport.keys[direction], at, EMPTY, unhex(payload));
    if (hex(sealed) !== ciphertext) return `transport message ${index} differs`;
    const opened = await primitives.decrypt(peerKeys[direction], at, EMPTY, sealed);
    if (!opened || hex(opened) !== payload) return `transport payload ${index} differs`;
  }
  if (vector.handshake_hash && hex(initiator.hash) !== vector.handshake_hash) return 'handshake hash differs';
  if (hex(initiator.hash) !== hex(responder.hash)) return 'the two hashes differ';
  return null;
}
