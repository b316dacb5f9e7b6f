// A new VM from one of the host's images. Problems are found per field, so that the form can say them while one types.
import type { Messages } from '#lib/messages/messages.ts';
import { isInactive, type Host } from '#lib/model/fleet.ts';
import type { Mib, Vcpus } from '#lib/model/units.ts';
import { formatBytes, formatMib, wholeMib } from '#lib/ui/format.ts';
import { MAX_SSH_KEYS, sshKeyProblem } from '#lib/model/ssh-key.ts';
import { tagsOf } from '#lib/model/ids.ts';
import { userDataHeadProblem, type UserDataProblem } from './user-data.ts';
import type { HostTarget, Job } from './job.ts';
import { nameProblem } from './name-check.ts';
import { tagsProblem } from './set-tags.ts';

export type CreateVm = {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly protected: boolean;
  /** The host starts it whenever it boots itself. */
  readonly autostart: boolean;
  readonly image: string;
  readonly vcpus: Vcpus;
  readonly vcpusMax: Vcpus;
  readonly memory: Mib;
  readonly memoryMax: Mib;
  readonly disks: readonly { readonly pool: string; readonly capacity: Mib }[];
  readonly nics: readonly { readonly network: string }[];
  readonly start: boolean;
  /** For cloud-init; empty: none. */
  readonly userData: string;
  /** OpenSSH public key lines that cloud-init gives to the guest's first user. */
  readonly sshKeys: readonly string[];
};
export type CreateProblems = Partial<
  Record<
    'name' | 'description' | 'tags' | 'image' | 'vcpus' | 'vcpusMax' | 'memory' | 'memoryMax' | 'userData' | 'sshKeys',
    string
  >
> & {
  /** By position; null where nothing is wrong. */
  readonly disks: readonly (string | null)[];
};

/** Memory no VM on the host was promised and the host does not use: what a new running VM can count on. */
export function freeMemory(host: Host): Mib | null {
  if (host.facts === null) return null;
  const used = host.load?.memoryUsed ?? null;
  if (used !== null) return Math.max(0, host.facts.memory - used) as Mib;
  const promised = [...host.vms.values()].reduce((sum, vm) => sum + (isInactive(vm) ? 0 : vm.memory), 0);
  return Math.max(0, host.facts.memory - promised) as Mib;
}

/** The sum of the new disks on each pool must fit together, not only each for itself. */
function diskProblems({ problem }: Messages, host: Host, disks: CreateVm['disks']): (string | null)[] {
  const asked: Record<string, number> = {};
  return disks.map((disk) => {
    const pool = host.pools.find((candidate) => candidate.name === disk.pool);
    if (!pool) return problem.choosePool;
    if (disk.capacity < 1) return problem.diskSize;
    const sum = (asked[disk.pool] ?? 0) + disk.capacity;
    asked[disk.pool] = sum;
    return sum > wholeMib(pool.free) ? problem.poolHas(pool.name, formatBytes(pool.free)) : null;
  });
}

export function createProblems(m: Messages, host: Host, input: CreateVm): CreateProblems {
  const words = m.create.problem;
  const problems: { -readonly [K in keyof CreateProblems]: CreateProblems[K] } = {
    disks: diskProblems(m, host, input.disks)
  };
  const name = nameProblem(
    m,
    input.name,
    [...host.vms.values()].map((vm) => vm.name)
  );
  if (name !== null) problems.name = name;
  if (input.description.length > 16_384) problems.description = m.problem.longNotes;
  const tags = tagsProblem(m, input.tags);
  if (tags !== null) problems.tags = tags;
  const image = host.images.find(({ name }) => name === input.image);
  if (image === undefined) problems.image = words.image;
  else if (image.xen !== null && host.facts !== null && host.facts.hypervisor !== 'xen') {
    problems.image = words.needsXen(image.xen.toUpperCase(), host.name, m.frame.hypervisor[host.facts.hypervisor]);
  }
  if (input.vcpus < 1) problems.vcpus = words.vcpus;
  if (input.vcpusMax < input.vcpus) problems.vcpusMax = words.atLeast(String(input.vcpus));
  if (host.facts !== null && input.vcpus > host.facts.cpus) {
    problems.vcpus = words.hostHasCpus(host.name, host.facts.cpus);
  }
  if (input.memory < 16) problems.memory = words.memory;
  if (input.memoryMax < input.memory) problems.memoryMax = words.atLeast(formatMib(input.memory));
  const free = freeMemory(host);
  if (input.start && free !== null && input.memory > free)
    problems.memory = words.hostHasFree(host.name, formatMib(free));
  if (host.facts !== null && input.memory > host.facts.memory) {
    problems.memory = words.hostHasInAll(host.name, formatMib(host.facts.memory));
  }
  const userData = userDataHeadProblem(input.userData);
  if (userData !== null) problems.userData = userDataWords(m, userData);
  const sshKeys = sshKeysProblem(m, input.sshKeys);
  if (sshKeys !== null) problems.sshKeys = sshKeys;
  return problems;
}

export function userDataWords({ create: { userData: words } }: Messages, problem: UserDataProblem): string {
  switch (problem.kind) {
    case 'too-large':
      return words['too-large'](problem.bytes);
    case 'beginning':
      return words.beginning;
    case 'yaml':
      return words.yaml(problem.line, problem.column, problem.reason);
    case 'not-a-mapping':
      return words['not-a-mapping'](problem.line);
  }
}

function sshKeysProblem({ create: { problem: words } }: Messages, keys: readonly string[]): string | null {
  if (keys.length > MAX_SSH_KEYS) return words.sshKeys(MAX_SSH_KEYS);
  for (const [index, key] of keys.entries()) {
    const problem = sshKeyProblem(key);
    if (problem !== null) return words.sshKey(index + 1, problem);
  }
  return null;
}

const first = ({ disks, ...fields }: CreateProblems): string | null =>
  Object.values(fields)[0] ?? disks.find((problem) => problem !== null) ?? null;

export const createVm: Job<'vm.create', HostTarget, CreateVm> = {
  title:
    ({ host: { name: host } }, { name, start }) =>
    (m) =>
      m.tasks.job.createVm(name, host, start),
  validate: (m, { host }, input) => first(createProblems(m, host, input)),
  command: (_, input) => ({
    op: 'vm.create',
    args: {
      ...input,
      description: input.description === '' ? null : input.description,
      tags: input.tags.length === 0 ? null : tagsOf(input.tags),
      autostart: input.autostart ? true : null,
      userData: input.userData === '' ? null : input.userData,
      sshKeys: input.sshKeys.map((key) => ({ key }))
    }
  })
};
