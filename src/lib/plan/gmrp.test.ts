import { expect, test } from 'vitest';
import { Fault } from '../model/fault.ts';
import { check } from './check.ts';
import { evaluate } from './evaluate.ts';
import { formatAssignment, parseAssignment, parseModel } from './gmrp.ts';

/** Two resources, three hosts, two services of which the second needs the first near, three VMs, one balance. */
const MODEL = `2
1 10 0 20
3
0 0 10 10 5 8 0 1 2
0 1 10 10 5 8 1 0 2
1 1 10 10 5 8 2 2 0
2
2 0
1 1 0
3
0 4 2 1
0 3 1 2
1 2 6 3
1
0 1 2
7
1 10 100`;

test('a model is read as the challenge writes it, and costs what the challenge says', () => {
  const problem = parseModel(MODEL);
  expect([problem.hosts, problem.services, problem.vms, problem.sites, problem.zones]).toEqual([3, 2, 3, 2, 2]);
  const home = parseAssignment('0 1 0\n', problem);
  // By hand. Loads over safety: 1 of the first resource at host 0. Balance: host 0 has 4 and 2 free, 2x4-2; host 1 has 7 and
  // 9 free, 2x7-9; host 2 has all, 2x10-10.
  expect(evaluate({ ...problem, home }, home)).toMatchObject({ load: 10, balance: 7 * (6 + 5 + 10), total: 157 });
  const moved = parseAssignment('0 1 1', problem);
  expect(evaluate({ ...problem, home }, moved)).toMatchObject({ move: 3 + 100, serviceMove: 10 });
  expect(check({ ...problem, home }, moved)).toEqual([]);
  expect(formatAssignment(moved)).toBe('0 1 1\n');
});

test('each rule that is broken is named', () => {
  const problem = { ...parseModel(MODEL), home: Int32Array.of(0, 1, 0) };
  const rules = (...hosts: readonly number[]) => check(problem, Int32Array.from(hosts)).map(({ rule }) => rule);
  expect(rules(1, 1, 0)).toEqual(['apart', 'spread']);
  expect(rules(0, 1, 2)).toEqual(['needs']);
  expect(rules(0, 3, 0)).toEqual(['host']);
  const tight = { ...problem, capacity: problem.capacity.with(0, 5) };
  expect(check(tight, problem.home)).toEqual([{ rule: 'capacity', host: 0, resource: 0, over: 1 }]);
  // The VM that went away still blocks its room: 4 stay, 2 are blocked.
  expect(check(tight, Int32Array.of(0, 1, 1))).toEqual([{ rule: 'transient', host: 0, resource: 0, over: 1 }]);
});

test.each([
  ['a file that ends too early', MODEL.slice(0, -4), 'number 60'],
  ['more behind the end', `${MODEL} 1`, 'number 60'],
  ['a negative number', MODEL.replace('10 10', '-10 10'), 'number 9'],
  ['words', 'model', 'number 1'],
  ['a service that there is not', MODEL.replace('1 2 6 3', '2 2 6 3'), 'number'],
  ['a number beyond what is exact', MODEL.replace('10 10', '9007199254740993 10'), 'number'],
  ['more hosts than could be', '1 1 1 1000000', 'number 4']
])('%s is refused with the place', (_, text, place) => {
  expect(() => parseModel(text)).toThrow(Fault);
  expect(() => parseModel(text)).toThrow(place);
});

test('an assignment names a host there is for each VM', () => {
  const problem = parseModel(MODEL);
  expect(() => parseAssignment('0 1', problem)).toThrow('ends before');
  expect(() => parseAssignment('0 1 3', problem)).toThrow('below 3');
});
