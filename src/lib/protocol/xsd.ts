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

/** One complex type per shape, named as its element, or `parent.element` where that name is taken by another shape. */
class Types {
  readonly #names = new Map<ElementShape, string>();
  readonly #taken = new Set(['command']);
  readonly lines: string[] = [];

  nameOf(shape: ElementShape, parent: string): string {
    const known = this.#names.get(shape);
    if (known !== undefined) return known;
    const name = this.#taken.has(shape.name) ? `${parent}.${shape.name}` : shape.name;
    this.#names.set(shape, name);
    this.#taken.add(name);
    const children = Object.values(shape.children).map(({ count, element }) => {
      const child = element();
      return `      <xs:element name="${child.name}" type="${this.nameOf(child, name)}"${OCCURS[count]}/>`;
    });
    this.lines.push(
      '',
      `  <xs:complexType name="${name}">`,
      ...(children.length > 0 ? ['    <xs:sequence>', ...children, '    </xs:sequence>'] : []),
      ...attributesOf(shape.attributes),
      '  </xs:complexType>'
    );
    return name;
  }
}

/** The whole text of `static/schema/smps.xsd`. The only global elements are the three messages. */
export function generateXsd(): string {
  const types = new Types();
  const messages = [reply, event].map(
    (shape) => `  <xs:element name="${shape.name}" type="${types.nameOf(shape, '')}"/>`
  );
  const choices = Object.values(ops).map(
    ({ args }) => `      <xs:element name="${args.name}" type="${types.nameOf(args, 'command')}"/>`
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!-- Generated from src/lib/protocol/schema.ts by scripts/xsd.ts: do not edit. Explained in docs/WIRE.md. -->',
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${NAMESPACE}" targetNamespace="${NAMESPACE}" elementFormDefault="qualified">`,
    '  <xs:element name="command" type="command"/>',
    ...messages,
    '',
    '  <!-- The child is the one named by op. -->',
    '  <xs:complexType name="command">',
    '    <xs:choice>',
    ...choices,
    '    </xs:choice>',
    ...attributesOf(commandAttributes),
    '  </xs:complexType>',
    ...types.lines,
    '</xs:schema>',
    ''
  ].join('\n');
}
