// A host as a session meets it, without seal or network: decodes commands, keeps a journal, answers each id once, and
// can be cut off, silenced or restored from a backup.
import { Fault } from '../../src/lib/model/fault.ts';
import type { Disk, Inventory, JournalHead, Vm } from '../../src/lib/model/fleet.ts';
import type { CommandId, HostId, Revision, VmId } from '../../src/lib/model/ids.ts';
import type { Xml } from '../../src/lib/model/stages.ts';
import { bytes, mib, millis, vcpus } from '../../src/lib/model/units.ts';
import {
  decodeCommand,
  emptyEvent,
  emptyReply,
  encodeEvent,
  encodeReply,
  faultToWire
} from '../../src/lib/protocol/codec.ts';
import type { Command, Event, Reply } from '../../src/lib/protocol/schema.ts';
import { joinedChannels } from './joined-channels.ts';
import type { Suite } from '../../src/lib/seal/handshake.ts';
import type { ByteChannel } from '../../src/lib/session/byte-channel.ts';
import type { LinkEvents, SessionLink } from '../../src/lib/session/session-link.ts';

/** In a pool, of 512 MiB. */
export const A_DISK: Disk = {
  target: 'vda',
  bus: 'virtio',
  device: 'disk',
  pool: 'default',
  volume: 'root',
  capacity: bytes(512 * 2 ** 20),
  readOnly: false,
  seen: null,
  pending: null
};

export const aVm = (n: number, more: Partial<Vm> = {}): Vm => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as VmId,
  name: `vm${n}`,
  state: 'running',
  kind: 'hvm',
  revision: '0123456789abcdef' as Revision,
  vcpus: vcpus(1),
  vcpusMax: vcpus(4),
  vcpusNext: null,
  memory: mib(256),
  memoryMax: mib(512),
  memoryNext: null,
  cpuShare: null,
  cpuShareNext: null,
  affinity: null,
  affinityNext: null,
  startedAt: null,
  savedAt: null,
  description: '',
  tags: [],
  protected: false,
  autostart: false,
  unmanaged: null,
  consoles: [],
  disks: [],
  nics: [],
  seen: null,
  ...more
});

type FakeLink = { events: LinkEvents; seq: number; watching: boolean; bytes: ByteChannel[] };

export class FakeHost {
  readonly id: HostId;
  vms: Vm[] = [aVm(1)];
  suite: Suite = 1;
  /** Not null: dialling fails with it. */
  away: Fault | null = null;
  /** Swallows answers (but carries commands out). */
  silent = false;
  /** Hears nothing but watches. */
  deaf = false;
  /** Its ends of byte channels, by number, whichever link they belong to. */
  readonly channels = new Map<number, ByteChannel>();
  /** Why it opens no consoles; null: it does. */
  noConsoles: Fault | null = null;
  /** Its clock. */
  now: () => number = () => 0;
  /** Answers pings. */
  answersPings = true;
  /** Commands carried out, in order: a repeated id is not carried out again. */
  readonly carriedOut: Command[] = [];
  /** Everything received, repeats and watches included. */
  readonly received: Command[] = [];
  dials = 0;
  readonly #answers = new Map<CommandId, Reply>();
  #journal: string[] = ['0'.repeat(64)];
  #history = '1';
  #links = new Set<FakeLink>();

  constructor(id = 'h1') {
    this.id = id as HostId;
  }

  get head(): JournalHead {
    return { number: this.#journal.length - 1, hash: this.#journal.at(-1) ?? '' };
  }

  get links(): number {
    return this.#links.size;
  }

  dial(events: LinkEvents): Promise<SessionLink> {
    this.dials++;
    if (this.away) return Promise.reject(this.away);
    const state: FakeLink = { events, seq: 0, watching: false, bytes: [] };
    this.#links.add(state);
    return Promise.resolve({
      secure: { suite: this.suite },
      sendXml: (xml) => {
        if (!this.#links.has(state))
          return Promise.reject(new Fault('unreachable', { host: this.id, reason: 'closed' }));
        this.#receive(state, xml);
        return Promise.resolve();
      },
      openBytes: (channel, handlers) => {
        const { agent, client } = joinedChannels(channel);
        client.attach(handlers);
        this.channels.set(channel, agent);
        state.bytes.push(client);
        return client;
      },
      ping: () => (this.answersPings ? Promise.resolve(1) : Promise.reject(new Error('no pong'))),
      close: () => {
        this.#links.delete(state);
      }
    });
  }

  /** The network breaks: every link ends. */
  cut(reason: Fault = new Fault('unreachable', { host: this.id, reason: 'cut' })): void {
    for (const link of [...this.#links]) {
      this.#links.delete(link);
      for (const channel of link.bytes) channel.fail(reason);
      link.events.onClosed(reason);
    }
  }

  /** Tells all watchers; `skip` events get lost before it. */
  tell(more: Partial<Event>, skip = 0): void {
    for (const link of this.#links) {
      if (!link.watching) continue;
      link.seq += 1 + skip;
      link.events.onXml(encodeEvent({ ...emptyEvent(link.seq, millis(this.now())), ...more }));
    }
  }

  /** Sends bytes as they are. */
  say(xml: Xml): void {
    for (const link of this.#links) link.events.onXml(xml);
  }

  /** A backup of its journal is brought back: entries after `number` are gone, and new ones will differ. */
  restore(number: number): void {
    this.#journal = this.#journal.slice(0, number + 1);
    this.#history = '2';
  }

  #receive(link: FakeLink, xml: Xml): void {
    const command = decodeCommand(xml);
    if (this.deaf && command.op !== 'host.watch') return;
    this.received.push(command);
    const reply = this.#answers.get(command.id) ?? this.#carryOut(command);
    if (command.op === 'host.watch') link.watching = true;
    else if (this.silent) return;
    link.events.onXml(encodeReply(reply));
  }

  #carryOut(command: Command): Reply {
    const reply = emptyReply(command.id, 'done');
    if (command.op === 'host.watch') {
      const kept = command.args.keptNumber;
      const head = { ...this.head, keptHash: kept === null ? null : (this.#journal[kept] ?? null) };
      return { ...reply, inventory: this.inventory(), head, role: 'admin' };
    }
    if (command.op === 'console.open') {
      return this.noConsoles === null
        ? { ...reply, console: { channel: command.args.channel, readOnly: true } }
        : { ...reply, status: 'refused', fault: faultToWire(this.noConsoles) };
    }
    if (command.op === 'activity.list') return reply;
    if (command.op === 'host.enroll') {
      const enrolled: Reply = { ...reply, role: 'operator' };
      this.carriedOut.push(command);
      this.#answers.set(command.id, enrolled);
      return enrolled;
    }
    this.carriedOut.push(command);
    this.#journal.push(`${this.#history}${this.#journal.length}`.padStart(64, 'a'));
    const answer: Reply =
      command.op === 'vm.start'
        ? { ...reply, head: { ...this.head, keptHash: null } }
        : {
            ...reply,
            status: 'refused',
            fault: faultToWire(new Fault('wrong-state', { state: 'running', needs: 'off' }))
          };
    this.#answers.set(command.id, answer);
    return answer;
  }

  inventory(): Inventory {
    return {
      host: {
        id: this.id,
        name: `Host ${this.id}`,
        site: 'north',
        hypervisor: 'simulated',
        hypervisorVersion: '1',
        accelerator: 'simulated',
        simulated: true,
        cpus: vcpus(8),
        cpuModel: 'x',
        memory: mib(4096),
        numaCells: null,
        scheduler: null,
        domainZero: null,
        xlVms: null,
        agentVersion: '0',
        pin: `sha256:${'A'.repeat(43)}`,
        maintenance: null,
        capabilities: []
      },
      vms: this.vms,
      pools: [],
      networks: [],
      images: []
    };
  }
}
