// Generators made from the wire schema itself: any value an element can have, any message that can be said.
// They follow the shapes, so a new attribute or op is covered the moment it is in the table.
import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { commandShapes, event, ops, reply } from '../../src/lib/protocol/schema.ts';
import type { Command, Event, Op, Reply } from '../../src/lib/protocol/schema.ts';
import type { Attribute, Domain, ElementShape, Form } from '../../src/lib/protocol/shape.ts';
import { carriable } from '../../src/lib/protocol/xml.ts';

/** Any text XML can carry, with what needs care in it more often than chance would put it there. */
function carriableText(max: number): Arbitrary<string> {
  const unit = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        '\t',
        '\n',
        '\r',
        '\r\n',
        '&amp;',
        ']]>',
        ' ',
        '\u0085',
        '\u2028'
      )
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).map(carriable) }
  );
  return fc
    .array(unit, { maxLength: Math.min(max, 40) })
    .map((units) => Array.from(units.join('')).slice(0, max).join(''));
}

function formedText(max: number, form: Form): Arbitrary<string> {
  // Person-given names: the one form that is about excluding characters.
  if (form.pattern.unicode) {
    return carriableText(max)
      .map((text) =>
        Array.from(text)
          .filter((character) => form.pattern.test(`x${character}x`))
          .join('')
          .trim()
      )
      .map((text) => (form.pattern.test(text) ? text : 'x'));
  }
  return fc.stringMatching(new RegExp(`^(?:${form.xsd})$`));
}

/** Any value of an attribute, its limits included. */
function valueOf(domain: Domain): Arbitrary<unknown> {
  switch (domain.kind) {
    case 'text':
      return domain.form ? formedText(domain.max, domain.form) : carriableText(domain.max);
    case 'whole':
      return fc.oneof(
        fc.integer({ min: domain.min, max: Math.min(domain.max, domain.min + 2 ** 31) }),
        fc.constantFrom(domain.min, domain.max)
      );
    case 'decimal':
      return fc.oneof(
        fc.integer({ min: 0, max: 1e8 }).map((thousandths) => Math.min(thousandths / 1000, domain.max)),
        fc.constantFrom(0, domain.max)
      );
    case 'flag':
      return fc.boolean();
    case 'choice':
      return fc.constantFrom(...domain.values);
    case 'tokens':
      return fc.array(formedText(64, domain.form), { maxLength: Math.min(4, domain.max) });
    case 'column':
      return fc.array(fc.option(fc.integer({ min: 0, max: domain.limit })), { maxLength: 8 });
  }
}

const present = (attribute: Attribute<unknown>): Arbitrary<unknown> => {
  const value = valueOf(attribute.domain);
  return attribute.optional ? fc.option(value, { nil: null }) : value;
};

const made = new Map<ElementShape, Arbitrary<object>>();

/** Any value of an element; `many` children come at most three at a time. */
export function elementOf(shape: ElementShape): Arbitrary<object> {
  const known = made.get(shape);
  if (known) return known;
  const fields: Record<string, Arbitrary<unknown>> = {};
  for (const [key, attribute] of Object.entries(shape.attributes)) fields[key] = present(attribute);
  for (const [key, { count, element }] of Object.entries(shape.children)) {
    const child = elementOf(element());
    fields[key] = count === 'many' ? fc.array(child, { maxLength: 3 }) : count === 'maybe' ? fc.option(child) : child;
  }
  const arbitrary: Arbitrary<object> = fc.record(fields);
  made.set(shape, arbitrary);
  return arbitrary;
}

const commandOf = (op: Op): Arbitrary<Command> =>
  elementOf(commandShapes[op]).map((value) => ({ ...value, op }) as unknown as Command);

/** Every op is as likely as any other. */
export const anyCommand: Arbitrary<Command> = fc.oneof(...(Object.keys(ops) as Op[]).map(commandOf));
export const anyReply = elementOf(reply) as Arbitrary<Reply>;
export const anyEvent = elementOf(event) as Arbitrary<Event>;
