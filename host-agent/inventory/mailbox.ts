// News for one watcher. What a slow link has not taken yet is merged, the latest of each thing winning: a mailbox never
// holds more than the host has VMs, whatever happens meanwhile.
import type {
  Activity,
  HostFacts,
  HostLoad,
  Image,
  JournalHead,
  Network,
  Pool,
  Progress,
  Vm,
  VmLoad
} from '../../src/lib/model/fleet.ts';
import type { CommandId, VmId } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import { emptyEvent } from '../../src/lib/protocol/codec.ts';
import type { Event } from '../../src/lib/protocol/schema.ts';

/** What is so now; what is absent has not changed. */
export type News = {
  readonly head?: JournalHead;
  readonly host?: HostFacts;
  readonly vms?: readonly Vm[];
  readonly removed?: readonly VmId[];
  readonly pools?: readonly Pool[];
  readonly networks?: readonly Network[];
  readonly images?: readonly Image[];
  readonly load?: HostLoad;
  readonly vmLoads?: readonly VmLoad[];
  readonly activities?: readonly Activity[];
  readonly progress?: readonly Progress[];
  /** What is wrong on the host; `''`: nothing any more. */
  readonly trouble?: string;
};

/** Of one kind in one event: far below the 4 MiB a message may have. */
const MAX_AT_ONCE = 500;
/** Loads are due after this much of their time: what is measured on the dot must not wait for the next measurement. */
const DUE = 0.9;

export class Mailbox {
  readonly #send: (event: Event) => Promise<void>;
  readonly #now: () => number;
  readonly #vms = new Map<VmId, Vm | null>(); // null: removed
  readonly #loads = new Map<VmId, VmLoad>();
  readonly #activities = new Map<number, Activity>();
  readonly #progress = new Map<CommandId, Progress>();
  #news: Omit<News, 'vms' | 'removed' | 'vmLoads' | 'activities' | 'progress'> = {};
  #loadEvery = 0;
  #loadAt = -Infinity;
  #sequence = 0;
  #held = true;
  #sending = false;
  #closed = false;

  /** @param send resolves when the link has room for the next event, rejects when it is gone */
  constructor(send: (event: Event) => Promise<void>, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** Adds news; it goes out at once, or with what the link is still busy with. */
  post(news: News): void {
    if (this.#closed) return;
    const { vms = [], removed = [], vmLoads = [], activities = [], progress = [], ...rest } = this.#paced(news);
    for (const id of removed) {
      this.#vms.set(id, null);
      this.#loads.delete(id);
    }
    for (const vm of vms) this.#vms.set(vm.id, vm);
    for (const load of vmLoads) this.#loads.set(load.vm, load);
    for (const activity of activities) {
      this.#activities.set(activity.number, activity);
      if (activity.status !== 'running') this.#progress.delete(activity.command);
    }
    for (const each of progress) this.#progress.set(each.command, each);
    // The oldest are the ones a client can best ask for later.
    for (const number of this.#activities.keys()) {
      if (this.#activities.size <= MAX_AT_ONCE) break;
      this.#activities.delete(number);
    }
    this.#news = { ...this.#news, ...rest };
    this.#flush();
  }

  /** From now on loads go out at most that often (ms), the next at once; 0: all of them. */
  pace(loadEvery: number): void {
    this.#loadEvery = loadEvery;
    this.#loadAt = -Infinity;
  }

  /** From now on news goes out: the reply with the inventory has gone before. */
  start(): void {
    this.#held = false;
    this.#flush();
  }

  /** Until the next `start` news is kept: a new inventory is about to be sent. */
  hold(): void {
    this.#held = true;
  }

  close(): void {
    this.#closed = true;
    this.#clear();
  }

  get #empty(): boolean {
    return (
      this.#vms.size === 0 &&
      this.#loads.size === 0 &&
      this.#activities.size === 0 &&
      this.#progress.size === 0 &&
      Object.keys(this.#news).length === 0
    );
  }

  #clear(): void {
    this.#vms.clear();
    this.#loads.clear();
    this.#activities.clear();
    this.#progress.clear();
    this.#news = {};
  }

  /** Without its loads while they are not due. A clock that was set back makes them due. */
  #paced(news: News): News {
    const { load, vmLoads, ...others } = news;
    if (load === undefined && vmLoads === undefined) return news;
    const now = this.#now();
    const since = now - this.#loadAt;
    if (since >= 0 && since < this.#loadEvery * DUE) return others;
    this.#loadAt = now;
    return news;
  }

  #flush(): void {
    if (this.#held || this.#sending || this.#closed || this.#empty) return;
    this.#sending = true;
    this.#send(this.#take()).then(
      () => {
        this.#sending = false;
        this.#flush();
      },
      () => {
        this.close();
      }
    );
  }

  #take(): Event {
    const { head, host, pools, networks, images, load, trouble } = this.#news;
    this.#news = {};
    const vms = takeSome(this.#vms);
    const event: Event = {
      ...emptyEvent(++this.#sequence, millis(Math.floor(this.#now()))),
      head: head === undefined ? null : { ...head, keptHash: null },
      host: host ?? null,
      vms: vms.flatMap(([, vm]) => (vm === null ? [] : [vm])),
      removed: vms.flatMap(([id, vm]) => (vm === null ? [{ id }] : [])),
      storage: pools === undefined ? null : { pools },
      networks: networks === undefined ? null : { networks },
      images: images === undefined ? null : { images },
      load: load ?? null,
      vmLoads: takeSome(this.#loads).map(([, each]) => each),
      activities: takeSome(this.#activities).map(([, activity]) => activity),
      progress: takeSome(this.#progress).map(([, each]) => each),
      trouble: trouble === undefined ? null : { reason: trouble }
    };
    return event;
  }
}

function takeSome<Key, Value>(map: Map<Key, Value>): [Key, Value][] {
  const some: [Key, Value][] = [];
  for (const entry of map) {
    if (some.length === MAX_AT_ONCE) break;
    some.push(entry);
    map.delete(entry[0]);
  }
  return some;
}
