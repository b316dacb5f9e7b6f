// Which domains there are and what they do: one question where libvirt has domstats, else a few for each domain.
import { UUID } from '../../../src/lib/model/ids.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { AUTOSTART_LIST, DOMSTATS, idsIn, parseDomstats, SAVED_LIST, withSaved } from './domstats.ts';
import type { Figures } from './domstats.ts';
import type { Virsh } from './virsh.ts';
import { looksAt, parseLook } from './xen-figures.ts';
import { runKey } from './xl.ts';
import type { Managed } from './xl.ts';

export type Poll = {
  readonly at: number;
  readonly names: ReadonlyMap<VmId, string>;
  /** By name, as domstats has them. */
  readonly figures: ReadonlyMap<string, Figures>;
  /** Those that start with their host. */
  readonly autostart: ReadonlySet<string>;
  /** ms it took to find out. */
  readonly took: number;
};

/** @param only `but` is not listed; of those that are `quiet` only the state is asked for @param rest more to be read in the same go: its answers come back */
export async function askAll(
  virsh: Virsh,
  domstats: boolean,
  { but, quiet }: { readonly but: VmId | null; readonly quiet: ReadonlySet<VmId> },
  rest: readonly string[]
): Promise<{ readonly poll: Poll; readonly rest: readonly string[] }> {
  const at = Date.now();
  const asked = [
    SAVED_LIST,
    AUTOSTART_LIST,
    ...(domstats ? ['list --all --uuid --name', DOMSTATS] : ['list --all --uuid --name --id'])
  ];
  const [saved = '', started = '', ...answers] = await virsh.read([...asked, ...rest]);
  const names = new Map<VmId, string>();
  const active = new Set<VmId>();
  for (const { id, run, name } of listed(answers[0] ?? '', !domstats)) {
    if (id === but) continue;
    names.set(id, name);
    if (run !== '-' && !quiet.has(id)) active.add(id);
  }
  const found = domstats ? parseDomstats(answers[1] ?? '') : new Map<string, Figures>();
  const figures = new Map(await completed(virsh, names, active, found));
  const known = idsIn(saved);
  for (const [id, name] of names) {
    if (known.has(id)) figures.set(name, withSaved(figures.get(name) ?? null));
  }
  const poll = { at, names, figures, autostart: idsIn(started), took: Date.now() - at };
  return { poll, rest: answers.slice(asked.length - 2) };
}

type Listed = { readonly id: VmId; readonly run: string | null; readonly name: string };

/** Lines of `list --uuid --name`, between which `--id` puts the number of the run, `-` where there is none. */
export function listed(text: string, withRun: boolean): readonly Listed[] {
  return text.split('\n').flatMap((line) => {
    const [id, rest] = [line.slice(0, 36), line.slice(36).trim()];
    if (!UUID.test(id)) return [];
    const [, run = null, name = rest] = (withRun ? /^(\d+|-) +(.*)$/.exec(rest) : null) ?? [];
    return { id: id as VmId, run, name };
  });
}

/** Runs of domains that libvirt has, and all it knows, as of now. */
export async function managed(virsh: Virsh): Promise<Managed> {
  const [text = ''] = await virsh.read(['list --all --uuid --name --id']);
  const all = listed(text, true);
  return {
    runs: new Set(all.flatMap(({ id, run }) => (run === null ? [] : runKey(id, run)))),
    ids: new Set(all.map(({ id }) => id))
  };
}

/** With what can be had otherwise of domains that domstats says nothing of. */
async function completed(
  virsh: Virsh,
  names: ReadonlyMap<VmId, string>,
  active: ReadonlySet<VmId>,
  figures: ReadonlyMap<string, Figures>
): Promise<ReadonlyMap<string, Figures>> {
  const silent = [...names].filter(([, name]) => !figures.has(name));
  if (silent.length === 0) return figures;
  const asked = silent.map(([id]) => looksAt(id, active.has(id)));
  const answers = await virsh.read(asked.flat());
  const all = new Map(figures);
  let from = 0;
  for (const [index, [, name]] of silent.entries()) {
    const known = parseLook(answers.slice(from, (from += asked[index]?.length ?? 0)), Date.now());
    if (known !== null) all.set(name, known);
  }
  return all;
}
