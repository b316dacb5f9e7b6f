// The inverse of `parse`: terms as text that reads back as the same.
import { printAmount } from './amount.ts';
import type { Meaning, Query, Term } from './parse.ts';

/** A value that may hold anything, in quotes where it needs them. */
export const quoted = (value: string): string =>
  /[\s",\\]|^$|^\*$/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;

/** A word must not be read as something else. */
const word = (text: string): string =>
  /^[-!:~<>=]|^OR$|^[a-z]+[:~<>=]/i.test(text) && quoted(text) === text ? `"${text}"` : quoted(text);

function printMeaning(meaning: Meaning): string {
  switch (meaning.kind) {
    case 'word':
      return word(meaning.text);
    case 'text':
      return `${meaning.field}${meaning.how === 'is' ? ':' : '~'}${meaning.values.map(quoted).join(',')}`;
    case 'figure':
      return `${meaning.field}${meaning.compare}${meaning.amounts.map(printAmount).join(',')}`;
    case 'present':
      return `${meaning.field}:*`;
  }
}

export const printTerm = (term: Meaning & Pick<Term, 'negated'>): string =>
  `${term.negated ? '-' : ''}${printMeaning(term)}`;

export const printQuery = ({ clauses }: Pick<Query, 'clauses'>): string =>
  clauses.map((terms) => terms.map(printTerm).join(' OR ')).join(' ');
