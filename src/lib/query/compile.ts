// A query as two predicates, over a host and over a VM with its host. What could not be read does not filter.
import type { Host, Vm } from '../model/fleet.ts';
import { amountPrecision, amountValue } from './amount.ts';
import { fieldOf } from './fields.ts';
import { parseQuery, type Comparison, type Problem, type Query, type Term } from './parse.ts';
import { hostText, vmText } from './words.ts';

export type CompiledQuery = {
  readonly host: (host: Host) => boolean;
  /** A VM also matches by the words of its host: “north off” finds the VMs that are off at north. */
  readonly vm: (host: Host, vm: Vm) => boolean;
  readonly errors: readonly Problem[];
  readonly query: Query;
};
type Predicates = Pick<CompiledQuery, 'host' | 'vm'>;

/** An empty query matches everything. `now` is asked only where an age is. */
export function compileQuery(text: string, now: () => number = Date.now): CompiledQuery {
  const query = parseQuery(text);
  const clauses = query.clauses.map((terms) => any(terms.map((term) => predicates(term, now))));
  return { ...all(clauses), errors: query.problems, query };
}

function any(terms: readonly Predicates[]): Predicates {
  const [only] = terms;
  if (terms.length === 1 && only) return only;
  return {
    host: (host) => terms.some((term) => term.host(host)),
    vm: (host, vm) => terms.some((term) => term.vm(host, vm))
  };
}

function all(clauses: readonly Predicates[]): Predicates {
  return {
    host: (host) => clauses.every((clause) => clause.host(host)),
    vm: (host, vm) => clauses.every((clause) => clause.vm(host, vm))
  };
}

/** Lists go host by host: the answer for the last one is most often wanted again. */
function remembering(test: (host: Host) => boolean): (host: Host) => boolean {
  let last: Host | null = null;
  let answer = false;
  return (host) => {
    if (host !== last) answer = test((last = host));
    return answer;
  };
}

function predicates(term: Term, now: () => number): Predicates {
  const { host, vm } = positive(term, now);
  return term.negated ? { host: (each) => !host(each), vm: (of, each) => !vm(of, each) } : { host, vm };
}

function positive(term: Term, now: () => number): Predicates {
  if (term.kind === 'word') {
    const word = term.text.toLowerCase();
    const inHost = remembering((host: Host) => hostText(host).includes(word));
    return {
      host: (host) => inHost(host) || host.link.includes(word),
      vm: (host, vm) => inHost(host) || vmText(vm).includes(word)
    };
  }
  const field = fieldOf(term.field);
  if (field.kind === 'figure') {
    const fits = term.kind === 'figure' ? comparison(term, field) : () => true;
    const holds = (value: number | null): boolean => value !== null && fits(value);
    // An age is the one figure that grows by itself.
    const at = field.dimension === 'duration' ? now : () => 0;
    return { host: (host) => holds(field.host(host, at())), vm: (host, vm) => holds(field.vm(vm, host, at())) };
  }
  const fits = term.kind === 'text' ? textTest(term.how, term.values) : (own: string) => own !== '';
  const holds = (own: string | readonly string[] | null): boolean =>
    own !== null && (typeof own === 'string' ? fits(own) : own.some(fits));
  return { host: (host) => holds(field.host(host)), vm: (host, vm) => holds(field.vm(vm, host)) };
}

function textTest(how: 'is' | 'contains', values: readonly string[]): (own: string) => boolean {
  const wanted = values.map((value) => value.toLowerCase());
  return how === 'is'
    ? (own) => wanted.includes(own.toLowerCase())
    : (own) => {
        const text = own.toLowerCase();
        return wanted.some((value) => text.includes(value));
      };
}

function comparison(
  { compare, amounts }: Extract<Term, { kind: 'figure' }>,
  { dimension, measured }: Extract<ReturnType<typeof fieldOf>, { kind: 'figure' }>
): (value: number) => boolean {
  const equal = (value: number): boolean =>
    amounts.some((amount) => {
      const wanted = amountValue(dimension, amount);
      return measured ? Math.abs(value - wanted) <= amountPrecision(dimension, amount) : value === wanted;
    });
  const [first] = amounts;
  const limit = first === undefined ? NaN : amountValue(dimension, first);
  const TESTS: Readonly<Record<Comparison, (value: number) => boolean>> = {
    '<': (value) => value < limit,
    '<=': (value) => value <= limit,
    '>': (value) => value > limit,
    '>=': (value) => value >= limit,
    '=': equal
  };
  return TESTS[compare];
}
