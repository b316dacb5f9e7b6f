// Messages to XML and back: the second stage of the straight line. Driven by `schema.ts` alone. Invariant: decode accepts
// exactly what encode can write (and white space between elements); anything else is a Fault `malformed` naming the place.
import { Fault, detailNames, isFaultCode } from '../model/fault.ts';
import type { CommandId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import type { Millis } from '../model/units.ts';
import { readElement, writeElement } from './codec-element.ts';
import { MAX_XML, NAMESPACE, commandShapes, event as eventShape, isOp, reply as replyShape } from './schema.ts';
import type { Command, Event, Reply } from './schema.ts';
import type { ElementShape } from './shape.ts';
import { carriable, readXml } from './xml.ts';
import type { XmlNode } from './xml.ts';

const UTF8 = new TextEncoder();
const XMLNS = ` xmlns="${NAMESPACE}"`;

function encode(shape: ElementShape, value: object): Xml {
  const bytes = UTF8.encode(writeElement(shape, value, XMLNS));
  if (bytes.length > MAX_XML) throw new Fault('too-large', { what: 'the XML message', limit: `${MAX_XML} bytes` });
  return bytes as Xml;
}

/** @throws Fault `bad-argument` naming the attribute that cannot be sent, `too-large` */
export const encodeCommand = (command: Command): Xml => encode(commandShapes[command.op], command);
/** @throws Fault `bad-argument`, `too-large` */
export const encodeReply = (reply: Reply): Xml => encode(replyShape, reply);
/** @throws Fault `bad-argument`, `too-large` */
export const encodeEvent = (event: Event): Xml => encode(eventShape, event);

/** Agent side. @throws Fault `malformed` (an unknown op among others), `too-large` */
export function decodeCommand(xml: Xml): Command {
  const root = readXml(xml);
  if (root.name !== 'command') throw unknownRoot(root);
  const op = root.attributes.get('op') ?? '';
  if (!isOp(op)) throw new Fault('malformed', { where: 'command@op', reason: `“${op.slice(0, 80)}” is no known op` });
  return readElement(commandShapes[op], root) as Command;
}

/** @throws Fault `malformed`, `too-large` */
export const decodeReply = (xml: Xml): Reply => readElement(replyShape, readXml(xml)) as Reply;
/** @throws Fault `malformed`, `too-large` */
export const decodeEvent = (xml: Xml): Event => readElement(eventShape, readXml(xml)) as Event;

/** Client side: whatever an agent may say. @throws Fault `malformed`, `too-large` */
export function decodeFromAgent(
  xml: Xml
): { readonly kind: 'reply'; readonly reply: Reply } | { readonly kind: 'event'; readonly event: Event } {
  const root = readXml(xml);
  if (root.name === 'reply') return { kind: 'reply', reply: readElement(replyShape, root) as Reply };
  if (root.name === 'event') return { kind: 'event', event: readElement(eventShape, root) as Event };
  throw unknownRoot(root);
}

const unknownRoot = (root: XmlNode): Fault =>
  new Fault('malformed', { where: root.name.slice(0, 80), reason: 'it is not a message expected here' });

export type WireFault = NonNullable<Reply['fault']>;

const PROSE = 16_384;
/** What any program printed, made fit for a `prose` attribute: reporting a fault never fails. */
function legible(text: string): string {
  const whole = carriable(text);
  // Cut by code points, so that no pair is split.
  return whole.length <= PROSE ? whole : `${Array.from(whole.slice(0, PROSE)).slice(0, -2).join('')}…`;
}

/** The cause stays here: only code, message and details travel. Never throws. */
export function faultToWire(fault: Fault): WireFault {
  const details = Object.entries(fault.detail).map(([name, value]) => ({ name, value: legible(value) }));
  return { code: fault.code, message: legible(fault.message), details };
}

/** A code this version does not know, or one whose details are incomplete, becomes `internal` with the sender's words. */
export function faultFromWire(wire: WireFault): Fault {
  const given = new Map(wire.details.map(({ name, value }) => [name, value]));
  if (isFaultCode(wire.code)) {
    const names = detailNames(wire.code);
    if (names.every((name) => given.has(name))) {
      // The names were just checked against the table, which is what the type is made from.
      const detail = Object.fromEntries(names.map((name) => [name, given.get(name)])) as never;
      return new Fault(wire.code, detail);
    }
  }
  return new Fault('internal', { reason: `${wire.code}: ${wire.message}` });
}

/** A reply with all optional parts absent, to be spread into the one that is meant. */
export const emptyReply = (to: CommandId, status: Reply['status']): Reply => ({
  to,
  status,
  journal: null,
  role: null,
  fault: null,
  effects: [],
  vm: null,
  inventory: null,
  head: null,
  operators: [],
  activities: [],
  ticket: null,
  permit: null,
  history: null,
  console: null
});

/** An event that says nothing yet, to be spread into the one that is meant. */
export const emptyEvent = (seq: number, at: Millis): Event => ({
  seq,
  at,
  head: null,
  host: null,
  vms: [],
  removed: [],
  storage: null,
  networks: null,
  images: null,
  load: null,
  vmLoads: [],
  activities: [],
  progress: [],
  trouble: null
});
