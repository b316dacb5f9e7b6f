// The create form as it is typed: texts and choices, read into one CreateVm per name with a problem per field.
import { expandNames } from '#lib/app/create/name-pattern.ts';
import { nameProblem } from '#lib/app/jobs/name-check.ts';
import { readTags } from '#lib/app/bulk/tag-change.ts';
import { createProblems, freeMemory, type CreateProblems, type CreateVm } from '#lib/app/jobs/create-vm.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Host, Image } from '#lib/model/fleet.ts';
import type { WantedVm } from '#lib/plan/fleet/survey.ts';
import { bytesToMib, mib, vcpus, type Mib, type Vcpus } from '#lib/model/units.ts';
import { formatMib, parseSize, printSize } from '../format.ts';

export type Draft = {
  /** A name, or a pattern of names: `web-{01..12}`. */
  name: string;
  /** Separated by commas. */
  tags: string;
  protected: boolean;
  /** It starts with its host. */
  autostart: boolean;
  userData: string;
  /** One a line. */
  sshKeys: string;
  description: string;
  image: string;
  vcpus: string;
  vcpusMax: string;
  memory: string;
  memoryMax: string;
  disks: { id: number; pool: string; size: string }[];
  nics: { id: number; network: string }[];
  start: boolean;
};

/** A modest VM that fits the host, on its first network, with room to grow while it runs. */
export function freshDraft(host: Host | null): Draft {
  const free = host === null ? null : freeMemory(host);
  const memory = free !== null && free < 1024 ? 128 : 256;
  const network = host?.networks[0];
  return {
    name: '',
    tags: '',
    protected: false,
    autostart: false,
    userData: '',
    sshKeys: '',
    description: '',
    image: host?.images[0]?.name ?? '',
    // Two, because an emulated guest cannot be given a second one while it runs.
    vcpus: '2',
    vcpusMax: '4',
    memory: printSize(mib(memory)),
    memoryMax: printSize(mib(memory * 4)),
    disks: [],
    nics: network ? [{ id: 1, network: network.name }] : [],
    start: true
  };
}

const readVcpus = (text: string): Vcpus | null => {
  const n = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return n >= 1 && n <= 4096 ? vcpus(n) : null;
};

/** `inputs`: one per name, standing for what could be read; to be sent only while `problems` are none. */
export function readDraft(
  m: Messages,
  host: Host,
  draft: Draft
): { readonly inputs: readonly CreateVm[]; readonly problems: CreateProblems } {
  const { names, problem: pattern } = expandNames(draft.name);
  const { sizeWanted, countWanted } = m.create.problem;
  const read = {
    vcpus: readVcpus(draft.vcpus),
    vcpusMax: readVcpus(draft.vcpusMax),
    memory: parseSize(draft.memory),
    memoryMax: parseSize(draft.memoryMax)
  };
  const sizes = draft.disks.map((disk) => parseSize(disk.size));
  const input: CreateVm = {
    name: names[0] ?? draft.name,
    description: draft.description,
    image: draft.image,
    vcpus: read.vcpus ?? vcpus(1),
    vcpusMax: read.vcpusMax ?? vcpus(4096),
    memory: read.memory ?? mib(16),
    memoryMax: read.memoryMax ?? mib(2 ** 33 - 1),
    disks: draft.disks.map(({ pool }, at) => ({ pool, capacity: sizes[at] ?? mib(1) })),
    nics: draft.nics.map(({ network }) => ({ network })),
    start: draft.start,
    tags: readTags(draft.tags),
    protected: draft.protected,
    autostart: draft.autostart,
    userData: draft.userData,
    sshKeys: draft.sshKeys.split('\n').flatMap((line) => line.trim() || [])
  };
  const found = createProblems(m, host, input);
  const several = manyProblems(m, host, input, names);
  return {
    inputs: names.length < 2 ? [input] : names.map((name) => ({ ...input, name })),
    problems: {
      ...found,
      ...several,
      ...(pattern === null || draft.name === '' ? {} : { name: m.create.pattern[pattern.kind](pattern.text) }),
      ...(read.vcpus === null ? { vcpus: countWanted } : {}),
      ...(read.vcpusMax === null ? { vcpusMax: countWanted } : {}),
      ...(read.memory === null ? { memory: sizeWanted } : {}),
      ...(read.memoryMax === null ? { memoryMax: sizeWanted } : {}),
      disks: found.disks.map((problem, at) => (sizes[at] === null ? sizeWanted : problem))
    }
  };
}

/** What is wrong with making several at once, beyond what is wrong with the first. */
function manyProblems(
  m: Messages,
  host: Host,
  input: CreateVm,
  names: readonly string[]
): Partial<Pick<CreateProblems, 'name' | 'memory'>> {
  const taken = [...host.vms.values()].map((vm) => vm.name);
  const name = names.map((each) => nameProblem(m, each, taken)).find((problem) => problem !== null);
  const free = freeMemory(host);
  const all = input.memory * names.length;
  return {
    ...(name === undefined ? {} : { name }),
    ...(names.length > 1 && input.start && free !== null && all > free
      ? { memory: m.create.problem.manyNeed(names.length, formatMib(mib(all)), formatMib(free)) }
      : {})
  };
}

/** VMs of a draft that go to one host. */
export type Assigned = { readonly host: Host; readonly inputs: readonly CreateVm[] };

/** As `readDraft`, for VMs that go to several hosts: each is held against its own. */
export function readAssigned(
  m: Messages,
  groups: readonly { readonly host: Host; readonly names: readonly string[] }[],
  draft: Draft
): { readonly assigned: readonly Assigned[]; readonly problems: CreateProblems } {
  const read = groups.map(({ host, names }) => ({
    host,
    ...readDraft(m, host, { ...draft, name: patternOf(names) })
  }));
  return {
    assigned: read.map(({ host, inputs }) => ({ host, inputs })),
    problems: {
      ...read.reduce<Partial<CreateProblems>>((all, { problems }) => ({ ...all, ...problems }), {}),
      disks: draft.disks.map((_, at) => read.find(({ problems }) => problems.disks[at])?.problems.disks[at] ?? null)
    }
  };
}

/** One name as it is, of several the pattern that stands for them. */
export const patternOf = (names: readonly string[]): string =>
  names.length === 1 ? (names[0] ?? '') : `{${names.join(',')}}`;

/** What a draft asks a scheduler for, one per name; null while its sizes cannot be read. */
export function wantedOf(draft: Draft, images: readonly Image[]): readonly WantedVm[] | null {
  const [cpus, memory] = [readVcpus(draft.vcpus), parseSize(draft.memory)];
  const sizes = draft.disks.map(({ size }) => parseSize(size));
  if (cpus === null || memory === null || sizes.includes(null)) return null;
  const image = images.find(({ name }) => name === draft.image);
  const copied = image?.kind === 'disk' && image.size !== null ? bytesToMib(image.size) : 0;
  const { names } = expandNames(draft.name);
  return (names.length === 0 ? [draft.name] : names).map((name) => ({
    name,
    vcpus: cpus,
    memory,
    disk: sizes.reduce<number>((sum, size) => sum + (size ?? 0), copied),
    image: draft.image === '' ? null : draft.image,
    networks: [...new Set(draft.nics.map(({ network }) => network))],
    pools: [...new Set(draft.disks.map(({ pool }) => pool))],
    tags: readTags(draft.tags)
  }));
}

/** The draft for another host: what that does not offer is chosen anew, all else stays. */
export function onHost(draft: Draft, host: Host): Draft {
  const fresh = freshDraft(host);
  const has = (list: readonly { readonly name: string }[], wanted: string): boolean =>
    list.some(({ name }) => name === wanted);
  return {
    ...draft,
    image: has(host.images, draft.image) ? draft.image : fresh.image,
    nics: draft.nics.every(({ network }) => has(host.networks, network)) ? draft.nics : fresh.nics,
    disks: draft.disks.map((disk) => ({
      ...disk,
      pool: has(host.pools, disk.pool) ? disk.pool : (host.pools[0]?.name ?? '')
    }))
  };
}

/** A host that offers what any of them does: for the form of a VM whose host a scheduler finds. */
export function offerOfAll(host: Host, hosts: readonly Host[]): Host {
  const all = <Item extends { readonly name: string }>(list: (one: Host) => readonly Item[]): readonly Item[] => [
    ...new Map([...hosts.flatMap(list), ...list(host)].map((item) => [item.name, item])).values()
  ];
  return {
    ...host,
    images: all(({ images }) => images),
    networks: all(({ networks }) => networks),
    pools: all(({ pools }) => pools)
  };
}

/** All problems in the order of the form. */
export function listProblems({ common, create, tasks }: Messages, { disks, ...fields }: CreateProblems): string[] {
  const names: Readonly<Record<keyof typeof fields, string>> = {
    name: common.name,
    description: common.description,
    tags: create.tags,
    image: create.startsFrom,
    vcpus: common.vcpus,
    vcpusMax: create.vcpusMax,
    memory: common.memory,
    memoryMax: create.memoryMax,
    userData: create.userDataTitle,
    sshKeys: create.sshKeysTitle
  };
  return [
    ...Object.entries(fields).map(([field, problem]) => tasks.titled(names[field as keyof typeof names], problem)),
    ...disks.flatMap((problem, at) => (problem === null ? [] : [tasks.titled(create.disk(at + 1), problem)]))
  ];
}

/** Only for showing: how much memory the host would have left. */
export const memoryLeft = (host: Host, memory: Mib): Mib | null => {
  const free = freeMemory(host);
  return free === null ? null : (Math.max(0, free - memory) as Mib);
};
