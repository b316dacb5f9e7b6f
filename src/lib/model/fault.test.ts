import { describe, expect, test } from 'vitest';
import { Fault, detailNames, done, faults, isFaultCode, refused } from './fault.ts';
import type { FaultCode } from './fault.ts';

const codes = Object.keys(faults) as FaultCode[];

describe('the table of faults', () => {
  test.each(codes)('%s says what is wrong with every detail it carries, and what to do', (code) => {
    const names = detailNames(code);
    expect(names.length).toBeGreaterThan(0);
    const detail = Object.fromEntries(names.map((name) => [name, `‹${name}›`]));
    const fault = new Fault(code, detail as never);
    for (const name of names) expect(fault.message).toContain(`‹${name}›`);
    expect(fault.message).not.toMatch(/undefined|\[object|^\s|\s$/);
    expect(fault.message).not.toMatch(/\.$/);
    expect(fault.advice).toMatch(/^[A-Z].*\.$/s);
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});

describe('a fault', () => {
  test('is an Error with code, detail and the cause it was given', () => {
    const cause = new Error('below');
    const fault = new Fault('stale', { expected: 'a', actual: 'b' }, { cause });
    expect(fault).toBeInstanceOf(Error);
    expect(fault).toMatchObject({ name: 'Fault', code: 'stale', detail: { expected: 'a', actual: 'b' }, cause });
    expect(fault.message).toBe('the VM changed meanwhile (expected revision a, it is b)');
  });
  test('of too little space is a sentence too where nobody knows how little', () => {
    const said = (free: string, need: string): string => new Fault('no-space', { where: 'pool a', free, need }).message;
    expect(said('1 MiB', '5 MiB')).toBe('pool a has 1 MiB free, 5 MiB are needed');
    expect(said('', '5 MiB')).toBe('pool a has less free than the 5 MiB needed');
    expect(said('', '')).toBe('pool a has less free than is needed');
  });
  test('is itself when thrown on, and internal when made from anything else', () => {
    const fault = new Fault('usage', { reason: 'no such flag' });
    expect(Fault.from(fault)).toBe(fault);
    const cause = new TypeError('x is not a function');
    expect(Fault.from(cause)).toMatchObject({ code: 'internal', detail: { reason: 'x is not a function' }, cause });
    expect(Fault.from('text')).toMatchObject({ code: 'internal', detail: { reason: 'text' } });
    expect(Fault.from(undefined)).toMatchObject({ code: 'internal', detail: { reason: 'undefined' } });
  });
  test('has a code of the closed table, and nothing of Object', () => {
    expect(isFaultCode('stale')).toBe(true);
    for (const text of ['toString', '__proto__', 'constructor', '', 'Stale']) expect(isFaultCode(text)).toBe(false);
  });
});

test('an outcome is either done with its value or refused with a fault', () => {
  expect(done(4)).toEqual({ status: 'done', value: 4 });
  const outcome = refused('name-taken', { name: 'db-1' });
  expect(outcome.status === 'refused' && outcome.fault.message).toBe('the name “db-1” is taken on this host');
});
