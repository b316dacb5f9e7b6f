// What one record carries: `kind u8 | channel u32be | data`, and how an XML message is cut into segments and put together
// again. Invariant: no segment exceeds MAX_SEGMENT, no reassembly MAX_XML (docs/WIRE.md, Inside a record).
import { Fault } from '../model/fault.ts';
import type { Segment, Xml } from '../model/stages.ts';
import { MAX_XML } from './schema.ts';

export const SEGMENT = { XML: 1, BYTES: 2, CREDIT: 3, CLOSE: 4, PING: 5, PONG: 6, REKEY: 7 } as const;
export type SegmentKind = (typeof SEGMENT)[keyof typeof SEGMENT];

/** Bytes of a whole segment, its head included. */
export const MAX_SEGMENT = 65_536;
const HEAD = 5;
/** XML goes on channel 0, always. */
const XML_CHANNEL = 0;
const MORE = 1;
/** Bytes of a document in one segment: a flags byte goes before them. */
const MAX_PIECE = MAX_SEGMENT - HEAD - 1;

const KINDS: ReadonlySet<number> = new Set(Object.values(SEGMENT));
const isKind = (kind: number): kind is SegmentKind => KINDS.has(kind);
const malformed = (reason: string): Fault => new Fault('malformed', { where: 'a segment', reason });

/** @param channel u32; 0 for XML. @param data at most MAX_SEGMENT - 5 bytes. @throws Fault `too-large`, `malformed` */
export function packSegment(kind: SegmentKind, channel: number, data: Uint8Array): Segment {
  if (HEAD + data.length > MAX_SEGMENT)
    throw new Fault('too-large', { what: 'a segment', limit: `${MAX_SEGMENT} bytes` });
  if (!Number.isInteger(channel) || channel < 0 || channel > 0xffffffff)
    throw malformed(`channel ${channel} is no u32`);
  const segment = new Uint8Array(HEAD + data.length);
  segment[0] = kind;
  new DataView(segment.buffer).setUint32(1, channel);
  segment.set(data, HEAD);
  return segment as Segment;
}

/** `data` is a view, not a copy. @throws Fault `malformed` for a short or unknown segment, or XML off channel 0; `too-large` */
export function unpackSegment(segment: Segment): { kind: SegmentKind; channel: number; data: Uint8Array } {
  if (segment.length > MAX_SEGMENT) throw new Fault('too-large', { what: 'a segment', limit: `${MAX_SEGMENT} bytes` });
  if (segment.length < HEAD) throw malformed(`it has ${segment.length} of ${HEAD} head bytes`);
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  const kind = view.getUint8(0);
  const channel = view.getUint32(1);
  if (!isKind(kind)) throw malformed(`its kind ${kind} is unknown`);
  if (kind === SEGMENT.XML && channel !== XML_CHANNEL) throw malformed(`XML came on channel ${channel}`);
  return { kind, channel, data: segment.subarray(HEAD) };
}

/** At least one segment, in the order to be sent. All but the last carry MORE. */
export function splitXml(xml: Xml): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  do {
    const to = Math.min(from + MAX_PIECE, xml.length);
    const data = new Uint8Array(1 + to - from);
    data[0] = to < xml.length ? MORE : 0;
    data.set(xml.subarray(from, to), 1);
    segments.push(packSegment(SEGMENT.XML, XML_CHANNEL, data));
    from = to;
  } while (from < xml.length);
  return segments;
}

/** Puts the XML segments of one link together, in the order they came. Broken input breaks the link: do not go on after a throw. */
export class XmlAssembler {
  // One buffer that grows: a view per piece would keep every record alive for a sender of one-byte pieces.
  #buffer = new Uint8Array(0);
  #length = 0;

  /** @param data of an XML segment. @returns the document when this was its last piece. @throws Fault `malformed`, `too-large` */
  add(data: Uint8Array): Xml | null {
    const flags = data[0];
    if (flags === undefined || (flags & ~MORE) !== 0) throw malformed('its XML flags are missing or unknown');
    const piece = data.subarray(1);
    if (piece.length === 0) throw malformed('it carries no XML');
    const length = this.#length + piece.length;
    if (length > MAX_XML) throw new Fault('too-large', { what: 'the XML message', limit: `${MAX_XML} bytes` });
    if (flags === 0 && this.#length === 0) return piece.slice() as Xml;
    this.#reserve(length);
    this.#buffer.set(piece, this.#length);
    this.#length = length;
    if (flags === MORE) return null;
    const xml = this.#buffer.subarray(0, length) as Xml;
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    return xml;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.min(MAX_XML, Math.max(length, 2 * this.#buffer.length)));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
