// Why a link (channel 0) or a byte channel is being closed, said under seal in its CLOSE segment: nothing, or a fault as lines
// of text `code LF message LF (name LF value LF?)*`. Unlike a CLOSE frame of the gateway it can be believed.
import { Fault } from '../model/fault.ts';
import { faultFromWire, faultToWire } from '../protocol/codec.ts';

const MAX_CLOSING = 8_192;

/** Empty for null: closed in good order. */
export function encodeClosing(fault: Fault | null): Uint8Array {
  if (fault === null) return new Uint8Array(0);
  const { code, message, details } = faultToWire(fault);
  const lines = [code, message, ...details.flatMap(({ name, value }) => [name, value])];
  const text = lines.map((line) => line.replaceAll('\n', ' ').slice(0, 1_000)).join('\n');
  return new TextEncoder().encode(text).subarray(0, MAX_CLOSING);
}

/** What the peer said; null: it closed in good order. @throws Fault `malformed` */
export function decodeClosing(data: Uint8Array): Fault | null {
  if (data.length === 0) return null;
  if (data.length > MAX_CLOSING) throw new Fault('malformed', { where: 'CLOSE', reason: 'too long' });
  const [code = '', message = '', ...rest] = new TextDecoder().decode(data).split('\n');
  const details = [];
  for (let i = 0; i < rest.length; i += 2) details.push({ name: rest[i] ?? '', value: rest[i + 1] ?? '' });
  return faultFromWire({ code, message, details });
}
