// What moving a VM from host to host needs of a driver: the target makes room and lets it in, the source sends it. The bytes
// between the two hypervisors go through the agents; the driver only says where on its own host they come from and go to.
import type { Duplex } from 'node:stream';
import type { Fault, Outcome } from '../../src/lib/model/fault.ts';
import type { Witness } from '../../src/lib/model/fleet.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import type { Args } from '../../src/lib/protocol/schema.ts';
import type { Control } from './control.ts';

/** The hypervisors' talk and what a VM consists of; `talk` is the agents' own about it, `image` the content of a read-only disk. */
export const STREAMS = ['control', 'memory', 'disks', 'talk', 'image'] as const;
export type StreamKind = (typeof STREAMS)[number];

/** The VM somebody may bring. */
export type Visitor = { readonly id: VmId; readonly name: string };
/** The VM to come, as the operator's tab knows it from the host that has it. */
export type Coming = Args<'migration.prepare'>;
export type Made = { readonly pool: string; readonly volume: string };

export const OUTCOMES = ['arrived', 'arriving', 'absent'] as const;
/** `arriving`: it is here and must not run yet, for it may still run where it came from. */
export type ArrivalState = (typeof OUTCOMES)[number];

/** The way to the host that has prepared, for one VM. */
export interface Passage {
  /** For people: the host's id. */
  readonly to: string;
  /** Where the target's hypervisor has its sockets. */
  readonly sockets: string;
  /** @throws Fault `unreachable` */
  open(kind: StreamKind): Promise<Duplex>;
  /** What the target says has become of the VM. @throws Fault `unreachable` */
  look(): Promise<ArrivalState>;
  /** Whether the connection has ended, all its streams with it. */
  lost(): boolean;
}

export type DepartOptions = {
  /** MiB per second, for memory and each disk; null: as fast as it goes. */
  readonly bandwidth: number | null;
  /** A guest that writes faster than memory can be sent is slowed down until it does not. */
  readonly autoConverge: boolean;
  /** Milliseconds the VM may stand still at the end; null: the driver chooses. Xen's knows no such limit. */
  readonly downtime: number | null;
};

/** What must be known of a VM that leaves, however it ends. */
export type Leaving = {
  /** Whether it ran, rather than being paused. */
  readonly running: boolean;
  /** The volumes that go with it. */
  readonly volumes: readonly Made[];
  /** Whether it starts with its host. While it leaves it does not, for it may run elsewhere by then. */
  readonly autostart: boolean;
  /** For people: what of it stays where it is, for both hosts see it; null: nothing. */
  readonly stays: string | null;
};

/** Who has to know where a VM that leaves runs, and may be told by an operator. */
export type Watch = {
  /** Writes down what `settle` will need: called, and waited for, before anything begins. */
  readonly note: (leaving: Leaving) => Promise<void>;
  /** The target has all of it, and for seconds has not said whether it runs there: here it stands still. It may say so yet. */
  readonly unanswered: () => void;
  /** Aborted once an operator has said where it runs: the target is waited for no more, and `depart` ends with a fault. */
  readonly decided: AbortSignal;
};

/** `still`: it is here and does not run. `changing`: the hypervisor has not decided yet. */
export type Remains = 'running' | 'still' | 'gone' | 'changing';

/** Why VMs move neither to nor from a host. */
export type Unmoved = {
  readonly reason: string;
  /** What can be done instead; empty: nothing. */
  readonly instead: string;
};

export type NoteMade = (made: readonly Made[]) => Promise<void>;

export interface Migration {
  /** What the hypervisor calls the directory of its migration sockets: the same on both hosts. */
  readonly sockets: string;
  /** Whose word it is that a VM has left. */
  readonly witness: Witness;
  /**
   * Refused with the reason, or the volumes that were made for it. The VM is hidden from `list` and `get` until it has arrived.
   * @param note writes down what will be made: called once, and waited for, before anything of it is there for good
   */
  prepare(vm: Coming, note: NoteMade): Promise<Outcome<readonly Made[]>>;
  /** Where the bytes of such a stream belong. It may end at once, when nothing listens there (yet). */
  connect(vm: VmId, kind: StreamKind): Duplex;
  look(vm: VmId): Promise<ArrivalState>;
  /** Whether the host starts the VM when it boots: at the source before it leaves and when it stays, at the target once it has arrived. @throws Fault */
  setAutostart(vm: VmId, on: boolean): Promise<void>;
  /** No longer hidden: it is here for good. */
  welcome(vm: VmId): void;
  /** Ends what is `arriving` and removes `made`; nothing of a VM that has arrived. */
  release(vm: VmId, made: readonly Made[]): Promise<ArrivalState>;
  /** Ends and removes it with `made`, though it may run: where it came from it goes on by the word of an operator. Null: that cannot be done. @throws Fault */
  readonly evict: ((vm: VmId, made: readonly Made[]) => Promise<void>) | null;
  /**
   * Sends it. Refused or thrown: nothing has begun, it is here as it was; but what is `UNCERTAIN` and thrown after `note` counts as an
   * answered fault. Null: it has left, and `settle` removes what is left here. A fault: it ended badly, and whether it has left has to
   * be found out.
   */
  depart(
    vm: VmId,
    passage: Passage,
    options: DepartOptions,
    control: Control,
    watch: Watch
  ): Promise<Outcome<Fault | null>>;
  /** What stands here of a VM whose departure nobody saw the end of. @throws Fault when the hypervisor cannot be asked */
  remains(vm: VmId): Promise<Remains>;
  /**
   * What the target has decided. `arrived`: nothing of it stays here. `absent`: it goes on here as it was. May be called again.
   * @returns what could not be done, as a note
   */
  settle(vm: VmId, leaving: Leaving, there: 'arrived' | 'absent'): Promise<string | null>;
}
