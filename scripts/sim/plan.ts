// Which hosts and VMs a simulated fleet has: pure, and the same for the same seed. Sites, hosts and VMs are as unequal as in
// life: a few large sites, a few crowded hosts, many small VMs.
import { hostId } from '../../src/lib/model/ids.ts';
import type { HostId } from '../../src/lib/model/ids.ts';
import type { SampleVm } from '../../host-agent/drivers/simulated/config.ts';
import { randomFrom } from '../../host-agent/drivers/simulated/random.ts';
import { MAX_HOSTS } from './options.ts';
import type { SimOptions } from './options.ts';

export type PlannedHost = {
  readonly id: HostId;
  readonly name: string;
  readonly site: string;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** Of its own load and ids. */
  readonly seed: number;
  readonly vms: readonly SampleVm[];
};

const CITIES = [
  'Amsterdam',
  'Berlin',
  'Chicago',
  'Dublin',
  'Essen',
  'Frankfurt',
  'Geneva',
  'Helsinki',
  'Istanbul',
  'Jakarta',
  'Kyoto',
  'Lisbon',
  'Madrid',
  'Nairobi',
  'Oslo',
  'Prague',
  'Quito',
  'Riga',
  'Sydney',
  'Tokyo'
];
/** Each with its usual size: vCPUs, and GiB of memory for each. */
const SERVICES = [
  ['web', 2, 1],
  ['api', 2, 2],
  ['db', 8, 8],
  ['cache', 2, 8],
  ['queue', 4, 2],
  ['mail', 2, 2],
  ['build', 8, 2],
  ['files', 4, 4],
  ['auth', 1, 1],
  ['search', 4, 8],
  ['metrics', 4, 4],
  ['edge', 1, 1]
] as const;
const STAGES = ['prod', 'prod', 'prod', 'test', 'dev'];
/** What may stand in a name and must not do anything: markup, other scripts, what turns text round (hosts' names may not have that). */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"; DROP TABLE vms; --',
  '${7*7}{{7*7}}',
  'Ω≈ç√∫˜µ≤≥÷',
  '虚拟机器',
  'שרת־גיבוי',
  '🖥️🔥👩‍👩‍👧‍👦',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘',
  'a'.repeat(128),
  '../../etc/passwd',
  'null'
];
const HOSTILE_VMS = [...HOSTILE, '\u202Etxt.exe', 'two\nlines', 'a\u200Bb', '', ' ', 'x'.repeat(1_000)];
const SITES_APART = 0.6;
const HOSTS_APART = 0.7;
const SIZES = [64, 128, 256, 512, 1024, 2048].map((gib) => gib * 1024);

export function planFleet(options: SimOptions): readonly PlannedHost[] {
  const random = randomFrom(options.seed);
  const sites = Array.from({ length: options.sites }, (_, n) => cityName(n));
  const siteSizes = shares(
    options.hosts - options.sites,
    sites.map((_, n) => (n + 1) ** -SITES_APART)
  );
  const places = sites.flatMap((site, n) =>
    Array.from({ length: 1 + (siteSizes[n] ?? 0) }, (_, at) => ({ site, n, at }))
  );
  const counts = shares(
    options.vms,
    places.map(() => Math.exp(HOSTS_APART * gauss(random)))
  );
  const counters = new Map<string, number>();
  const hosts = places.map(({ site, n, at }, index): PlannedHost => {
    const short = `${site.slice(0, 3).toLowerCase()}${n >= CITIES.length ? Math.floor(n / CITIES.length) + 1 : ''}`;
    const id = `${short}-${String(at + 1).padStart(3, '0')}`;
    const hostile = options.hostileNames && index % 7 === 3;
    const vms = inventVms(counts[index] ?? 0, random, counters, options.hostileNames);
    const name = hostile ? (HOSTILE[index % HOSTILE.length] ?? id) : id;
    const hostileSite = options.hostileNames && n === 1 ? `${site} <b>&amp;</b>` : site;
    return { ...sized(vms, random), id: hostId(id), name, site: hostileSite, seed: seedOf(options.seed, index), vms };
  });
  const more = (id: string, vms: readonly SampleVm[]): PlannedHost => ({
    ...sized(vms, random),
    id: hostId(id),
    name: id,
    site: sites[0] ?? '',
    // Two hosts of one seed would have VMs of the same ids.
    seed: seedOf(options.seed, MAX_HOSTS + hosts.length),
    vms
  });
  if (options.flap) hosts.push(more('flapping', inventVms(4, random, counters, false)));
  if (options.mark !== null) hosts.push(more('marked', inventVms(1, random, counters, false)));
  if (options.oneHost !== null) hosts.push(more('crowded', inventVms(options.oneHost, random, counters, false)));
  return hosts;
}

const cityName = (n: number): string => {
  const round = Math.floor(n / CITIES.length);
  return `${CITIES[n % CITIES.length] ?? 'Site'}${round === 0 ? '' : ` ${round + 1}`}`;
};

const seedOf = (seed: number, index: number): number =>
  (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;

/** `total` things divided by weight, whole, none lost. */
export function shares(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let [passed, given] = [0, 0];
  return weights.map((weight) => {
    passed += weight;
    const upTo = Math.round((total * passed) / sum);
    const share = upTo - given;
    given = upTo;
    return share;
  });
}

/** About normal, mean 0, deviation 1 (Irwin and Hall's twelve). */
const gauss = (random: () => number): number => {
  let sum = -6;
  for (let n = 0; n < 12; n++) sum += random();
  return sum;
};

function inventVms(
  count: number,
  random: () => number,
  counters: Map<string, number>,
  hostile: boolean
): readonly SampleVm[] {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  return Array.from({ length: count }, (_, n): SampleVm => {
    const [service, vcpus, gib] = pick(SERVICES);
    const stem = `${service}-${pick(STAGES)}`;
    const number = (counters.get(stem) ?? 0) + 1;
    counters.set(stem, number);
    const scale = pick([0.5, 1, 1, 1, 2]);
    const given = Math.max(1, Math.round(vcpus * scale));
    return {
      name: hostile && n % 9 === 4 ? pick(HOSTILE_VMS) : `${stem}-${number}`,
      vcpus: given,
      memory: given * gib * 1024,
      state: pick([
        'running',
        'running',
        'running',
        'running',
        'running',
        'running',
        'running',
        'off',
        'off',
        'paused'
      ]),
      disks: [pick([10, 20, 20, 40, 100]) * 1024],
      nics: random() < 0.15 ? 2 : 1
    };
  });
}

/** The smallest usual machine that holds them with room to spare. */
function sized(vms: readonly SampleVm[], random: () => number): { readonly cpus: number; readonly memory: number } {
  const wanted = vms.reduce((sum, { memory }) => sum + memory, 0) * (1.1 + random() * 0.6);
  const memory = SIZES.find((size) => size >= wanted) ?? Math.ceil(wanted / 1024) * 1024;
  return { memory, cpus: Math.min(512, Math.max(16, memory / 4096)) };
}
