// Documents as our own encoder writes them, most of them without anything escaped: read at a sixth of the cost of a whole XML
// parser. Invariant: what is read here is read the same by saxes; whatever is not that plain is left to it.
import { XmlTree, type XmlNode } from './xml-tree.ts';

/** `&`, white space but for spaces, and what is no `Char` of XML 1.0 §2.2. */
const NOT_PLAIN = /[^ -%'-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const START = /<([a-z][a-z0-9-]*)/y;
const ATTRIBUTE = / ([a-z][a-z0-9-]*)="([^"<]*)"/y;
const START_END = /\/?>/y;
const END = /<\/([a-z][a-z0-9-]*)>/y;

/** Null when the document is not plain, which includes every one that is not well-formed. @throws Fault `malformed` as XmlTree */
export function readPlain(text: string): XmlNode | null {
  if (NOT_PLAIN.test(text)) return null;
  const tree = new XmlTree();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (at < text.length) {
    const end = take(END);
    if (end !== null) {
      if (end[1] !== tree.current) return null;
      tree.close();
      continue;
    }
    const [, name] = (tree.root === null || tree.current !== null ? take(START) : null) ?? [];
    if (name === undefined) return null;
    tree.start(name);
    for (let found = take(ATTRIBUTE); found !== null; found = take(ATTRIBUTE)) {
      tree.attribute(found[1] ?? '', found[2] ?? '');
    }
    const closing = take(START_END);
    if (closing === null) return null;
    tree.open();
    if (closing[0] === '/>') tree.close();
  }
  return tree.current === null ? tree.root : null;
}
