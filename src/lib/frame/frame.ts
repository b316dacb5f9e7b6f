// One WebSocket message between browser and gateway: `kind u8 | link u32be | payload` (docs/WIRE.md, Frames).
// Link numbers are chosen by the browser, from 1 upwards, and never used twice on one socket.
import { Fault } from '../model/fault.ts';
import { hostId } from '../model/ids.ts';
import type { HostId } from '../model/ids.ts';
import type { Frame, Sealed } from '../model/stages.ts';
import { CLOSE_CODES, closeName } from './close-code.ts';
import type { CloseName } from './close-code.ts';
import { FRAME_HEADER, MAX_CLOSE_TEXT, MAX_RECORD, RECORD_HEADER } from './limits.ts';

/** `CREDIT` goes from the gateway to the browser only: it has passed on that many more bytes of DATA payload. */
export const FRAME = { OPEN: 1, OPENED: 2, DATA: 3, CLOSE: 4, CREDIT: 5 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export type Unpacked = { readonly kind: FrameKind; readonly link: number; readonly payload: Uint8Array<ArrayBuffer> };

/** Shortest and longest payload of each kind, by kind number. */
const PAYLOAD: readonly (readonly [min: number, max: number])[] = [
  [1, 0],
  [1, 64],
  [0, 0],
  [RECORD_HEADER, MAX_RECORD],
  [2, 2 + MAX_CLOSE_TEXT],
  [4, 4]
];

/** Big-endian; by hand, because this runs for every message and a DataView is an object. */
const u32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

const malformed = (reason: string): Fault => new Fault('malformed', { where: 'frame', reason });

/** `payload` is copied behind the header. @throws Fault `malformed` when the payload is too short or long for its kind. */
export function pack(kind: FrameKind, link: number, payload: Uint8Array): Frame {
  const frame = new Uint8Array(FRAME_HEADER + payload.length);
  frame.set(payload, FRAME_HEADER);
  frame[0] = kind;
  new DataView(frame.buffer).setUint32(1, link);
  check(kind, payload.length, link);
  return frame as Frame;
}

/** The payload is a view of `bytes`. @throws Fault `malformed` */
export function unpack(bytes: Uint8Array<ArrayBuffer>): Unpacked {
  const kind = bytes[0] ?? 0;
  const link = u32(bytes, 1);
  check(kind, bytes.length - FRAME_HEADER, link);
  return { kind: kind as FrameKind, link, payload: bytes.subarray(FRAME_HEADER) };
}

/** The link of a well-formed DATA frame, else 0: what a relay asks of every message, without taking it apart. */
export function linkOfData(bytes: Uint8Array): number {
  const size = bytes.length - FRAME_HEADER;
  return bytes[0] === FRAME.DATA && size >= RECORD_HEADER && size <= MAX_RECORD ? u32(bytes, 1) : 0;
}

function check(kind: number, size: number, link: number): void {
  const limits = PAYLOAD[kind];
  if (limits === undefined || size < limits[0] || size > limits[1]) {
    throw malformed(`${String(size)} bytes in kind ${String(kind)}`);
  }
  if (link === 0) throw malformed('link 0');
}

export const packData = (link: number, record: Sealed): Frame => pack(FRAME.DATA, link, record);
export const packOpen = (link: number, host: HostId): Frame => pack(FRAME.OPEN, link, new TextEncoder().encode(host));

/** @throws Fault `malformed` unless the payload is a host id: it becomes a path segment, so nothing else may pass. */
export function readOpen(payload: Uint8Array): HostId {
  try {
    return hostId(new TextDecoder('latin1').decode(payload));
  } catch (cause) {
    throw new Fault('malformed', { where: 'OPEN', reason: 'not a host id' }, { cause });
  }
}

/** `bytes`: 1 to 2^32 - 1. */
export function creditPayload(bytes: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, bytes);
  return payload;
}

export const readCredit = (payload: Uint8Array): number => u32(payload, 0);

/** `text` is for people; what does not fit into {@link MAX_CLOSE_TEXT} bytes is cut off at a character. */
export function closePayload(name: CloseName, text = ''): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(2 + MAX_CLOSE_TEXT);
  new DataView(payload.buffer).setUint16(0, CLOSE_CODES[name]);
  const { written } = new TextEncoder().encodeInto(text, payload.subarray(2));
  return payload.subarray(0, 2 + written);
}

export const packClose = (link: number, name: CloseName, text = ''): Frame =>
  pack(FRAME.CLOSE, link, closePayload(name, text));

/** `name` is null for a code this version does not know. The text is the peer's own, cleared of control characters. */
export function readClose(payload: Uint8Array): { name: CloseName | null; text: string } {
  const code = new DataView(payload.buffer, payload.byteOffset, 2).getUint16(0);
  const text = new TextDecoder().decode(payload.subarray(2)).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return { name: closeName(code), text };
}
