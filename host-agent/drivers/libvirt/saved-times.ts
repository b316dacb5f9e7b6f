// Since when a VM is saved, and where. libvirt says neither: on its own machine the file it keeps does, elsewhere only what this agent
// has seen itself.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Domain } from './domains.ts';
import { isLocal, isXen } from './uri.ts';

type Named = Pick<Domain, 'id' | 'name' | 'state'>;

export class SavedTimes {
  /** Null where it is not known. */
  readonly directory: string | null;
  readonly #known = new Map<VmId, number>();

  constructor(uri: string) {
    this.directory = directoryOf(uri);
  }

  /** It was saved just now. */
  note(id: VmId): void {
    this.#known.set(id, Date.now());
  }

  async look(domains: readonly Named[]): Promise<void> {
    for (const { id, name, state } of domains) {
      if (state !== 'saved') this.#known.delete(id);
      else {
        const written = await this.#writtenAt(name);
        if (written !== null) this.#known.set(id, written);
      }
    }
  }

  /** Whether its file is there; null where that cannot be known. */
  async isKept({ name }: Named): Promise<boolean | null> {
    if (this.directory === null) return null;
    try {
      await stat(join(this.directory, `${name}.save`));
      return true;
    } catch (error) {
      // It may be root's alone.
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? false : null;
    }
  }

  async #writtenAt(name: string): Promise<number | null> {
    if (this.directory === null) return null;
    const file = await stat(join(this.directory, `${name}.save`)).catch(() => null);
    return file === null ? null : Math.round(file.mtimeMs);
  }

  /** ms since the epoch; null for one that is not saved, or nobody knows. */
  of({ id, state }: Named): number | null {
    return state === 'saved' ? (this.#known.get(id) ?? null) : null;
  }
}

/** Where libvirt keeps the memory of saved domains; null on another machine, and for a daemon with directories of its own. */
export function directoryOf(uri: string): string | null {
  if (!isLocal(uri) || uri.includes('?')) return null;
  if (isXen(uri)) return '/var/lib/libvirt/libxl/save';
  if (uri.endsWith('/system')) return '/var/lib/libvirt/qemu/save';
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'libvirt/qemu/save');
}
