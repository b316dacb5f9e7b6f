import { describe, expect, it } from 'vitest';
import { Fault } from '../lib/model/fault.ts';
import { encodeCommand } from '../lib/protocol/codec.ts';
import { isOp, ops } from '../lib/protocol/schema.ts';
import type { Command } from '../lib/protocol/schema.ts';
import type { ElementShape } from '../lib/protocol/shape.ts';
import { describeArguments, parseArguments, parseOp } from './arguments.ts';
import { ARGUMENT_TEXT, INTERNAL, OP_TEXT } from './op-text.ts';
import type { RunOp } from './op-text.ts';

const ID = '00000000-0000-4000-8000-000000000001';
const parse = (op: RunOp, ...words: string[]) => parseArguments(op, words).complete(ID);
const refusal = (op: RunOp, ...words: string[]): string => {
  try {
    parseArguments(op, words);
  } catch (thrown) {
    const fault = Fault.from(thrown);
    expect(fault.code).toBe('usage');
    return fault.message;
  }
  throw new Error('it was accepted');
};

describe('the arguments of smps run', () => {
  it('are typed by the wire schema, the VM still as it was named', () => {
    const parsed = parseArguments('vm.set-vcpus', ['vm=web 1', 'vcpus=2']);
    expect(parsed.vm).toBe('web 1');
    expect(parsed.complete(ID)).toEqual({ vm: ID, vcpus: 2, when: 'now' });
  });

  it('take sizes in MiB, with or without unit', () => {
    for (const [text, value] of [
      ['512', 512],
      ['512MiB', 512],
      ['512m', 512],
      ['2G', 2048],
      ['1.5GiB', 1536],
      ['1TiB', 1048576]
    ] as const) {
      expect(parse('vm.set-memory', 'vm=x', `memory=${text}`)).toMatchObject({ memory: value });
    }
  });

  it('are known by their names in camelCase, in kebab-case, and as on the wire', () => {
    const given = ['name=a', 'image=tiny', 'memory=128'];
    for (const word of ['memoryMax=256', 'memory-max=256', 'memory-max-mib=256']) {
      expect(parse('vm.create', ...given, word)).toMatchObject({ memory: 128, memoryMax: 256 });
    }
  });

  it('fill in what is left out: the growth limits of a new VM are what it begins with', () => {
    expect(parse('vm.create', 'name=a', 'image=tiny', 'memory=128', 'vcpus=2')).toEqual({
      name: 'a',
      description: null,
      tags: null,
      protected: false,
      autostart: null,
      userData: null,
      sshKeys: [],
      image: 'tiny',
      vcpus: 2,
      vcpusMax: 2,
      memory: 128,
      memoryMax: 128,
      start: false,
      disks: [],
      nics: []
    });
    expect(parse('vm.delete', 'vm=x')).toEqual({ vm: ID, deleteDisks: false });
    expect(parse('vm.delete', 'vm=x', 'delete-disks')).toEqual({ vm: ID, deleteDisks: true });
  });

  it('name disks and interfaces of a new VM as often as wanted', () => {
    const parsed = parse(
      'vm.create',
      'name=a',
      'image=i',
      'memory=64',
      'disk=p:64',
      'disk=q:1GiB',
      'nic=lan',
      'nic=dmz'
    );
    expect(parsed).toMatchObject({
      disks: [
        { pool: 'p', capacity: 64 },
        { pool: 'q', capacity: 1024 }
      ],
      nics: [{ network: 'lan' }, { network: 'dmz' }]
    });
  });

  it('keep every further = in the value', () => {
    expect(parse('vm.rename', 'vm=x', 'name=a=b=c')).toMatchObject({ name: 'a=b=c' });
  });

  it.each([
    ['vm is missing', 'vm.start'],
    ['vcpus is missing', 'vm.set-vcpus', 'vm=x'],
    ['no argument “cpus”', 'vm.set-vcpus', 'vm=x', 'cpus=2'],
    ['given twice', 'vm.start', 'vm=x', 'vm=y'],
    ['needs a value', 'vm.start', 'vm'],
    ['-1', 'vm.set-vcpus', 'vm=x', 'vcpus=-1'],
    ['1.5', 'vm.set-vcpus', 'vm=x', 'vcpus=1.5'],
    ['from 1 to 4096', 'vm.set-vcpus', 'vm=x', 'vcpus=99999'],
    ['whole MiB', 'vm.set-memory', 'vm=x', 'memory=lots'],
    ['whole MiB', 'vm.set-memory', 'vm=x', 'memory=0.3G'],
    ['now, next-boot', 'vm.set-memory', 'vm=x', 'memory=1', 'when=later'],
    ['disk=POOL:SIZE', 'vm.create', 'name=a', 'image=i', 'memory=64', 'disk=p'],
    ['pool “../etc”', 'vm.attach-disk', 'vm=x', 'pool=../etc', 'capacity=1']
  ] as const)('are refused with what is wrong (%s) and a list of what can be said', (reason, op, ...words) => {
    const message = refusal(op, ...words);
    expect(message).toContain(reason);
    expect(message).toContain(`${op} takes:`);
  });

  it('of every operation are told in its help, each in words', () => {
    for (const op of Object.keys(OP_TEXT) as RunOp[]) {
      const shape: ElementShape = ops[op].args;
      const names = [...Object.keys(shape.attributes), ...Object.values(shape.children).map((c) => c.element().name)];
      for (const name of names) expect(ARGUMENT_TEXT, `${op} ${name}`).toHaveProperty([name]);
      expect(describeArguments(op)).toHaveLength(names.length);
    }
  });

  it('of every operation can be encoded once parsed', () => {
    const examples: Record<RunOp, string[]> = {
      'activity.list': [],
      'load.history': ['from=0', 'to=1'],
      'operator.list': [],
      'host.set-maintenance': ['on=true'],
      'operator.invite': ['role=viewer'],
      'operator.set-role': [`key=B${'A'.repeat(86)}`, 'role=admin'],
      'operator.revoke': [`key=B${'A'.repeat(86)}`],
      'vm.create': ['name=a', 'image=i', 'memory=64', 'disk=p:1', 'nic=n', 'tags=a,b c', 'protected', 'user-data=#!/x'],
      'command.cancel': [`command=${ID}`],
      'vm.clone': ['vm=x', 'name=y'],
      'vm.set-tags': ['vm=x', 'tags=a,b c'],
      'vm.set-notes': ['vm=x', 'notes='],
      'vm.set-protected': ['vm=x', 'protected=true'],
      'vm.set-autostart': ['vm=x', 'autostart=true'],
      'vm.start': ['vm=x'],
      'vm.shutdown': ['vm=x'],
      'vm.power-off': ['vm=x'],
      'vm.reboot': ['vm=x'],
      'vm.pause': ['vm=x'],
      'vm.resume': ['vm=x'],
      'vm.save': ['vm=x'],
      'vm.discard-saved': ['vm=x'],
      'vm.rename': ['vm=x', 'name=b'],
      'vm.delete': ['vm=x'],
      'vm.set-vcpus': ['vm=x', 'vcpus=2'],
      'vm.set-memory': ['vm=x', 'memory=64'],
      'vm.set-cpu-share': ['vm=x', 'weight=512'],
      'vm.set-vcpu-affinity': ['vm=x', 'cpus=0-1'],
      'vm.attach-disk': ['vm=x', 'pool=p', 'capacity=64'],
      'vm.detach-disk': ['vm=x', 'target=vdb'],
      'vm.grow-disk': ['vm=x', 'target=vdb', 'capacity=128'],
      'vm.attach-nic': ['vm=x', 'network=n'],
      'vm.detach-nic': ['vm=x', 'mac=52:54:00:00:00:01'],
      'volume.delete': ['pool=p', 'volume=v']
    };
    for (const [op, words] of Object.entries(examples) as [RunOp, string[]][]) {
      const parsed = parseArguments(op, words);
      const args = parsed.complete(parsed.vm === null ? null : ID);
      const command = { id: ID, op, host: 'h1', notAfter: 1, expect: null, note: null, args } as unknown as Command;
      expect(() => encodeCommand(command), op).not.toThrow();
    }
  });
});

describe('parseOp', () => {
  it('knows every operation but what a link does by itself', () => {
    for (const op of Object.keys(ops).filter(isOp)) {
      if ((INTERNAL as readonly string[]).includes(op)) expect(() => parseOp(op)).toThrow('there is no operation');
      else expect(parseOp(op)).toBe(op);
    }
  });

  it('lists the operations when it knows no such one', () => {
    expect(() => parseOp('vm.explode')).toThrow(/vm\.set-vcpus/);
  });
});
