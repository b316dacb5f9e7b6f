// The published schema, `static/schema/smps.xsd` (XSD 1.0), generated from `schema.ts`. It says what the codec says but for
// what XSD 1.0 cannot: that a command's child is named by its `op`, and the limits on size, depth and counts of elements.
import { NAMESPACE, commandAttributes, event, ops, reply } from './schema.ts';
import { wireName } from './shape.ts';
import type { Attributes, Domain, ElementShape } from './shape.ts';

const OCCURS = { one: '', maybe: ' minOccurs="0"', many: ' minOccurs="0" maxOccurs="unbounded"' } as const;

const restriction = (base: string, ...facets: string[]): string =>
  `<xs:restriction base="${base}">${facets.join('')}</xs:restriction>`;
const facet = (name: string, value: string | number): string => `<xs:${name} value="${value}"/>`;

/** The body of a simple type. */
function simpleType(domain: Domain): string {
  switch (domain.kind) {
    case 'text':
      return restriction(
        'xs:string',
        facet('maxLength', domain.max),
        domain.form ? facet('pattern', domain.form.xsd) : ''
      );
    case 'whole':
      return restriction(
        'xs:integer',
        facet('minInclusive', domain.min),
        facet('maxInclusive', domain.max),
        // Without it XSD would take +5 and 007.
        facet('pattern', '0|-?[1-9][0-9]{0,15}')
      );
    case 'decimal':
      return restriction(
        'xs:decimal',
        facet('maxInclusive', domain.max),
        facet('pattern', '(0|[1-9][0-9]{0,15})(\\.[0-9]{1,3})?')
      );
    case 'flag':
      // xs:boolean would take 1 and 0.
      return restriction('xs:string', facet('enumeration', 'true'), facet('enumeration', 'false'));
    case 'choice':
      return restriction('xs:string', ...domain.values.map((value) => facet('enumeration', value)));
    case 'tokens': {
      if (domain.separator === ',') {
        const more = `(,(${domain.form.xsd})){0,${domain.max - 1}}`;
        return restriction('xs:string', facet('pattern', `((${domain.form.xsd})${more})?`));
      }
      const item = `<xs:simpleType>${restriction('xs:token', facet('pattern', domain.form.xsd))}</xs:simpleType>`;
      const list = `<xs:simpleType><xs:list>${item}</xs:list></xs:simpleType>`;
      return `<xs:restriction>${list}${facet('maxLength', domain.max)}</xs:restriction>`;
    }
  }
}

function attributesOf(attributes: Attributes): string[] {
  return Object.entries(attributes).flatMap(([key, attribute]) => [
    `    <xs:attribute name="${wireName(key, attribute)}"${attribute.optional ? '' : ' use="required"'}>`,
    `      <xs:simpleType>${simpleType(attribute.domain)}</xs:simpleType>`,
    '    </xs:attribute>'
  ]);
}

/**
 * Every element shape there is but `command`, with its type name: that of its element, or `parent.element` where another
 * shape has taken that name. Parents come before their children, replies and events before the args of ops.
 */
export function namedShapes(): ReadonlyMap<ElementShape, string> {
  const names = new Map<ElementShape, string>();
  const taken = new Set(['command']);
  const add = (shape: ElementShape, parent: string): void => {
    if (names.has(shape)) return;
    const name = taken.has(shape.name) ? `${parent}.${shape.name}` : shape.name;
    names.set(shape, name);
    taken.add(name);
    for (const child of Object.values(shape.children)) add(child.element(), name);
  };
  for (const shape of [reply, event, ...Object.values(ops).map(({ args }) => args)]) add(shape, '');
  return names;
}

function complexType(shape: ElementShape, names: ReadonlyMap<ElementShape, string>): string[] {
  const children = Object.values(shape.children).map(({ count, element }) => {
    const child = element();
    return `      <xs:element name="${child.name}" type="${names.get(child) ?? ''}"${OCCURS[count]}/>`;
  });
  return [
    '',
    `  <xs:complexType name="${names.get(shape) ?? ''}">`,
    ...(children.length > 0 ? ['    <xs:sequence>', ...children, '    </xs:sequence>'] : []),
    ...attributesOf(shape.attributes),
    '  </xs:complexType>'
  ];
}

/** The whole text of `static/schema/smps.xsd`. The only global elements are the three messages. */
export function generateXsd(): string {
  const names = namedShapes();
  const args = Object.values(ops).map(({ args: { name } }) => `      <xs:element name="${name}" type="${name}"/>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!-- Generated from src/lib/protocol/schema.ts by scripts/xsd.ts: do not edit. Explained in docs/WIRE.md. -->',
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${NAMESPACE}" targetNamespace="${NAMESPACE}" elementFormDefault="qualified">`,
    '  <xs:element name="command" type="command"/>',
    '  <xs:element name="reply" type="reply"/>',
    '  <xs:element name="event" type="event"/>',
    '',
    '  <!-- The child is the one named by op. -->',
    '  <xs:complexType name="command">',
    '    <xs:choice>',
    ...args,
    '    </xs:choice>',
    ...attributesOf(commandAttributes),
    '  </xs:complexType>',
    ...[...names.keys()].flatMap((shape) => complexType(shape, names)),
    '</xs:schema>',
    ''
  ].join('\n');
}
