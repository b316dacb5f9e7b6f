import { expect, test } from 'vitest';
import { newOperator } from '../tests/support/agent-lab.ts';
import { Fault } from '../src/lib/model/fault.ts';
import { parseCommandLine } from './command-line.ts';

const STATE = ['--state', '/s'];

test('what is left out has its default', () => {
  expect(parseCommandLine(['init', ...STATE, '--id', 'n1', '--driver', 'simulated'])).toEqual({
    verb: 'init',
    state: '/s',
    config: {
      id: 'n1',
      name: 'n1',
      site: 'default',
      address: '127.0.0.1',
      port: 7440,
      driver: { kind: 'simulated', config: {} }
    }
  });
  expect(parseCommandLine(['run', ...STATE])).toEqual({ verb: 'run', state: '/s', port: null, log: 'info' });
  expect(parseCommandLine(['pair', ...STATE])).toEqual({ verb: 'pair', state: '/s', role: 'admin' });
  expect(parseCommandLine(['operators', ...STATE])).toEqual({ verb: 'operators', state: '/s', change: null });
});

test('what a driver needs is taken for that driver', () => {
  const libvirt = ['--driver', 'libvirt', '--uri', 'qemu:///system', '--images', '/images'];
  expect(parseCommandLine(['init', ...STATE, '--id', 'n1', ...libvirt])).toMatchObject({
    config: { driver: { kind: 'libvirt', config: { uri: 'qemu:///system', images: '/images' } } }
  });
  expect(parseCommandLine(['init', ...STATE, '--id', 'n1', '--driver', 'simulated', '--vms', '9'])).toMatchObject({
    config: { driver: { kind: 'simulated', config: { vms: 9 } } }
  });
});

test('an operator is revoked or given a role, by key', () => {
  const key = newOperator();
  expect(parseCommandLine(['operators', ...STATE, '--revoke', key])).toMatchObject({ change: { key, role: null } });
  expect(parseCommandLine(['operators', ...STATE, '--set-role', 'viewer', '--key', key])).toMatchObject({
    change: { key, role: 'viewer' }
  });
});

test('the doctor looks at what there is', () => {
  expect(parseCommandLine(['doctor'])).toEqual({ verb: 'doctor', state: null, uri: null, json: false });
  expect(parseCommandLine(['doctor', ...STATE, '--uri', 'xen:///system', '--json'])).toEqual({
    verb: 'doctor',
    state: '/s',
    uri: 'xen:///system',
    json: true
  });
});

test.each([[[]], [['help']], [['--help']], [['run', '--help']]])('%j asks for help', (args) => {
  expect(parseCommandLine(args)).toEqual({ verb: 'help' });
});

test.each([
  [['dance'], 'there is no “dance”'],
  [['run'], '--state is missing'],
  [['run', ...STATE, '--frob', '1'], 'frob'],
  [['run', ...STATE, 'extra'], 'extra'],
  [['run', ...STATE, '--json'], 'json'],
  [['doctor', '--state', ''], '--state is missing'],
  [['doctor', '--json=1'], 'json'],
  [['run', ...STATE, '--port', '65536'], '--port'],
  [['run', ...STATE, '--port', '1e3'], '--port'],
  [['init', ...STATE, '--id', 'N 1', '--driver', 'simulated'], 'host id “N 1”'],
  [['init', ...STATE, '--id', 'n1', '--driver', 'bochs'], '--driver'],
  [['init', ...STATE, '--id', 'n1', '--driver', 'libvirt'], '--uri is missing'],
  [['init', ...STATE, '--id', 'n1', '--driver', 'simulated', '--uri', 'y'], '--uri has no meaning'],
  [['init', ...STATE, '--id', 'n1', '--driver', 'simulated', '--vms', '-1'], '--vms'],
  [['pair', ...STATE, '--role', 'root'], '--role'],
  [['operators', ...STATE, '--revoke', 'x'], 'operator key'],
  [['operators', ...STATE, '--set-role', 'viewer'], '--key is missing']
])('%j is refused, naming %j', (args, said) => {
  let fault: Fault | null = null;
  try {
    parseCommandLine(args);
  } catch (thrown) {
    fault = Fault.from(thrown);
  }
  expect(['usage', 'bad-argument']).toContain(fault?.code);
  expect(fault?.message).toContain(said);
});
