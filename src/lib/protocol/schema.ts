// THE wire schema: every command, reply and event, in one table. Types are inferred from it, `codec.ts` is driven by it,
// `static/schema/smps.xsd` is generated from it, docs/WIRE.md lists it. Namespace `urn:smps:1`.
import {
  HOST_ID,
  HOST_ID_WORDS,
  HOST_ID_XSD,
  NAME,
  NAME_WORDS,
  NAME_XSD,
  PUBLIC_KEY,
  PUBLIC_KEY_WORDS,
  PUBLIC_KEY_XSD,
  REVISION,
  UUID
} from '../model/ids.ts';
import type { CommandId, HostId, OperatorKey, Revision, VmId } from '../model/ids.ts';
import {
  ACCELERATORS,
  ACTIVITY_STATUSES,
  CAPABILITIES,
  HYPERVISORS,
  IMAGE_KINDS,
  RESOURCES,
  ROLES,
  VM_KINDS,
  VM_STATES,
  WITNESSES
} from '../model/fleet.ts';
import type * as fleet from '../model/fleet.ts';
import type { Bytes, BytesPerSecond, Mib, Millis, Percent, Vcpus } from '../model/units.ts';
import { choice, decimal, element, flag, inUnit, many, maybe, one, optional, text, tokens, whole } from './shape.ts';
import type { ElementShape, Infer } from './shape.ts';

export const NAMESPACE = 'urn:smps:1';
/** Bytes of one XML message, reassembled. */
export const MAX_XML = 4 * 1024 * 1024;

// Attributes that recur
const mib = inUnit('mib', whole<Mib>(0, 2 ** 33 - 1));
const bytes = inUnit('bytes', whole<Bytes>(0, Number.MAX_SAFE_INTEGER));
const instant = inUnit('ms', whole<Millis>(0, Number.MAX_SAFE_INTEGER));
const percent = inUnit('percent', decimal<Percent>(100));
const rate = inUnit('bytes-per-second', decimal<BytesPerSecond>(1e15));
const vcpus = whole<Vcpus>(0, 4096);
/** What may be asked for: never none. */
const someVcpus = whole<Vcpus>(1, 4096);
const someMib = inUnit('mib', whole<Mib>(1, 2 ** 33 - 1));
const count = whole(0, Number.MAX_SAFE_INTEGER);
const uuid = {
  pattern: UUID,
  xsd: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  words: 'a lower-case UUID'
};
const vmId = text<VmId>(36, uuid);
const commandId = text<CommandId>(36, uuid);
const hostId = text<HostId>(64, { pattern: HOST_ID, xsd: HOST_ID_XSD, words: HOST_ID_WORDS });
const operatorKey = text<OperatorKey>(87, { pattern: PUBLIC_KEY, xsd: PUBLIC_KEY_XSD, words: PUBLIC_KEY_WORDS });
const revision = text<Revision>(16, { pattern: REVISION, xsd: '[0-9a-f]{16}', words: '16 lower-case hex digits' });
const hash = text(64, { pattern: /^[0-9a-f]{64}$/, xsd: '[0-9a-f]{64}', words: '64 lower-case hex digits' });
/** A name a person gives. */
const name = text(128, { pattern: NAME, xsd: NAME_XSD, words: NAME_WORDS });
/** A name the host gave to a pool, volume, network or image: never a path. */
const resource = text(128, {
  pattern: /^(?!\.)[A-Za-z0-9._+-]{1,128}$/,
  xsd: '[A-Za-z0-9_+\\-][A-Za-z0-9._+\\-]{0,127}',
  words: '1 to 128 of `A-Z a-z 0-9 . _ + -`, not starting with a dot'
});
const mac = text(17, {
  pattern: /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/,
  xsd: '[0-9a-f]{2}(:[0-9a-f]{2}){5}',
  words: 'a MAC address like `52:54:00:12:34:56`, lower case'
});
const target = text(32, { pattern: /^[a-z0-9]{1,32}$/, xsd: '[a-z0-9]{1,32}', words: '1 to 32 of `a-z 0-9`' });
/** IPv4 or IPv6, with a prefix length and a zone where there is one. */
const address = {
  pattern: /^[0-9A-Fa-z.:/%_-]{1,64}$/,
  xsd: '[0-9A-Fa-z.:/%_\\-]{1,64}',
  words: 'an IP address, with `/prefix` and `%zone` where there is one'
};
const ticketText = {
  pattern: /^[A-Za-z0-9._-]{1,256}$/,
  xsd: '[A-Za-z0-9._\\-]{1,256}',
  words: 'a pairing ticket'
};
const word = text(64);
const line = text(1024);
const prose = text(16_384);

// Things
const capability = element('capability', {
  name: choice(CAPABILITIES),
  live: flag,
  means: line,
  reason: optional(line)
});

export const hostFacts = element(
  'host',
  {
    id: hostId,
    name,
    site: name,
    hypervisor: choice(HYPERVISORS),
    hypervisorVersion: word,
    accelerator: choice(ACCELERATORS),
    simulated: flag,
    cpus: vcpus,
    cpuModel: line,
    memory: mib,
    agentVersion: word
  },
  { capabilities: many(capability) }
);

const image = element('image', {
  name: resource,
  kind: choice(IMAGE_KINDS),
  title: line,
  size: optional(bytes)
});

const volume = element('volume', {
  name: text(256),
  capacity: bytes,
  allocation: optional(bytes),
  format: word,
  usedBy: optional(vmId)
});

const pool = element('pool', { name: text(256), capacity: bytes, free: bytes }, { volumes: many(volume) });
const network = element('network', { name: text(256), mode: word });

const disk = element('disk', {
  target: word,
  bus: word,
  device: choice(['disk', 'cdrom']),
  pool: optional(text(256)),
  volume: optional(text(256)),
  capacity: optional(bytes),
  readOnly: flag,
  seen: optional(bytes)
});

const nic = element('nic', {
  mac,
  model: word,
  network: text(256),
  linkUp: flag,
  seen: optional(word),
  addresses: tokens(64, address)
});

const seen = element('seen', {
  by: choice(WITNESSES),
  at: instant,
  vcpus: optional(vcpus),
  memory: optional(mib)
});

export const vm = element(
  'vm',
  {
    id: vmId,
    // What a host reports may have been named by other tools: only the length is bound here.
    name: text(1024),
    state: choice(VM_STATES),
    kind: choice(VM_KINDS),
    revision,
    vcpus,
    vcpusMax: vcpus,
    vcpusNext: optional(vcpus),
    memory: mib,
    memoryMax: mib,
    memoryNext: optional(mib),
    startedAt: optional(instant),
    description: prose
  },
  { disks: many(disk), nics: many(nic), seen: maybe(seen) }
);

const figures = {
  at: instant,
  cpu: optional(percent),
  memoryUsed: optional(mib),
  diskRead: optional(rate),
  diskWrite: optional(rate),
  netReceive: optional(rate),
  netTransmit: optional(rate)
} as const;
const hostLoad = element('host-load', figures);
const vmLoad = element('vm-load', { vm: vmId, ...figures });

const activity = element('activity', {
  number: count,
  command: commandId,
  op: word,
  operator: operatorKey,
  operatorLabel: name,
  vm: optional(vmId),
  // Names the VM, whose name may be 1024 long.
  summary: text(2048),
  status: choice(ACTIVITY_STATUSES),
  startedAt: instant,
  endedAt: optional(instant),
  reason: optional(prose)
});

const operator = element('operator', { key: operatorKey, label: name, role: choice(ROLES), since: instant });

const effect = element('effect', {
  resource: choice(RESOURCES),
  asked: line,
  seen: optional(line),
  by: optional(choice(WITNESSES)),
  when: choice(['now', 'next-boot']),
  note: optional(line)
});

const detail = element('detail', { name: word, value: prose });
const fault = element('fault', { code: word, message: prose }, { details: many(detail) });

const inventory = element(
  'inventory',
  {},
  { host: one(hostFacts), vms: many(vm), pools: many(pool), networks: many(network), images: many(image) }
);

/** Where the journal stands; `kept` answers `host.watch`'s `kept-number` with the hash the chain has there. */
const journal = element('journal', { number: count, hash, keptHash: optional(hash) });

/** A pairing ticket: `hostId.publicKey.code`, the last two base64url (docs/WIRE.md, Pairing). */
const ticket = element('ticket', { text: text(256, ticketText), expires: instant });

// What is asked for
const WHEN = ['now', 'next-boot'] as const;
const newDisk = element('disk', { pool: resource, capacity: someMib });
const newNic = element('nic', { network: resource });
const theVm = { vm: vmId } as const;

/** Each op: the role it needs, whether it changes anything (and so is journalled), and its arguments. */
export const ops = {
  'host.watch': { role: 'viewer', changes: false, args: element('host.watch', { keptNumber: optional(count) }) },
  'host.enroll': { role: 'viewer', changes: true, args: element('host.enroll', { label: name }) },
  'activity.list': {
    role: 'viewer',
    changes: false,
    args: element('activity.list', { limit: whole(1, 500), before: optional(count), vm: optional(vmId) })
  },
  'operator.list': { role: 'admin', changes: false, args: element('operator.list', {}) },
  'operator.invite': { role: 'admin', changes: true, args: element('operator.invite', { role: choice(ROLES) }) },
  'operator.set-role': {
    role: 'admin',
    changes: true,
    args: element('operator.set-role', { key: operatorKey, role: choice(ROLES) })
  },
  'operator.revoke': { role: 'admin', changes: true, args: element('operator.revoke', { key: operatorKey }) },
  'vm.create': {
    role: 'operator',
    changes: true,
    args: element(
      'vm.create',
      {
        name,
        description: optional(prose),
        image: resource,
        vcpus: someVcpus,
        vcpusMax: someVcpus,
        memory: someMib,
        memoryMax: someMib,
        start: flag
      },
      { disks: many(newDisk), nics: many(newNic) }
    )
  },
  'vm.start': { role: 'operator', changes: true, args: element('vm.start', theVm) },
  'vm.shutdown': { role: 'operator', changes: true, args: element('vm.shutdown', theVm) },
  'vm.power-off': { role: 'operator', changes: true, args: element('vm.power-off', theVm) },
  'vm.reboot': { role: 'operator', changes: true, args: element('vm.reboot', theVm) },
  'vm.pause': { role: 'operator', changes: true, args: element('vm.pause', theVm) },
  'vm.resume': { role: 'operator', changes: true, args: element('vm.resume', theVm) },
  'vm.rename': { role: 'operator', changes: true, args: element('vm.rename', { ...theVm, name }) },
  'vm.delete': { role: 'operator', changes: true, args: element('vm.delete', { ...theVm, deleteDisks: flag }) },
  'vm.set-vcpus': {
    role: 'operator',
    changes: true,
    args: element('vm.set-vcpus', { ...theVm, vcpus: someVcpus, when: choice(WHEN) })
  },
  'vm.set-memory': {
    role: 'operator',
    changes: true,
    args: element('vm.set-memory', { ...theVm, memory: someMib, when: choice(WHEN) })
  },
  /** An existing `volume`, or a new one of `capacity`: exactly one of the two. */
  'vm.attach-disk': {
    role: 'operator',
    changes: true,
    args: element('vm.attach-disk', {
      ...theVm,
      pool: resource,
      volume: optional(resource),
      capacity: optional(someMib)
    })
  },
  'vm.detach-disk': {
    role: 'operator',
    changes: true,
    args: element('vm.detach-disk', { ...theVm, target, deleteVolume: flag })
  },
  'vm.grow-disk': {
    role: 'operator',
    changes: true,
    args: element('vm.grow-disk', { ...theVm, target, capacity: someMib })
  },
  'vm.attach-nic': { role: 'operator', changes: true, args: element('vm.attach-nic', { ...theVm, network: resource }) },
  'vm.detach-nic': { role: 'operator', changes: true, args: element('vm.detach-nic', { ...theVm, mac }) },
  'volume.delete': {
    role: 'operator',
    changes: true,
    args: element('volume.delete', { pool: resource, volume: resource })
  }
} as const;

export type Op = keyof typeof ops;
export type Args<O extends Op> = Infer<(typeof ops)[O]['args']>;
export const isOp = (op: string): op is Op => Object.hasOwn(ops, op);

/** `<command>`: its one child is the args element of its op and has the op's name. */
export const commandAttributes = {
  id: commandId,
  op: choice(Object.keys(ops) as Op[]),
  host: hostId,
  /** The agent refuses it later than this (its clock). */
  notAfter: instant,
  /** The VM revision this was decided on; refused as `stale` when it is no longer that. */
  expect: optional(revision)
} as const;

/** The whole `<command>` of each op. */
export const commandShapes = Object.fromEntries(
  Object.entries(ops).map(([op, { args }]) => [op, element('command', commandAttributes, { args: one(args) })])
) as unknown as Readonly<Record<Op, ElementShape>>;

/** What the operator wants of one host, ready to be encoded. */
export type Command<O extends Op = Op> = {
  [K in O]: {
    readonly id: CommandId;
    readonly op: K;
    readonly host: HostId;
    readonly notAfter: Millis;
    readonly expect: Revision | null;
    readonly args: Args<K>;
  };
}[O];

export const REPLY_STATUSES = ['done', 'refused', 'failed', 'unknown'] as const;

export const reply = element(
  'reply',
  {
    to: commandId,
    status: choice(REPLY_STATUSES),
    /** Journal number of the command; absent for what is not journalled. */
    journal: optional(count),
    /** What this operator may do on this host. */
    role: optional(choice(ROLES))
  },
  {
    fault: maybe(fault),
    effects: many(effect),
    vm: maybe(vm),
    inventory: maybe(inventory),
    head: maybe(journal),
    operators: many(operator),
    activities: many(activity),
    ticket: maybe(ticket)
  }
);
export type Reply = Infer<typeof reply>;

const vmRemoved = element('vm-removed', { id: vmId });

/** News from a host, after `host.watch`: `seq` counts 1, 2, 3… on the link; each child says what is so *now*. */
export const event = element(
  'event',
  { seq: count, at: instant },
  {
    head: maybe(journal),
    host: maybe(hostFacts),
    vms: many(vm),
    removed: many(vmRemoved),
    /** Present: replaces the whole list of pools. */
    storage: maybe(element('storage', {}, { pools: many(pool) })),
    networks: maybe(element('networks', {}, { networks: many(network) })),
    load: maybe(hostLoad),
    vmLoads: many(vmLoad),
    activities: many(activity),
    /** What is wrong on the host itself (libvirtd away): an empty reason says that it is well again. */
    trouble: maybe(element('trouble', { reason: prose }))
  }
);
export type Event = Infer<typeof event>;

// The model is what the wire carries: these fail to compile when the two drift apart.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
export type ModelMatchesWire = [
  Same<Infer<typeof hostFacts>, fleet.HostFacts>,
  Same<Infer<typeof vm>, fleet.Vm>,
  Same<Infer<typeof pool>, fleet.Pool>,
  Same<Infer<typeof network>, fleet.Network>,
  Same<Infer<typeof image>, fleet.Image>,
  Same<Infer<typeof hostLoad>, fleet.HostLoad>,
  Same<Infer<typeof vmLoad>, fleet.VmLoad>,
  Same<Infer<typeof activity>, fleet.Activity>,
  Same<Infer<typeof operator>, fleet.Operator>,
  Same<Infer<typeof effect>, fleet.Effect>,
  Same<Infer<typeof inventory>, fleet.Inventory>
];
const matches: ModelMatchesWire = [true, true, true, true, true, true, true, true, true, true, true];
void matches;
