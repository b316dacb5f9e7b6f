// THE wire schema: every command, reply and event, in one table. Types are inferred from it, `codec.ts` is driven by it,
// `static/schema/smps.xsd` is generated from it, docs/WIRE.md lists it. Namespace `urn:smps:1`.
import type { CommandId, HostId, Revision } from '../model/ids.ts';
import {
  ACCELERATORS,
  ACTIVITY_STATUSES,
  CAPABILITIES,
  CONSOLE_KINDS,
  CONSOLE_PURPOSES,
  HYPERVISORS,
  IMAGE_KINDS,
  PENDING,
  PROGRESS_STAGES,
  RESOURCES,
  ROLES,
  SIGHTS,
  TOOLSTACKS,
  VM_KINDS,
  VM_STATES,
  WITNESSES
} from '../model/fleet.ts';
import type * as fleet from '../model/fleet.ts';
import type { Millis, Percent } from '../model/units.ts';
import {
  addresses,
  bandwidth,
  downtime,
  bytes,
  cap,
  channel,
  commandId,
  consoles,
  count,
  cpuList,
  hash,
  hostId,
  httpsUrl,
  instant,
  line,
  loadEvery,
  mac,
  MAX_POINTS,
  mib,
  mibs,
  name,
  operatorKey,
  percent,
  permilles,
  pin,
  prose,
  rate,
  rates,
  remark,
  resource,
  revision,
  someMib,
  someVcpus,
  sshKey,
  tags,
  target,
  ticketText,
  token,
  vcpus,
  vmId,
  weight,
  word
} from './attributes.ts';
import { choice, element, flag, inUnit, many, maybe, one, optional, text, whole } from './shape.ts';
import type { ElementShape, Infer } from './shape.ts';

export const NAMESPACE = 'urn:smps:1';
/** Bytes of one XML message, reassembled. */
export const MAX_XML = 4 * 1024 * 1024;

// Things
const capability = element('capability', {
  name: choice(CAPABILITIES),
  live: flag,
  means: line,
  reason: optional(line)
});

// Named first: inside `maybe(…)` its having no children would be inferred as having any.
const domainZero = element('domain-zero', { vcpus, memory: mib });
const maintenance = element('maintenance', { since: instant, by: name, reason: remark });

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
    numaCells: optional(whole(1, 2 ** 16)),
    scheduler: optional(word),
    xlVms: optional(choice(SIGHTS)),
    agentVersion: word,
    pin
  },
  { domainZero: maybe(domainZero), maintenance: maybe(maintenance), capabilities: many(capability) }
);

const image = element('image', {
  name: resource,
  kind: choice(IMAGE_KINDS),
  title: line,
  size: optional(bytes),
  xen: optional(choice(VM_KINDS))
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
  seen: optional(bytes),
  pending: optional(choice(PENDING))
});

const nic = element('nic', {
  mac,
  model: word,
  network: text(256),
  linkUp: flag,
  seen: optional(word),
  addresses,
  pending: optional(choice(PENDING))
});

const seen = element('seen', {
  by: choice(WITNESSES),
  at: instant,
  vcpus: optional(vcpus),
  memory: optional(mib)
});

const share = { weight, cap: optional(cap) } as const;
const cpuShare = element('cpu-share', share);
const cpuShareNext = element('cpu-share-next', share);

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
    affinity: optional(cpuList),
    affinityNext: optional(cpuList),
    startedAt: optional(instant),
    savedAt: optional(instant),
    description: prose,
    tags,
    protected: flag,
    autostart: optional(flag),
    unmanaged: optional(choice(TOOLSTACKS)),
    consoles
  },
  {
    disks: many(disk),
    nics: many(nic),
    cpuShare: maybe(cpuShare),
    cpuShareNext: maybe(cpuShareNext),
    seen: maybe(seen)
  }
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

/** Each column has `count` items, the first for the `step` that begins at `start`; absent: nothing is known of it at all. */
const loadHistory = element('load-history', {
  vm: optional(vmId),
  start: instant,
  step: inUnit('ms', whole<Millis>(1, 2 ** 31 - 1)),
  count: whole(0, MAX_POINTS),
  cpu: optional(permilles),
  cpuMax: optional(permilles),
  memoryUsed: optional(mibs),
  diskRead: optional(rates),
  diskWrite: optional(rates),
  netReceive: optional(rates),
  netTransmit: optional(rates)
});
export type LoadHistory = Infer<typeof loadHistory>;

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
  reason: optional(prose),
  note: optional(remark)
});

const progress = element('progress', {
  command: commandId,
  stage: choice(PROGRESS_STAGES),
  percent: optional(whole<Percent>(0, 100)),
  remaining: optional(bytes),
  rate: optional(rate),
  pass: optional(whole(1, 2 ** 20))
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
const ticket = element('ticket', { text: ticketText, expires: instant });

/** What lets one VM in, once: where the host waits for it, the pin of its TLS key, and a secret. */
const permit = element('permit', { url: httpsUrl, pin, token, expires: instant });

/** The byte channel that a console is, and whether what this operator types is dropped. */
const consoleOpened = element('console', { channel, readOnly: flag });

// What is asked for
const WHEN = ['now', 'next-boot'] as const;
const RUNS = ['here', 'there'] as const;
const newDisk = element('disk', { pool: resource, capacity: someMib });
const newNic = element('nic', { network: resource });
const newSshKey = element('ssh-key', { key: sshKey });
const theVm = { vm: vmId } as const;
const comingDisk = element('disk', {
  target,
  pool: resource,
  volume: resource,
  capacity: bytes,
  format: word,
  readOnly: flag
});

/** Each op: the role it needs, whether it changes anything (and so is journalled), and its arguments. */
export const ops = {
  'host.watch': {
    role: 'viewer',
    changes: false,
    args: element('host.watch', { keptNumber: optional(count), loadEvery: optional(loadEvery) })
  },
  'host.enroll': { role: 'viewer', changes: true, args: element('host.enroll', { label: name }) },
  /** On while it is on: another reason. */
  'host.set-maintenance': {
    role: 'operator',
    changes: true,
    args: element('host.set-maintenance', { on: flag, reason: remark })
  },
  'activity.list': {
    role: 'viewer',
    changes: false,
    args: element('activity.list', { limit: whole(1, 500), before: optional(count), vm: optional(vmId) })
  },
  'load.history': {
    role: 'viewer',
    changes: false,
    args: element('load.history', { vm: optional(vmId), from: instant, to: instant, points: whole(1, MAX_POINTS) })
  },
  'operator.list': { role: 'admin', changes: false, args: element('operator.list', {}) },
  'operator.invite': { role: 'admin', changes: true, args: element('operator.invite', { role: choice(ROLES) }) },
  'operator.set-role': {
    role: 'admin',
    changes: true,
    args: element('operator.set-role', { key: operatorKey, role: choice(ROLES) })
  },
  'operator.revoke': { role: 'admin', changes: true, args: element('operator.revoke', { key: operatorKey }) },
  /** Another command of the same operator, or (an admin) of anybody. */
  'command.cancel': { role: 'operator', changes: true, args: element('command.cancel', { command: commandId }) },
  'vm.create': {
    role: 'operator',
    changes: true,
    args: element(
      'vm.create',
      {
        name,
        description: optional(prose),
        tags: optional(tags),
        protected: flag,
        autostart: optional(flag),
        image: resource,
        vcpus: someVcpus,
        vcpusMax: someVcpus,
        memory: someMib,
        memoryMax: someMib,
        start: flag,
        userData: optional(prose)
      },
      { disks: many(newDisk), nics: many(newNic), sshKeys: many(newSshKey) }
    )
  },
  'vm.clone': { role: 'operator', changes: true, args: element('vm.clone', { ...theVm, name }) },
  /** To the host that has prepared for it and given the permit. */
  'vm.migrate': {
    role: 'operator',
    changes: true,
    args: element('vm.migrate', {
      ...theVm,
      to: hostId,
      url: httpsUrl,
      pin,
      token,
      bandwidth: optional(bandwidth),
      autoConverge: flag,
      downtime: optional(downtime)
    })
  },
  'vm.start': { role: 'operator', changes: true, args: element('vm.start', theVm) },
  'vm.shutdown': { role: 'operator', changes: true, args: element('vm.shutdown', theVm) },
  'vm.power-off': { role: 'operator', changes: true, args: element('vm.power-off', theVm) },
  'vm.reboot': { role: 'operator', changes: true, args: element('vm.reboot', theVm) },
  'vm.pause': { role: 'operator', changes: true, args: element('vm.pause', theVm) },
  'vm.resume': { role: 'operator', changes: true, args: element('vm.resume', theVm) },
  'vm.save': { role: 'operator', changes: true, args: element('vm.save', theVm) },
  'vm.discard-saved': { role: 'operator', changes: true, args: element('vm.discard-saved', theVm) },
  'vm.rename': { role: 'operator', changes: true, args: element('vm.rename', { ...theVm, name }) },
  'vm.delete': { role: 'operator', changes: true, args: element('vm.delete', { ...theVm, deleteDisks: flag }) },
  'vm.set-tags': { role: 'operator', changes: true, args: element('vm.set-tags', { ...theVm, tags }) },
  'vm.set-notes': { role: 'operator', changes: true, args: element('vm.set-notes', { ...theVm, notes: prose }) },
  'vm.set-protected': {
    role: 'operator',
    changes: true,
    args: element('vm.set-protected', { ...theVm, protected: flag })
  },
  'vm.set-autostart': {
    role: 'operator',
    changes: true,
    args: element('vm.set-autostart', { ...theVm, autostart: flag })
  },
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
  /** No `cap`: none. */
  'vm.set-cpu-share': {
    role: 'operator',
    changes: true,
    args: element('vm.set-cpu-share', { ...theVm, ...share, when: choice(WHEN) })
  },
  /** No CPU: any. */
  'vm.set-vcpu-affinity': {
    role: 'operator',
    changes: true,
    args: element('vm.set-vcpu-affinity', { ...theVm, cpus: cpuList, when: choice(WHEN) })
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
  },
  /** Makes room for a VM of another host, and a permit for it. */
  'migration.prepare': {
    role: 'operator',
    changes: true,
    args: element(
      'migration.prepare',
      {
        ...theVm,
        name: text(1024),
        hypervisor: choice(HYPERVISORS),
        accelerator: choice(ACCELERATORS),
        cpuModel: line,
        memory: someMib,
        running: flag,
        autostart: optional(flag),
        from: pin
      },
      { disks: many(comingDisk), nics: many(newNic) }
    )
  },
  /** Takes the permit back, and the room. */
  'migration.release': { role: 'operator', changes: true, args: element('migration.release', theVm) },
  /** Where a VM runs that left, while its target cannot be asked: an operator's word. */
  'migration.decide': {
    role: 'operator',
    changes: true,
    args: element('migration.decide', { ...theVm, runs: choice(RUNS) })
  },
  /** Journalled too, though it changes nothing: who looked, and who could type. Pictures once an hour. */
  'console.open': {
    role: 'viewer',
    changes: false,
    args: element('console.open', {
      ...theVm,
      kind: choice(CONSOLE_KINDS),
      channel,
      takeOver: flag,
      purpose: optional(choice(CONSOLE_PURPOSES))
    })
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
  expect: optional(revision),
  /** What it is a part of, for the journal. */
  note: optional(remark)
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
    readonly note: string | null;
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
    ticket: maybe(ticket),
    permit: maybe(permit),
    history: maybe(loadHistory),
    console: maybe(consoleOpened)
  }
);
export type Reply = Infer<typeof reply>;

const vmRemoved = element('vm-removed', { id: vmId });
const trouble = element('trouble', { reason: prose });

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
    images: maybe(element('images', {}, { images: many(image) })),
    load: maybe(hostLoad),
    vmLoads: many(vmLoad),
    activities: many(activity),
    /** How far running commands are, whoever sent them. */
    progress: many(progress),
    /** What is wrong on the host itself (libvirtd away): an empty reason says that it is well again. */
    trouble: maybe(trouble)
  }
);
export type Event = Infer<typeof event>;

// The model is what the wire carries.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Holds<Statement extends true> = Statement;
/** Fails to compile when the two drift apart. @public */
export type ModelMatchesWire = [
  Holds<Same<Infer<typeof hostFacts>, fleet.HostFacts>>,
  Holds<Same<Infer<typeof vm>, fleet.Vm>>,
  Holds<Same<Infer<typeof pool>, fleet.Pool>>,
  Holds<Same<Infer<typeof network>, fleet.Network>>,
  Holds<Same<Infer<typeof image>, fleet.Image>>,
  Holds<Same<Infer<typeof hostLoad>, fleet.HostLoad>>,
  Holds<Same<Infer<typeof vmLoad>, fleet.VmLoad>>,
  Holds<Same<Infer<typeof activity>, fleet.Activity>>,
  Holds<Same<Infer<typeof progress>, fleet.Progress>>,
  Holds<Same<Infer<typeof operator>, fleet.Operator>>,
  Holds<Same<Infer<typeof effect>, fleet.Effect>>,
  Holds<Same<Infer<typeof inventory>, fleet.Inventory>>
];
