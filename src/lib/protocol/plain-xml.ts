// Documents as our own encoder writes them, most of them without anything escaped: read at a tenth of the cost of a whole XML
// parser. Invariant: what is read here is read the same by saxes; whatever is not that plain is left to it.
import { XmlTree, type XmlNode } from './xml-tree.ts';

/** `&`, white space but for spaces, and what is no `Char` of XML 1.0 §2.2. */
const NOT_PLAIN = /[^ -%'-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const [SPACE, QUOTE, HYPHEN, SLASH, LESS, EQUAL, GREATER] = [0x20, 0x22, 0x2d, 0x2f, 0x3c, 0x3d, 0x3e];
const [ZERO, NINE, A, Z] = [0x30, 0x39, 0x61, 0x7a];

/** Null when the document is not plain, which includes every one that is not well-formed. @throws Fault `malformed` as XmlTree */
export function readPlain(text: string): XmlNode | null {
  if (NOT_PLAIN.test(text)) return null;
  const tree = new XmlTree();
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) !== LESS) return null;
    if (text.charCodeAt(at + 1) === SLASH) {
      const { current } = tree;
      if (current === null || !text.startsWith(current, at + 2)) return null;
      at += current.length + 3;
      if (text.charCodeAt(at - 1) !== GREATER) return null;
      tree.close();
      continue;
    }
    if (tree.root !== null && tree.current === null) return null;
    let end = nameEnd(text, at + 1);
    if (end === at + 1) return null;
    tree.start(text.slice(at + 1, end));
    while (text.charCodeAt(end) === SPACE) {
      const nameAt = end + 1;
      const equal = nameEnd(text, nameAt);
      if (equal === nameAt || text.charCodeAt(equal) !== EQUAL || text.charCodeAt(equal + 1) !== QUOTE) return null;
      const quote = text.indexOf('"', equal + 2);
      if (quote < 0) return null;
      const value = text.slice(equal + 2, quote);
      if (value.includes('<')) return null;
      tree.attribute(text.slice(nameAt, equal), value);
      end = quote + 1;
    }
    const empty = text.charCodeAt(end) === SLASH;
    if (text.charCodeAt(empty ? end + 1 : end) !== GREATER) return null;
    tree.open();
    if (empty) tree.close();
    at = end + (empty ? 2 : 1);
  }
  return tree.current === null ? tree.root : null;
}

/** Where a name that begins at `at` ends: a small letter, then small letters, digits and hyphens; `at` when there is none. */
function nameEnd(text: string, at: number): number {
  for (let end = at; ; end++) {
    const code = text.charCodeAt(end);
    if (code >= A && code <= Z) continue;
    if (end > at && (code === HYPHEN || (code >= ZERO && code <= NINE))) continue;
    return end;
  }
}
