// Parses what Xen's own tool says of the domains there are: `xl list -v`, and `xl list -l` in JSON. What it leaves out, and
// what cannot be understood, is absent. https://xenbits.xen.org/docs/4.17-testing/man/xl.1.html
import { UUID } from '../../../src/lib/model/ids.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { VmKind, VmState } from '../../../src/lib/model/fleet.ts';

export type XlListed = {
  readonly id: VmId;
  /** Xen's number of this run. */
  readonly run: string;
  readonly name: string;
  readonly state: VmState;
  /** It stands still since it was asked to suspend itself: it is being sent elsewhere, or saved. */
  readonly suspended: boolean;
  /** MiB it has. */
  readonly memory: number;
  /** Those that are online. */
  readonly vcpus: number;
  /** Nanoseconds, in steps of a tenth of a second. */
  readonly cpuTime: number;
};

/** What of a domain's configuration is shown; of absent figures nothing is known. */
export type XlConfig = {
  readonly kind: VmKind;
  readonly vcpus: number | null;
  readonly vcpusMax: number | null;
  /** KiB. */
  readonly memoryMax: number | null;
  readonly disks: readonly {
    readonly target: string;
    readonly path: string | null;
    readonly readOnly: boolean;
    readonly cdrom: boolean;
  }[];
  readonly nics: readonly { readonly mac: string; readonly bridge: string }[];
};

/** Of one domain; more is not looked at. */
const MAX_DEVICES = 256;
const LINE =
  /^(.+?) +(\d{1,10}) +(\d{1,10}) +(\d{1,5}) +([r-][b-][p-][s-][rscw?-][d-]) +(\d{1,12})\.(\d) ([0-9a-f-]{36})(?: .*)?$/;

/** `xl list -v`, without domain 0 and without what is only still being cleared away. */
export function parseXlList(text: string): readonly XlListed[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', run = '', memory, vcpus, flags = '', seconds, tenth, id = ''] = LINE.exec(line) ?? [];
    if (!UUID.test(id) || run === '0' || flags.includes('d')) return [];
    return {
      id: id as VmId,
      run,
      name,
      state: stateOf(flags),
      suspended: flags[4] === 's',
      memory: Number(memory),
      vcpus: Number(vcpus),
      cpuTime: Number(seconds) * 1e9 + Number(tenth) * 1e8
    };
  });
}

function stateOf(flags: string): VmState {
  if (flags[4] === 'c') return 'crashed';
  if (flags[3] === 's') return flags[4] === 's' ? 'paused' : 'stopping';
  return flags.includes('p') ? 'paused' : 'running';
}

type Json = { readonly [name: string]: unknown };
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value.slice(0, MAX_DEVICES) : []);
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const whole = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

/** `xl list -l`, by the number of the run; empty when it is no JSON. */
export function parseXlConfigs(json: string): ReadonlyMap<string, XlConfig> {
  const found = new Map<string, XlConfig>();
  for (const each of list(parsed(json))) {
    const { domid, config } = object(each);
    const run = whole(domid);
    if (run !== null && run > 0) found.set(String(run), configOf(object(config)));
  }
  return found;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function configOf(config: Json): XlConfig {
  const [about, build] = [object(config.c_info), object(config.b_info)];
  const kind = text(about.type);
  return {
    kind: kind === 'pv' || kind === 'pvh' ? kind : 'hvm',
    vcpus: list(build.avail_vcpus).length || null,
    vcpusMax: whole(build.max_vcpus),
    memoryMax: whole(build.max_memkb),
    disks: list(config.disks).flatMap((each) => {
      const disk = object(each);
      const target = text(disk.vdev);
      return target === null
        ? []
        : { target, path: text(disk.pdev_path), readOnly: disk.readwrite !== 1, cdrom: disk.is_cdrom === 1 };
    }),
    nics: list(config.nics).flatMap((each) => {
      const nic = object(each);
      const mac = text(nic.mac)?.toLowerCase() ?? '';
      return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac) ? { mac, bridge: text(nic.bridge) ?? '' } : [];
    })
  };
}
