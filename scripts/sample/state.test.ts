import { mkdtempSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFault } from '../../src/lib/model/fault.ts';
import type { Fault } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';
import { defaultState, forget, loadSample, openState } from './state.ts';
import type { Sample, State } from './state.ts';

let dir = '';
let state: State | null = null;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'smps-state-')));
});
afterEach(() => {
  state?.release();
  state = null;
  rmSync(dir, { recursive: true });
});

const open = (): State => (state = openState(dir));
function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const SAMPLE: Sample = {
  version: 1,
  port: 8481,
  hosts: [{ id: hostId('n1'), name: 'n1', site: 'north', driver: 'simulated', port: 7401 }],
  wanted: 1,
  made: ['web-1@n1']
};

describe('state of npm start', () => {
  it('finds again what was saved', () => {
    open().save(SAMPLE);
    state?.release();
    const again = open();
    loadSample(again);
    expect(again.sample).toEqual(SAMPLE);
  });

  it('begins empty', () => {
    loadSample(open());
    expect(state?.sample.hosts).toEqual([]);
  });

  it('belongs to one launcher at a time, and tells the second where the first is', () => {
    open().tell('http://localhost:8481/');
    const fault = faultOf(() => openState(dir));
    expect(fault.code).toBe('already-running');
    expect(fault.message).toContain('http://localhost:8481/');
    expect(fault.message).toContain(String(process.pid));
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another version', JSON.stringify({ ...SAMPLE, version: 2 })],
    ['a port out of range', JSON.stringify({ ...SAMPLE, port: 70_000 })],
    ['a host with a path for an id', JSON.stringify({ ...SAMPLE, hosts: [{ ...SAMPLE.hosts[0], id: '../x' }] })],
    ['an unknown driver', JSON.stringify({ ...SAMPLE, hosts: [{ ...SAMPLE.hosts[0], driver: 'vmware' }] })],
    ['a missing field', JSON.stringify({ version: 1 })]
  ])('refuses a file with %s, naming it and the way out', (_, text) => {
    writeFileSync(join(dir, 'sample.json'), text);
    const fault = faultOf(() => loadSample(open()));
    expect(fault.code).toBe('corrupt-state');
    expect(fault.message).toContain(join(dir, 'sample.json'));
    expect(fault.message).toContain('--reset');
  });

  it('forgets what starts have left, and nothing else', () => {
    const opened = open();
    opened.save(SAMPLE);
    mkdirSync(join(dir, 'agents', 'n1'), { recursive: true });
    writeFileSync(join(dir, 'thesis.tex'), 'years of work');
    forget(opened);
    expect(readdirSync(dir).sort()).toEqual(['lock', 'thesis.tex']);
    expect(opened.sample.made).toEqual([]);
  });

  it('cannot be below a file, and says so', () => {
    writeFileSync(join(dir, 'file'), '');
    for (const path of [join(dir, 'file'), join(dir, 'file', 'below')]) {
      const fault = faultOf(() => openState(path));
      expect(fault.code).toBe('bad-argument');
      expect(fault.message).toBe(`--state “${path}” is not a directory`);
    }
  });

  it('does not empty a directory that is not its own', () => {
    writeFileSync(join(dir, 'thesis.tex'), 'years of work');
    expect(faultOf(() => forget(open())).code).toBe('bad-argument');
    expect(readdirSync(dir)).toContain('thesis.tex');
  });
});

describe('default place', () => {
  it('is a system directory for root, and below the home directory or XDG_STATE_HOME for others', () => {
    expect(defaultState({}, true)).toBe('/var/lib/smps-vmm');
    expect(defaultState({ XDG_STATE_HOME: '/x' }, false)).toBe('/x/smps-vmm');
    expect(defaultState({ XDG_STATE_HOME: 'relative' }, false)).toMatch(/^\/.*\.local\/state\/smps-vmm$/);
  });
});
