// That a VM came here, or did not, in this host's journal: an entry of its own, for the command that made room for it had ended long
// before. It is in the name of the operator who had that done, and of the op `migration.arrive`, which nobody can send.
import { createHash, randomUUID } from 'node:crypto';
import { Fault } from '../../src/lib/model/fault.ts';
import { commandId } from '../../src/lib/model/ids.ts';
import type { CommandId, OperatorKey, VmId } from '../../src/lib/model/ids.ts';
import type { Ending, Started } from '../journal/line.ts';
import type { Entry, Journal } from '../journal/journal.ts';
import { clip } from '../journal/summary.ts';

/** Who has had room made. */
export type By = { readonly operator: OperatorKey; readonly label: string };
/** `stays`: an operator has said so. `unused`: nobody came with the permit. */
export type Came = 'arrived' | 'absent' | 'stays' | 'unused';

const OP = 'migration.arrive';
const LINE = 512;
const NOTHING = 'nothing of it is here';

export class ArrivalRecord {
  readonly #journal: Journal;
  readonly #now: () => number;
  /** Tells all watchers of an entry; until there can be any: nobody. */
  tell: (entry: Entry) => void = () => undefined;

  constructor(journal: Journal, now: () => number) {
    this.#journal = journal;
    this.#now = now;
  }

  /** The VM is about to come. Resolves with what the entry is called once it is on disk. @throws Fault `internal`, `no-space` */
  async begin(vm: VmId, name: string, by: By): Promise<CommandId> {
    const id = commandId(randomUUID());
    const started: Started = {
      kind: 'started',
      id,
      ...by,
      op: OP,
      vm,
      digest: createHash('sha256').update(`${OP} ${id}`).digest('hex'),
      summary: clip(`Take in ${name}`, LINE),
      note: null
    };
    const number = await this.#journal.begin(started);
    this.tell({ number, at: this.#now(), started, ended: null });
    return id;
  }

  /** What came of it; what is known already stands. @throws as `begin` */
  async end(id: CommandId, came: Came): Promise<void> {
    const entry = await this.#journal.find(id);
    if (entry === null || entry.ended !== null) return;
    const ending = endingOf(came);
    await this.#journal.finish(id, entry.number, ending);
    this.tell({ ...entry, ended: { kind: 'ended', of: entry.number, ...ending, at: this.#now() } });
  }
}

function endingOf(came: Came): Ending {
  const nothing = { effects: [], code: null };
  const broke = (by: string): Ending => ({
    ...nothing,
    status: 'failed',
    fault: new Fault('move-interrupted', { by, left: NOTHING })
  });
  switch (came) {
    case 'arrived': {
      const effect = {
        resource: 'existence',
        asked: 'here',
        seen: 'here',
        by: 'hypervisor',
        when: 'now',
        note: null
      } as const;
      return { ...nothing, status: 'done', fault: null, effects: [effect] };
    }
    case 'absent':
      return broke('not all of it came');
    case 'stays':
      return broke('an operator had it go on where it was');
    case 'unused':
      return broke('nobody came with the permit');
  }
}
