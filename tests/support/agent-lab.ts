// An agent without sockets: its whole core over a state directory of its own, a simulated host, and links in memory.
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '../../host-agent/core.ts';
import type { Core } from '../../host-agent/core.ts';
import { nodeProvider } from '../../host-agent/crypto.ts';
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { SimulatedConfig } from '../../host-agent/drivers/simulated/config.ts';
import { simulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import type { SimulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import type { Log } from '../../host-agent/log.ts';
import type { Link } from '../../host-agent/commands/receive.ts';
import { hostKey, initState } from '../../host-agent/state.ts';
import type { State } from '../../host-agent/state.ts';
import { Fault } from '../../src/lib/model/fault.ts';
import type { Role, Vm } from '../../src/lib/model/fleet.ts';
import { commandId, hostId, operatorKey } from '../../src/lib/model/ids.ts';
import type { CommandId, OperatorKey, Revision } from '../../src/lib/model/ids.ts';
import type { Xml } from '../../src/lib/model/stages.ts';
import { millis } from '../../src/lib/model/units.ts';
import { decodeFromAgent, encodeCommand } from '../../src/lib/protocol/codec.ts';
import type { Args, Command, Event, Op, Reply } from '../../src/lib/protocol/schema.ts';
import type { ByteChannel, ByteHandlers } from '../../src/lib/session/byte-channel.ts';
import { joinedChannels } from './joined-channels.ts';
import type { JoinedChannels } from './joined-channels.ts';

const QUICK = { lookEvery: 20, loadEvery: 25 };
/** ms; less than a test has, so that what did not happen is named. */
const PATIENCE = 15_000;
export const HOST = hostId('lab');

/** A directory of the test's own; in memory where the system has such a place: what is synced a thousand times must be cheap. */
export const scratch = (): Promise<string> =>
  mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'smps-agent-'));

export const newCommandId = (): CommandId => commandId(randomUUID());
export const newOperator = (): OperatorKey =>
  operatorKey(Buffer.concat([Buffer.from([4]), randomBytes(64)]).toString('base64url'));

export type RunAs = {
  readonly id?: CommandId;
  readonly expect?: Revision | null;
  readonly note?: string;
  readonly notAfter?: number;
};

/** One operator's link: what is sent goes straight to the receiving line, what comes back is decoded here. */
export class MemoryLink implements Link {
  readonly operator: OperatorKey;
  readonly codeId: string | null;
  readonly checkNumber = '1234 5678';
  readonly events: Event[] = [];
  /** Where the journal was said to stand, in the order it was said. */
  readonly heads: number[] = [];
  /** Why the agent ended it. */
  closed: Fault | null = null;
  /** While set, sends stay pending: a link whose reader is slow. */
  stalled = false;
  readonly #lab: AgentLab<Driver>;
  readonly #replies = new Map<CommandId, (reply: Reply) => void>();
  readonly #bytes = new Map<number, JoinedChannels>();
  readonly #waiters = new Set<() => void>();
  #release: (() => void)[] = [];

  constructor(lab: AgentLab<Driver>, operator: OperatorKey, codeId: string | null) {
    this.#lab = lab;
    this.operator = operator;
    this.codeId = codeId;
  }

  /** Called by the agent; the operator's end is `bytes`. */
  openBytes(channel: number, handlers: ByteHandlers): ByteChannel {
    const theirs = this.bytes(channel).agent;
    theirs.attach(handlers);
    return theirs;
  }

  /** Both ends of a byte channel, joined. Nothing is lost of what comes before somebody attaches. */
  bytes(channel: number): JoinedChannels {
    let ends = this.#bytes.get(channel);
    if (ends === undefined) this.#bytes.set(channel, (ends = joinedChannels(channel)));
    return ends;
  }

  /** Called by the agent. */
  async send(xml: Xml): Promise<void> {
    if (this.closed !== null) throw this.closed;
    const said = decodeFromAgent(xml);
    const { head } = said.kind === 'event' ? said.event : said.reply;
    if (head !== null) this.heads.push(head.number);
    if (said.kind === 'event') this.events.push(said.event);
    else {
      const { to } = said.reply;
      this.#replies.get(to)?.(said.reply);
      this.#replies.delete(to);
    }
    for (const waiter of this.#waiters) waiter();
    if (this.stalled) await new Promise<void>((resolve) => this.#release.push(resolve));
  }

  close(fault: Fault): void {
    if (this.closed !== null) return;
    this.closed = fault;
    this.lose(fault);
    this.#lab.links.delete(this);
    this.#lab.core.receiver.onClosed(this);
    for (const waiter of this.#waiters) waiter();
  }

  /** Byte channels end with their link. */
  lose(fault: Fault): void {
    for (const { agent, client } of this.#bytes.values()) for (const end of [agent, client]) end.fail(fault);
  }

  flow(): void {
    this.stalled = false;
    for (const release of this.#release.splice(0)) release();
  }

  /** Bytes as they are, to whatever effect. */
  say(xml: Xml): void {
    this.#lab.core.receiver.onXml(this, xml);
  }

  /** Bytes as they are, and the reply to `id`. */
  answerTo(id: CommandId, xml: Xml): Promise<Reply> {
    const reply = new Promise<Reply>((resolve) => this.#replies.set(id, resolve));
    this.say(xml);
    return reply;
  }

  /** One command, and its reply. */
  run<O extends Op>(op: O, args: Args<O>, as: RunAs = {}): Promise<Reply> {
    const id = as.id ?? newCommandId();
    const notAfter = millis(as.notAfter ?? this.#lab.now() + 60_000);
    // O pairs op with args; TypeScript cannot see it through the union.
    const { expect = null, note = null } = as;
    const command = { id, op, host: HOST, notAfter, expect, note, args } as unknown as Command;
    return this.answerTo(id, encodeCommand(command));
  }

  /** Resolves once `look` finds something in what came so far. */
  until<Found>(look: () => Found | null | undefined | false, what = 'what the test waits for'): Promise<Found> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === null || found === undefined || found === false) return;
        clearTimeout(late);
        this.#waiters.delete(check);
        resolve(found);
      };
      const late = setTimeout(() => {
        this.#waiters.delete(check);
        reject(new Error(`${what} did not happen within ${PATIENCE / 1000} s`));
      }, PATIENCE);
      this.#waiters.add(check);
      check();
    });
  }
}

/** A state directory of a new host. */
async function newState(): Promise<{ readonly directory: string; readonly state: State }> {
  const directory = await scratch();
  const state = await initState(directory, {
    id: HOST,
    name: 'Lab',
    site: 'here',
    address: '127.0.0.1',
    port: 0,
    driver: { kind: 'simulated', config: {} }
  });
  return { directory, state };
}

/** @typeParam D its hypervisor: the simulated one unless it was given another */
export class AgentLab<D extends Driver = SimulatedDriver> {
  readonly directory: string;
  readonly state: State;
  readonly driver: D;
  readonly links = new Set<MemoryLink>();
  readonly logged: { level: string; event: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly #config: SimulatedConfig;
  readonly #core: { value: Core | null } = { value: null };
  /** Added to the machine's clock. */
  skew = 0;

  private constructor(directory: string, state: State, driver: D, config: SimulatedConfig) {
    this.#config = config;
    this.directory = directory;
    this.state = state;
    this.driver = driver;
  }

  /** @param quick the host is looked at every 20 ms instead of every 1.2 s @param driver default: one of that configuration */
  static async open(config: SimulatedConfig = {}, quick = false, driver?: SimulatedDriver): Promise<AgentLab> {
    const all = { speed: null, ...config };
    const { directory, state } = await newState();
    return AgentLab.#start(directory, state, all, driver ?? simulatedDriver(all), quick);
  }

  /** Over another hypervisor, which stays the caller's to close. */
  static async over<D extends Driver>(driver: D): Promise<AgentLab<D>> {
    const { directory, state } = await newState();
    return AgentLab.#start(directory, state, {}, driver);
  }

  static async #start<D extends Driver>(
    directory: string,
    state: State,
    config: SimulatedConfig,
    driver: D,
    quick = false
  ): Promise<AgentLab<D>> {
    const lab = new AgentLab(directory, state, driver, config);
    const provider = nodeProvider();
    const { publicKey } = await hostKey(state, provider);
    const log: Log = (level, event, fields = {}) => void lab.logged.push({ level, event, fields });
    const { config: of, tls, pin } = state;
    const shared = { directory, config: of, tls, pin, hostKey: publicKey, provider, driver, log };
    lab.#core.value = await openCore({
      ...shared,
      links: () => lab.links,
      now: () => lab.now(),
      ...(quick ? QUICK : {})
    });
    return lab;
  }

  get core(): Core {
    if (this.#core.value === null) throw new Error('the lab is not open yet');
    return this.#core.value;
  }

  now(): number {
    return Date.now() + this.skew;
  }

  /** A link of an operator with that role. */
  async as(role: Role, operator: OperatorKey = newOperator()): Promise<MemoryLink> {
    await this.core.operators.enrol(operator, `the ${role}`, role, millis(Date.now()));
    return this.link(operator);
  }

  link(operator: OperatorKey, codeId: string | null = null): MemoryLink {
    const link = new MemoryLink(this, operator, codeId);
    this.links.add(link);
    return link;
  }

  /** The operator hangs up. */
  hangUp(link: MemoryLink): void {
    this.links.delete(link);
    link.lose(new Fault('link-ended', { what: 'the link', by: 'the operator' }));
    this.core.receiver.onClosed(link);
  }

  /** A file of the state directory. */
  text(name: string): Promise<string> {
    return readFile(join(this.directory, name), 'utf8');
  }

  async vm(index = 0): Promise<Vm> {
    const vm = (await this.driver.list())[index];
    if (vm === undefined) throw new Error(`there is no VM ${index}`);
    return vm;
  }

  /** An agent on this directory with `journal` as all that was written of it, and a hypervisor that starts anew. */
  async crashed(journal: Uint8Array): Promise<AgentLab> {
    const copy = await scratch();
    await cp(this.directory, copy, { recursive: true });
    await writeFile(join(copy, 'journal.jsonl'), journal);
    return AgentLab.#start(copy, { ...this.state, directory: copy }, this.#config, simulatedDriver(this.#config));
  }

  /** As if the process had been killed at this instant: a new agent on what is on disk now, and on the same hypervisor. */
  async afterKill(driver: D = this.driver): Promise<AgentLab<D>> {
    const copy = await scratch();
    await cp(this.directory, copy, { recursive: true });
    return AgentLab.#start(copy, { ...this.state, directory: copy }, this.#config, driver);
  }

  async close(): Promise<void> {
    await this.core.stop(0);
    await rm(this.directory, { recursive: true, force: true });
  }
}
