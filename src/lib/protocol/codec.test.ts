import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyCommand, anyEvent, anyReply } from '../../../tests/support/arbitrary.ts';
import { Fault, faults, isFault } from '../model/fault.ts';
import type { FaultCode } from '../model/fault.ts';
import { commandId, hostId, vmId } from '../model/ids.ts';
import type { Xml } from '../model/stages.ts';
import { mib, millis, vcpus } from '../model/units.ts';
import {
  decodeCommand,
  decodeEvent,
  decodeFromAgent,
  decodeReply,
  emptyEvent,
  emptyReply,
  encodeCommand,
  encodeEvent,
  encodeReply,
  faultFromWire,
  faultToWire
} from './codec.ts';
import type { Command } from './schema.ts';

const ID = commandId('0f5a3c1e-0000-4000-8000-000000000001');
const VM = vmId('0f5a3c1e-0000-4000-8000-000000000002');
const xml = (text: string): Xml => new TextEncoder().encode(text) as Xml;
const text = (bytes: Xml): string => new TextDecoder().decode(bytes);

function thrownBy(action: () => unknown): Fault {
  try {
    action();
  } catch (thrown) {
    if (isFault(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const create: Command<'vm.create'> = {
  id: ID,
  op: 'vm.create',
  host: hostId('n1'),
  notAfter: millis(1_800_000_000_000),
  expect: null,
  note: null,
  args: {
    name: 'db-1',
    description: null,
    image: 'tiny',
    vcpus: vcpus(1),
    vcpusMax: vcpus(4),
    memory: mib(64),
    memoryMax: mib(256),
    start: true,
    disks: [
      { pool: 'default', capacity: mib(64) },
      { pool: 'default', capacity: mib(128) }
    ],
    nics: [{ network: 'lan' }],
    tags: ['db', 'staging area'],
    protected: true,
    autostart: null,
    userData: null,
    sshKeys: []
  }
};
const created = text(encodeCommand(create));

describe('what is encoded decodes to the same', () => {
  test('commands', () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(decodeCommand(encodeCommand(command))).toEqual(command);
      }),
      { numRuns: 300 }
    );
  });
  test('replies, also when either of reply and event may come', () => {
    fc.assert(
      fc.property(anyReply, (reply) => {
        const bytes = encodeReply(reply);
        expect(decodeReply(bytes)).toEqual(reply);
        expect(decodeFromAgent(bytes)).toEqual({ kind: 'reply', reply });
      })
    );
  });
  test('events, also when either of reply and event may come', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const bytes = encodeEvent(event);
        expect(decodeEvent(bytes)).toEqual(event);
        expect(decodeFromAgent(bytes)).toEqual({ kind: 'event', event });
      })
    );
  });
  test('what is absent is not written at all', () => {
    expect(text(encodeReply(emptyReply(ID, 'done')))).toBe(`<reply xmlns="urn:smps:1" to="${ID}" status="done"/>`);
    expect(text(encodeEvent(emptyEvent(1, millis(5))))).toBe('<event xmlns="urn:smps:1" seq="1" at-ms="5"/>');
    expect(decodeReply(encodeReply(emptyReply(ID, 'done')))).toEqual(emptyReply(ID, 'done'));
    expect(decodeEvent(encodeEvent(emptyEvent(1, millis(5))))).toEqual(emptyEvent(1, millis(5)));
  });
  test('white space between elements changes nothing', () => {
    const spaced = created.replaceAll('><', '>\r\n\t <');
    expect(decodeCommand(xml(spaced))).toEqual(create);
  });
});

describe('what the schema does not say is malformed, and the place is named', () => {
  const cases: [what: string, from: string | RegExp, to: string, where: string][] = [
    [
      'a child attribute out of range',
      'capacity-mib="128"',
      'capacity-mib="-1"',
      'command/vm.create/disk[2]@capacity-mib'
    ],
    ['a fractional size', 'capacity-mib="128"', 'capacity-mib="1.5"', 'command/vm.create/disk[2]@capacity-mib'],
    [
      'a size in exponent notation',
      'capacity-mib="128"',
      'capacity-mib="1e3"',
      'command/vm.create/disk[2]@capacity-mib'
    ],
    ['a leading zero', 'capacity-mib="128"', 'capacity-mib="0128"', 'command/vm.create/disk[2]@capacity-mib'],
    [
      'an absurd size',
      'capacity-mib="128"',
      'capacity-mib="9999999999999999"',
      'command/vm.create/disk[2]@capacity-mib'
    ],
    ['no size', 'capacity-mib="128"', 'capacity-mib=""', 'command/vm.create/disk[2]@capacity-mib'],
    ['a unit that is not the one', 'memory-mib=', 'memory-kib=', 'command/vm.create@memory-mib'],
    ['no vCPUs at all', 'vcpus="1"', 'vcpus="0"', 'command/vm.create@vcpus'],
    ['yes for true', 'start="true"', 'start="yes"', 'command/vm.create@start'],
    ['an unknown attribute', 'start="true"', 'start="true" force="true"', 'command/vm.create@force'],
    ['an attribute of Object', 'start="true"', 'start="true" constructor="x"', 'command/vm.create@constructor'],
    ['the prototype as an attribute', 'start="true"', 'start="true" __proto__="x"', 'command/vm.create@__proto__'],
    ['a missing attribute', ' image="tiny"', '', 'command/vm.create@image'],
    ['a path as an image', 'image="tiny"', 'image="../../etc/shadow"', 'command/vm.create@image'],
    ['an unknown op', /vm\.create/g, 'vm.explode', 'command@op'],
    ['an op of Object', /vm\.create/g, 'toString', 'command@op'],
    ['another child than op says', 'op="vm.create"', 'op="vm.start"', 'command'],
    ['an unknown child', '<nic network="lan"/>', '<nic network="lan"/><usb/>', 'command/vm.create'],
    ['children out of order', /(<disk.*\/>)(<nic.*\/>)/, '$2$1', 'command/vm.create'],
    ['two children where one may be', /(<vm\.create.*<\/vm\.create>)/, '$1$1', 'command'],
    [
      'a child where none may be',
      '<nic network="lan"/>',
      '<nic network="lan"><nic network="lan"/></nic>',
      'command/vm.create/nic[1]'
    ],
    ['a host id that is a path', 'host="n1"', 'host="../n2"', 'command@host'],
    ['a host id with a line break', 'host="n1"', 'host="n1&#13;&#10;x"', 'command@host'],
    ['an id in upper case', ID, ID.toUpperCase(), 'command@id']
  ];
  test.each(cases)('%s', (_, from, to, where) => {
    const changed = created.replace(from, to);
    expect(changed).not.toBe(created);
    const fault = thrownBy(() => decodeCommand(xml(changed)));
    expect(fault).toMatchObject({ code: 'malformed', detail: { where } });
  });
  test('a missing only child', () => {
    const empty = created.replace(/<vm\.create.*<\/vm\.create>/, '');
    expect(thrownBy(() => decodeCommand(xml(empty)))).toMatchObject({
      code: 'malformed',
      detail: { where: 'command' }
    });
  });
  test('a command where an answer is due, and an answer where a command is', () => {
    expect(thrownBy(() => decodeFromAgent(xml(created))).code).toBe('malformed');
    expect(thrownBy(() => decodeReply(xml(created))).code).toBe('malformed');
    expect(thrownBy(() => decodeCommand(encodeReply(emptyReply(ID, 'done')))).code).toBe('malformed');
    expect(thrownBy(() => decodeEvent(encodeReply(emptyReply(ID, 'done')))).code).toBe('malformed');
  });
});

describe('what could not be decoded is refused before it is sent', () => {
  const rename = (name: string): Command => ({ ...create, op: 'vm.rename', args: { vm: VM, name } });
  test('a name of markup is legal text and comes back as it was', () => {
    const name = '<script>alert("1")</script>';
    expect(decodeCommand(encodeCommand(rename(name)))).toMatchObject({ args: { name } });
  });
  test.each([
    ['a direction override', 'db\u202E1'],
    ['300 characters', 'x'.repeat(300)],
    ['a control character', 'a\u0007b'],
    ['a lone surrogate', 'a\uD800b'],
    ['a line break', 'a\nb'],
    ['nothing', '']
  ])('a name with %s', (_, name) => {
    expect(thrownBy(() => encodeCommand(rename(name)))).toMatchObject({
      code: 'bad-argument',
      detail: { name: 'name' }
    });
  });
  test.each([
    ['U+0000', 'a\0b', 'U+0000'],
    ['an escape character', '\u001b[31m', 'U+001B'],
    ['a lone surrogate', 'a\udc00', 'U+DC00'],
    ['U+FFFF', '\uffff', 'U+FFFF']
  ])('free text with %s, which XML cannot carry', (_, description, named) => {
    const command = { ...create, args: { ...create.args, description } };
    const fault = thrownBy(() => encodeCommand(command));
    expect(fault).toMatchObject({ code: 'bad-argument', detail: { name: 'description' } });
    expect(fault.message).toContain(named);
  });
  test.each([NaN, -1, 1.5, Infinity, 2 ** 33, 0])('a size of %d MiB', (memory) => {
    const command = { ...create, args: { ...create.args, memory } } as Command;
    expect(thrownBy(() => encodeCommand(command))).toMatchObject({
      code: 'bad-argument',
      detail: { name: 'memory-mib' }
    });
  });
  test('an item of a list that holds a space, and would come back as two', () => {
    const reply = decodeReply(xml(`<reply xmlns="urn:smps:1" to="${ID}" status="done"/>`));
    const nic = { mac: '52:54:00:00:00:01', model: 'virtio', network: 'lan', linkUp: true, seen: null, pending: null };
    const event = {
      ...emptyEvent(1, millis(1)),
      vms: [{ ...aVm, nics: [{ ...nic, addresses: ['10.0.0.1 10.0.0.2'] }] }]
    };
    expect(reply.effects).toEqual([]);
    expect(thrownBy(() => encodeEvent(event)).code).toBe('bad-argument');
  });
  test('a message above 4 MiB', () => {
    const activities = Array.from({ length: 300 }, (_, number) => ({
      ...anActivity,
      number,
      reason: 'x'.repeat(16_000)
    }));
    expect(thrownBy(() => encodeReply({ ...emptyReply(ID, 'done'), activities })).code).toBe('too-large');
  });
});

const aVm = {
  id: VM,
  name: 'db-1',
  state: 'running',
  kind: 'hvm',
  revision: '0123456789abcdef' as never,
  vcpus: vcpus(1),
  vcpusMax: vcpus(4),
  vcpusNext: null,
  memory: mib(64),
  memoryMax: mib(256),
  memoryNext: null,
  cpuShare: { weight: 512, cap: 150 },
  cpuShareNext: { weight: 256, cap: null },
  affinity: '0-3,8',
  affinityNext: '',
  startedAt: null,
  savedAt: null,
  description: '',
  tags: [],
  protected: false,
  autostart: true,
  unmanaged: null,
  consoles: [],
  disks: [],
  nics: [],
  seen: null
} as const;

const anActivity = {
  number: 1,
  command: ID,
  op: 'vm.start',
  operator: `BA${'A'.repeat(85)}` as never,
  operatorLabel: 'Ann',
  vm: VM,
  summary: 'Start db-1',
  status: 'failed',
  startedAt: millis(1),
  endedAt: millis(2),
  reason: null,
  note: null
} as const;

describe('random damage', () => {
  test('is refused or harmless, and never anything but a Fault', () => {
    const messages = fc.oneof(anyCommand.map(encodeCommand), anyReply.map(encodeReply), anyEvent.map(encodeEvent));
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'repeat')),
      {
        minLength: 1,
        maxLength: 4
      }
    );
    let refused = 0;
    fc.assert(
      fc.property(messages, damage, (message, changes) => {
        let bytes: Uint8Array = message.slice();
        for (const [where, mask, how] of changes) {
          const at = where % bytes.length;
          if (how === 'flip') bytes[at] = (bytes[at] ?? 0) ^ mask;
          else if (how === 'cut') bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + mask)]);
          else bytes = Uint8Array.from([...bytes.subarray(0, at + 1), ...bytes.subarray(at)]);
          if (bytes.length === 0) break;
        }
        for (const decode of [decodeCommand, decodeFromAgent]) {
          try {
            decode(bytes as Xml);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Fault);
            expect(thrown).toMatchObject({ code: 'malformed' });
            refused++;
          }
        }
      }),
      { numRuns: 500 }
    );
    expect(refused).toBeGreaterThan(500);
  });
});

describe('faults on the wire', () => {
  const codes = Object.keys(faults) as FaultCode[];
  test.each(codes)('%s comes back with its code, details, message and advice', (code) => {
    const detail = new Proxy({}, { get: (_, name) => `<${String(name)}> & “more”` });
    const names = faultToWireNames(code);
    const fault = new Fault(code, Object.fromEntries(names.map((name) => [name, Reflect.get(detail, name)])) as never);
    const reply = { ...emptyReply(ID, 'refused'), fault: faultToWire(fault) };
    const back = faultFromWire(decodeReply(encodeReply(reply)).fault ?? raise());
    expect(back).toMatchObject({ code, detail: fault.detail, message: fault.message, advice: fault.advice });
  });
  test('the cause stays where it was', () => {
    const fault = new Fault('internal', { reason: 'x' }, { cause: new Error('/home/secret') });
    expect(JSON.stringify(faultToWire(fault))).not.toContain('secret');
  });
  test('a code of another version becomes internal with the sender’s words', () => {
    const fault = faultFromWire({ code: 'quantum', message: 'the cat is both', details: [] });
    expect(fault).toMatchObject({ code: 'internal', detail: { reason: 'quantum: the cat is both' } });
    expect(faultFromWire({ code: 'toString', message: 'm', details: [] }).code).toBe('internal');
    expect(faultFromWire({ code: 'stale', message: 'm', details: [] }).code).toBe('internal');
  });
  test('whatever a program printed can be reported', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat({ max: 40_000 }), (noise, length) => {
        const reason = (noise + '\uD83D\uDE00\u001b').repeat(Math.ceil(length / (noise.length + 3)));
        const fault = new Fault('hypervisor', { operation: 'start', reason });
        expect(() => encodeReply({ ...emptyReply(ID, 'failed'), fault: faultToWire(fault) })).not.toThrow();
      }),
      { numRuns: 50 }
    );
  });
});

function faultToWireNames(code: FaultCode): string[] {
  const names: string[] = [];
  const noting = new Proxy({}, { get: (_, name) => (names.push(String(name)), 'x') });
  (faults[code].message as (detail: object) => string)(noting);
  return names;
}

function raise(): never {
  throw new Error('the fault is missing');
}
