import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/lib/model/fault.ts';
import { HELP, parseOptions } from './options.ts';

function refusal(args: string[]): string {
  try {
    parseOptions(args);
  } catch (error) {
    if (error instanceof Fault && error.code === 'usage') return error.message;
    throw error;
  }
  throw new Error(`${args.join(' ')} was accepted`);
}

describe('options of npm start', () => {
  it('leaves what was not asked for to what is remembered', () => {
    expect(parseOptions([])).toEqual({
      port: null,
      hosts: null,
      driver: 'auto',
      withXen: false,
      state: null,
      reset: false
    });
  });

  it('takes every flag it documents, and documents every flag it takes', () => {
    const args = ['--port', '9000', '--hosts=2', '--driver', 'simulated', '--with-xen', '--state', '/x', '--reset'];
    expect(parseOptions(args)).toEqual({
      port: 9000,
      hosts: 2,
      driver: 'simulated',
      withXen: true,
      state: '/x',
      reset: true
    });
    for (const flag of ['--port', '--hosts', '--driver', '--with-xen', '--state', '--reset', '--help']) {
      expect(HELP).toContain(flag);
    }
  });

  it('answers --help before anything else', () => {
    expect(parseOptions(['--help'])).toBeNull();
    expect(parseOptions(['-h', '--port', 'x'])).toBeNull();
  });

  it.each([
    [['--prot', '1'], '--prot'],
    [['--port'], '--port'],
    [['--port', '0'], 'from 1 to 65535'],
    [['--port', '80.5'], 'from 1 to 65535'],
    [['--port', '-1'], '--port'],
    [['--port', '1e3'], 'from 1 to 65535'],
    [['--hosts', '0'], 'from 1 to 16'],
    [['--hosts', '1000'], 'from 1 to 16'],
    [['--driver', 'xen'], 'auto, libvirt, simulated'],
    [['--state', ''], 'a directory'],
    [['north'], 'north']
  ])('refuses %j and says what is wrong', (args, words) => {
    expect(refusal(args)).toContain(words);
  });
});
