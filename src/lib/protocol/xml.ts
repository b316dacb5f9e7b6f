// The XML of the wire, read strictly (saxes; plain documents without it) into a plain tree and escaped for writing. Invariant: what is not plain
// elements with attributes in `urn:smps:1` is refused, at bounded cost, before anything looks at it (docs/WIRE.md, XML).
import { SaxesParser } from 'saxes';
import { Fault } from '../model/fault.ts';
import { readPlain } from './plain-xml.ts';
import { MAX_XML } from './schema.ts';
import { XmlTree, type XmlNode } from './xml-tree.ts';

export type { XmlNode } from './xml-tree.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = 0xfeff;
/** XML 1.0 §2.3 `S`. */
const WHITESPACE = /^[ \t\r\n]*$/;

/** Bytes to characters. @throws Fault `too-large`, `malformed` (invalid UTF-8, byte order mark) */
function readText(bytes: Uint8Array): string {
  if (bytes.length > MAX_XML) throw new Fault('too-large', { what: 'the XML message', limit: `${MAX_XML} bytes` });
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch (cause) {
    throw new Fault('malformed', { where: 'the XML message', reason: 'it is not valid UTF-8' }, { cause });
  }
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) {
    throw new Fault('malformed', { where: 'the XML message', reason: 'it begins with a byte order mark' });
  }
  return text;
}

/**
 * Reads one document of at most `MAX_XML` bytes: UTF-8, XML 1.0, elements and attributes only, default namespace
 * `urn:smps:1` declared on the root and nowhere else, no prefix, white space between elements ignored.
 * @throws Fault `malformed` | `too-large`, and nothing else
 */
export function readXml(bytes: Uint8Array): XmlNode {
  const text = readText(bytes);
  return readPlain(text) ?? readWithSaxes(text);
}

function readWithSaxes(text: string): XmlNode {
  const tree = new XmlTree();
  const refuseKind = (kind: string) => () => tree.refuse(`${kind} is not allowed here`);
  const parser = new SaxesParser({ position: false });
  parser.on('error', (error) => tree.refuse(error.message.slice(0, 200)));
  parser.on('xmldecl', refuseKind('an XML declaration'));
  parser.on('doctype', refuseKind('a DOCTYPE'));
  parser.on('processinginstruction', refuseKind('a processing instruction'));
  parser.on('comment', refuseKind('a comment'));
  parser.on('cdata', refuseKind('a CDATA section'));
  parser.on('text', (content) => {
    if (!WHITESPACE.test(content)) tree.refuse('text between elements is not allowed');
  });
  parser.on('opentagstart', ({ name }) => {
    tree.start(name);
  });
  parser.on('attribute', ({ name, value }) => {
    tree.attribute(name, value);
  });
  parser.on('opentag', () => {
    tree.open();
  });
  parser.on('closetag', () => {
    tree.close();
  });
  parser.write(text).close();
  return tree.root ?? tree.refuse('there is no element');
}

// What is not a `Char` of XML 1.0 §2.2 cannot be written in any way, not even as a reference.
const UNCARRIABLE = /[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const UNCARRIABLE_ALL = new RegExp(UNCARRIABLE, 'gu');
/** That, and what SPECIAL has. */
const NEEDS_CARE = /[^ !#-%'-;=?-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const SPECIAL = /[&<>"\t\n\r]/g;
const REFERENCES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A literal tab or line break would be read back as a space (XML 1.0 §3.3.3).
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;'
};

/** The text between the quotes of an attribute. @throws Fault `bad-argument` for what XML cannot carry */
export function escapeAttribute(name: string, text: string): string {
  if (!NEEDS_CARE.test(text)) return text;
  const uncarriable = UNCARRIABLE.exec(text);
  if (uncarriable) {
    const code = uncarriable[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    const value = carriable(text).slice(0, 80);
    throw new Fault('bad-argument', { name, value, reason: `holds the character U+${code}, which XML cannot carry` });
  }
  return text.replace(SPECIAL, (character) => REFERENCES[character] ?? character);
}

/** `text` with everything XML cannot carry replaced by U+FFFD: for output of other programs on its way into a message. */
export function carriable(text: string): string {
  return text.replace(UNCARRIABLE_ALL, '\ufffd');
}
