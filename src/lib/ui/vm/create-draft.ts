// The create form as it is typed: texts and choices, read into a CreateVm with a problem per field.
import { createProblems, freeMemory, type CreateProblems, type CreateVm } from '#lib/app/jobs/create-vm.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Host } from '#lib/model/fleet.ts';
import { mib, vcpus, type Mib, type Vcpus } from '#lib/model/units.ts';
import { parseSize, printSize } from '../format.ts';

export type Draft = {
  name: string;
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

/** `input` stands for what could be read; it is to be sent only while `problems` are none. */
export function readDraft(
  m: Messages,
  host: Host,
  draft: Draft
): { readonly input: CreateVm; readonly problems: CreateProblems } {
  const { sizeWanted, countWanted } = m.create.problem;
  const read = {
    vcpus: readVcpus(draft.vcpus),
    vcpusMax: readVcpus(draft.vcpusMax),
    memory: parseSize(draft.memory),
    memoryMax: parseSize(draft.memoryMax)
  };
  const sizes = draft.disks.map((disk) => parseSize(disk.size));
  const input: CreateVm = {
    name: draft.name,
    description: draft.description,
    image: draft.image,
    vcpus: read.vcpus ?? vcpus(1),
    vcpusMax: read.vcpusMax ?? vcpus(4096),
    memory: read.memory ?? mib(16),
    memoryMax: read.memoryMax ?? mib(2 ** 33 - 1),
    disks: draft.disks.map(({ pool }, at) => ({ pool, capacity: sizes[at] ?? mib(1) })),
    nics: draft.nics.map(({ network }) => ({ network })),
    start: draft.start,
    tags: [],
    protected: false,
    userData: '',
    sshKeys: []
  };
  const found = createProblems(m, host, input);
  return {
    input,
    problems: {
      ...found,
      ...(read.vcpus === null ? { vcpus: countWanted } : {}),
      ...(read.vcpusMax === null ? { vcpusMax: countWanted } : {}),
      ...(read.memory === null ? { memory: sizeWanted } : {}),
      ...(read.memoryMax === null ? { memoryMax: sizeWanted } : {}),
      disks: found.disks.map((problem, at) => (sizes[at] === null ? sizeWanted : problem))
    }
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
