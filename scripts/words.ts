// Finds words written into .svelte files: everything a person reads or hears comes from `src/lib/messages`.
import { parse, type AST } from 'svelte/compiler';

export type Found = { readonly line: number; readonly text: string };

/** Attributes and component properties that are shown or read out. */
const SHOWN = new Set([
  'title',
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
  'placeholder',
  'alt',
  'label',
  'hint',
  'error',
  'message',
  'advice',
  'verb',
  'caption'
]);
/** What these hold is typed or pressed as it stands. */
const VERBATIM = new Set(['code', 'kbd', 'style', 'script']);
/** Names that are the same in every language. */
const ALLOWED: readonly RegExp[] = [/SMPS[-\u2011]VMM/g];
const LETTER = /\p{L}/u;

type Node = { readonly type: string; readonly start?: number } & Readonly<Record<string, unknown>>;

/** Every text in the markup of `source` with letters in it that no message says. */
export function wordsIn(source: string): Found[] {
  const found: Found[] = [];
  const note = (text: string, at = 0): void => {
    const rest = ALLOWED.reduce((left, allowed) => left.replace(allowed, ''), text).trim();
    if (LETTER.test(rest)) found.push({ line: source.slice(0, at).split('\n').length, text: rest });
  };

  /** The texts an expression can become; what only decides between them, or is an argument, is none of them. */
  const inValue = (node: Node): void => {
    if (node.type === 'Literal' && typeof node['value'] === 'string') note(node['value'], node.start);
    else if (node.type === 'TemplateLiteral') {
      for (const quasi of node['quasis'] as Node[]) note((quasi['value'] as { cooked: string }).cooked, quasi.start);
      for (const part of node['expressions'] as Node[]) inValue(part);
    } else if (node.type === 'ConditionalExpression') {
      inValue(node['consequent'] as Node);
      inValue(node['alternate'] as Node);
    } else if (node.type === 'LogicalExpression') inValue(node['right'] as Node);
    else if (node.type === 'BinaryExpression' && node['operator'] === '+') {
      inValue(node['left'] as Node);
      inValue(node['right'] as Node);
    }
  };

  const inAttribute = (value: AST.Attribute['value']): void => {
    if (value === true) return;
    for (const part of Array.isArray(value) ? value : [value]) {
      if (part.type === 'Text') note(part.data, part.start);
      else inValue(part.expression as unknown as Node);
    }
  };

  const inNode = (node: Node): void => {
    if (node.type === 'Text') note(String(node['data']), node.start);
    else if (node.type === 'ExpressionTag') inValue(node['expression'] as Node);
    else if (node.type === 'Attribute') {
      if (SHOWN.has(String(node['name']))) inAttribute(node['value'] as AST.Attribute['value']);
    } else if (!(node.type === 'RegularElement' && VERBATIM.has(String(node['name'])))) {
      for (const value of Object.values(node)) inAny(value);
    }
  };
  /** Only what belongs to the template: expressions of JavaScript are looked into where they are shown. */
  const inAny = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) inAny(each);
    else if (isTemplate(value)) inNode(value);
  };

  inAny(parse(source, { modern: true }).fragment);
  return found;
}

const TEMPLATE =
  /^(Fragment|Text|ExpressionTag|Attribute|.*Block|RegularElement|Component|Svelte[A-Z]\w*|TitleElement|SlotElement)$/;
const isTemplate = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && TEMPLATE.test(String(value.type));
