// What domains there are, read cheaply: list and figures in one go, and the XML again only of those that changed or
// have not been looked at for a while. One domain that cannot be understood never hides the others.
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmState } from '../../../src/lib/model/fleet.ts';
import { UUID } from '../../../src/lib/model/ids.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { SAVED } from '../saved.ts';
import {
  AUTOSTART_LIST,
  column,
  DOMSTATS,
  figure,
  idsIn,
  isSaved,
  MEMSTATS,
  parseDomstats,
  SAVED_LIST,
  STATESTATS,
  stateOf,
  VMSTATS,
  withSaved
} from './domstats.ts';
import type { Figures } from './domstats.ts';
import { parseDomain } from './domain-xml.ts';
import type { DomainXml } from './domain-xml.ts';
import { askAll } from './poll.ts';
import type { Poll } from './poll.ts';
import { refuse } from './refusal.ts';
import { isXen } from './uri.ts';
import type { Virsh } from './virsh.ts';
import { looksAt, parseLook } from './xen-figures.ts';

export type Domain = {
  readonly id: VmId;
  readonly name: string;
  readonly state: VmState;
  readonly figures: Figures | null;
  /** It starts with its host. */
  readonly autostart: boolean;
  /** The configuration it runs with; null when it does not run. */
  readonly live: DomainXml | null;
  /** The configuration of the next boot; null for a transient domain. */
  readonly inactive: DomainXml | null;
  /** Both as libvirt printed them, the one it runs with first; empty where there is none. */
  readonly texts: readonly [string, string];
};

type Known = {
  readonly signature: string;
  readonly readAt: number;
  readonly texts: readonly [string, string];
  readonly live: DomainXml | null;
  readonly inactive: DomainXml | null;
};

/**
 * What raises no event is found within `after` ms: what changed only in a configuration on disk, and on Xen every change of
 * devices and vCPUs. At most so many are read `atOnce`, so that no single poll is much dearer than the others.
 */
const REREAD = { domstats: { after: 10_000, atOnce: 4 }, xen: { after: 4_000, atOnce: 8 } };
/** Figures this young serve the next caller too. */
const FRESH = 400;
/** Where every figure of every domain is a question (Xen), looking at all of them takes at most this part of the time. */
const SHARE = 1 / 8;

export class Domains {
  readonly #virsh: Virsh;
  readonly #known = new Map<VmId, Known>();
  readonly #recent = new Map<VmId, { readonly at: number; readonly domain: Domain }>();
  #ids: ReadonlyMap<string, VmId> = new Map();
  #poll: Promise<Poll> | null = null;
  #zero: VmId | null = null;
  /**
   * Those that a move is under way with. libvirt's Xen driver lets whoever asks for their memory, disks or interfaces wait for its end
   * half a minute (`LIBXL_JOB_WAIT_TIME`), and everybody behind them: of these only their state is asked for.
   */
  readonly quiet = new Set<VmId>();
  /** False where libvirt has no domstats: its Xen driver. */
  readonly #domstats: boolean;

  constructor(virsh: Virsh) {
    this.#virsh = virsh;
    this.#domstats = !isXen(virsh.uri);
  }

  /** Xen's domain 0, which is the host itself: it is no VM, and nobody is shown it or lets anything happen to it. */
  async zero(): Promise<VmId | null> {
    if (this.#domstats) return null;
    if (this.#zero === null) {
      const [text = ''] = await this.#virsh.read(['domuuid 0']);
      const id = text.trim();
      if (UUID.test(id)) this.#zero = id as VmId;
    }
    return this.#zero;
  }

  /** All domains, sorted by id. */
  async all(): Promise<readonly Domain[]> {
    const poll = await this.poll();
    for (const id of this.#known.keys()) if (!poll.names.has(id)) this.#known.delete(id);
    const changed = [...poll.names].flatMap(([id, name]) =>
      this.#known.get(id)?.signature === signatureOf(name, poll.figures.get(name) ?? null) ? [] : id
    );
    if (changed.length > 0) this.#readAll(changed, poll, await this.#virsh.read(changed.flatMap(dumps)));
    return [...poll.names]
      .map(([id, name]) => this.#domain(id, name, poll.figures.get(name) ?? null, poll.autostart.has(id)))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The domain as it is now; null when there is none. */
  async get(id: VmId): Promise<Domain | null> {
    const at = Date.now();
    let domain = await this.#read(id, VMSTATS);
    if (domain === null) return null;
    // Then its figures are all that is known of it.
    if (domain.live === null && domain.inactive === null) domain = { ...domain, figures: await this.#all(id) };
    this.#recent.set(id, { at, domain });
    return domain;
  }

  async #read(id: VmId, group: string): Promise<Domain | null> {
    if (id === (await this.zero())) return null;
    const asked = this.#domstats ? [`${group} ${id}`] : this.#named(id);
    const answers = await this.#virsh.read([...asked, ...dumps(id), AUTOSTART_LIST]);
    const [live = '', inactive = '', autostart = ''] = answers.slice(asked.length);
    const [told = null] = this.#domstats ? parseDomstats(answers[0] ?? '') : [namedOf(answers)];
    const found = told ?? (this.#domstats ? await this.#silent(id) : null);
    if (found === null) {
      this.forget(id);
      return null;
    }
    const [name] = found;
    const figures = await this.#savedOrNot(id, found[1]);
    this.#keep(id, name, figures, [live, inactive], Date.now());
    return this.#domain(id, name, figures, idsIn(autostart).has(id));
  }

  /** Of one that does not run, whether its memory is kept is among them. */
  async #savedOrNot(id: VmId, figures: Figures | null): Promise<Figures | null> {
    if (stateOf(figure(figures, 'state.state'), null) !== 'off') return figures;
    const [saved = ''] = await this.#virsh.read([SAVED_LIST]);
    return idsIn(saved).has(id) ? withSaved(figures) : figures;
  }

  /** Only the figures of its state and its memory, for asking often; null when there is none. */
  async memory(id: VmId): Promise<Figures | null> {
    const [stats = ''] = this.#domstats ? await this.#virsh.read([`${MEMSTATS} ${id}`]) : [];
    const [found = await this.#silent(id)] = parseDomstats(stats);
    return found?.[1] ?? null;
  }

  /** Only the configuration it runs with; null when it does not run. */
  async live(id: VmId): Promise<DomainXml | null> {
    const [text = ''] = await this.#virsh.read([`dumpxml ${id}`]);
    return this.#liveOf(id, text);
  }

  /** Changes its devices; what it runs with after that, null when it does not run. @throws as `Virsh.changeAndRead` */
  async changeDevices(id: VmId, args: readonly string[], device: string): Promise<DomainXml | null> {
    const [text = ''] = await this.#virsh.changeAndRead(args, [`dumpxml ${id}`], device);
    return this.#liveOf(id, text);
  }

  async #liveOf(id: VmId, text: string): Promise<DomainXml | null> {
    const domain = parsed(text);
    // What is not there may not be there, or may not have been printed.
    if (domain === null) return (await this.get(id))?.live ?? null;
    return domain.run === null ? null : domain;
  }

  async #all(id: VmId): Promise<Figures | null> {
    const [stats = ''] = await this.#virsh.read([`${DOMSTATS} ${id}`]);
    const [found] = parseDomstats(stats).values();
    return found ?? (await this.#silent(id))?.[1] ?? null;
  }

  /** Name and figures of a domain that domstats says nothing of; null when there is none. */
  async #silent(id: VmId): Promise<readonly [string, Figures | null] | null> {
    return namedOf(await this.#virsh.read(this.#named(id)));
  }

  #named(id: VmId): readonly string[] {
    return [`domname ${id}`, ...looksAt(id, !this.quiet.has(id))];
  }

  /** The domain as it was a moment ago at most, or a refusal: for the beginning of a change. */
  async demand(id: VmId): Promise<Domain> {
    return this.#fresh(id) ?? (await this.get(id)) ?? refuse('not-found', { kind: 'VM', id });
  }

  /** The same of one whose configuration is about to change: no saved VM takes that. */
  async demandUnsaved(id: VmId): Promise<Domain> {
    return unsaved(await this.demand(id));
  }

  /** The same without the figures of its memory and disks, where a change of its devices needs none. */
  async demandDevices(id: VmId): Promise<Domain> {
    return unsaved(this.#fresh(id) ?? (await this.#read(id, STATESTATS)) ?? refuse('not-found', { kind: 'VM', id }));
  }

  #fresh(id: VmId): Domain | null {
    const recent = this.#recent.get(id);
    return recent !== undefined && Date.now() - recent.at <= FRESH ? recent.domain : null;
  }

  /** Names and figures, at most `maxAge` ms old. */
  async poll(maxAge = FRESH): Promise<Poll> {
    const last = this.#poll;
    if (last !== null && maxAge > 0) {
      const poll = await last.catch(() => null);
      const enough = poll === null || this.#domstats ? 0 : poll.took / SHARE;
      if (poll !== null && Date.now() - poll.at <= Math.max(maxAge, enough)) return poll;
    }
    if (this.#poll === last || maxAge === 0) this.#poll = this.#ask();
    return this.#poll ?? this.#ask();
  }

  /** It is read anew at the next look. */
  forget(id: VmId | null): void {
    this.#poll = null;
    if (id === null) {
      this.#zero = null;
      this.#known.clear();
      this.#recent.clear();
    } else {
      this.#known.delete(id);
      this.#recent.delete(id);
    }
  }

  /** The configuration it was last seen to run with, as libvirt printed it; '' when it was not. */
  textOf(id: VmId): string {
    const known = this.#known.get(id);
    return known === undefined || known.live === null ? '' : known.texts[0];
  }

  /** The VM of this name as last seen. */
  idOf(name: string): VmId | null {
    return this.#ids.get(name) ?? null;
  }

  async #ask(): Promise<Poll> {
    const at = Date.now();
    const { after, atOnce } = REREAD[this.#domstats ? 'domstats' : 'xen'];
    const aged = [...this.#known]
      .filter(([, { readAt }]) => at - readAt > after)
      .sort(([, a], [, b]) => a.readAt - b.readAt)
      .slice(0, atOnce)
      .map(([id]) => id);
    const zero = await this.zero();
    const { poll, rest } = await askAll(
      this.#virsh,
      this.#domstats,
      { but: zero, quiet: this.quiet },
      aged.flatMap(dumps)
    );
    this.#ids = new Map([...poll.names].map(([id, name]) => [name, id]));
    this.#readAll(aged, poll, rest);
    return poll;
  }

  #readAll(ids: readonly VmId[], poll: Poll, texts: readonly string[]): void {
    for (const [index, id] of ids.entries()) {
      const name = poll.names.get(id);
      if (name === undefined) continue;
      const pair = [texts[2 * index] ?? '', texts[2 * index + 1] ?? ''] as const;
      this.#keep(id, name, poll.figures.get(name) ?? null, pair, poll.at);
    }
  }

  #keep(id: VmId, name: string, figures: Figures | null, texts: readonly [string, string], readAt: number): void {
    const before = this.#known.get(id);
    const running = isActive(figures);
    const same = before?.texts[0] === texts[0] && before.texts[1] === texts[1] && (before.live !== null) === running;
    this.#known.set(id, {
      signature: signatureOf(name, figures),
      readAt,
      texts,
      live: same ? before.live : running ? parsed(texts[0]) : null,
      inactive: same ? before.inactive : parsed(texts[1])
    });
  }

  #domain(id: VmId, name: string, figures: Figures | null, autostart: boolean): Domain {
    const known = this.#known.get(id);
    return {
      id,
      name,
      figures,
      autostart,
      state: stateOf(figure(figures, 'state.state'), figure(figures, 'state.reason'), isSaved(figures)),
      live: known?.live ?? null,
      inactive: known?.inactive ?? null,
      texts: known?.texts ?? ['', '']
    };
  }
}

function namedOf([name = '', ...look]: readonly string[]): readonly [string, Figures | null] | null {
  return name.trim() === '' ? null : [name.replace(/\n+$/, ''), parseLook(look, Date.now())];
}

const dumps = (id: VmId): [string, string] => [`dumpxml ${id}`, `dumpxml --inactive ${id}`];

const isActive = (figures: Figures | null): boolean => {
  const state = figure(figures, 'state.state');
  return state !== null && state !== 5;
};

function parsed(text: string): DomainXml | null {
  if (text.trim() === '') return null;
  try {
    return parseDomain(text);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** What shows in the figures when a running domain was changed. */
function signatureOf(name: string, figures: Figures | null): string {
  const keys = [
    'state.state',
    'state.reason',
    'vcpu.current',
    'vcpu.online',
    'vcpu.maximum',
    'balloon.current',
    'balloon.maximum'
  ];
  return JSON.stringify([
    name,
    ...keys.map((key) => figures?.get(key) ?? null),
    ...(['name', 'path', 'capacity'] as const).map((key) => column(figures, 'block', key)),
    column(figures, 'net', 'name')
  ]);
}

function unsaved(domain: Domain): Domain {
  if (domain.state === 'saved') refuse('wrong-state', SAVED);
  return domain;
}
