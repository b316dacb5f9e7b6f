// Asks the QEMU guest agent what the guest sees. Every answer comes from inside the guest: it is parsed with limits, and a
// wrong one is no answer. Commands: https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html
import { pciAddress } from './domain-xml.ts';
import { quote } from './virsh.ts';
import type { Virsh } from './virsh.ts';

export type GuestDisk = {
  /** `vda` */
  readonly name: string;
  readonly pci: string | null;
  /** What the hypervisor's configuration calls its serial; null when it has none or the guest did not say. */
  readonly serial: string | null;
  /** Bytes. */
  readonly size: number | null;
};
/** How many there are, and how many of them are at work. */
export type GuestVcpus = { readonly online: number; readonly present: number };
export type GuestNic = { readonly name: string; readonly mac: string; readonly addresses: readonly string[] };

/** Seconds the agent has for one command. */
const PATIENCE = 2;
const READ_PATIENCE = 15_000;
const MAX_ITEMS = 256;
const MAX_TEXT = 512 * 1024;

const command = (id: string, execute: string, args: Readonly<Record<string, unknown>> = {}): string =>
  `qemu-agent-command ${id} --timeout ${PATIENCE} --cmd ${quote(JSON.stringify({ execute, arguments: args }))}`;

/** The vCPUs of each guest; null where its agent does not say. */
export async function guestVcpus(virsh: Virsh, ids: readonly string[]): Promise<readonly (GuestVcpus | null)[]> {
  const patience = READ_PATIENCE + ids.length * PATIENCE * 1000;
  const answers = await virsh.read(
    ids.map((id) => command(id, 'guest-get-vcpus')),
    patience
  );
  return answers.map(parseVcpus);
}

export function parseVcpus(answer: string): GuestVcpus | null {
  const list = listIn(answer);
  return list === null ? null : { online: list.filter((vcpu) => vcpu.online === true).length, present: list.length };
}

/** Network interfaces but the loopback; null when the agent does not say. */
export async function guestNics(virsh: Virsh, id: string): Promise<readonly GuestNic[] | null> {
  const [answer = ''] = await virsh.read([command(id, 'guest-network-get-interfaces')]);
  return parseNics(answer);
}

const ADDRESS = /^[0-9a-fA-F.:]{2,45}$/;

export function parseNics(answer: string): readonly GuestNic[] | null {
  return (
    listIn(answer)?.flatMap((nic): GuestNic | [] => {
      const mac = textIn(nic, 'hardware-address')?.toLowerCase();
      const name = textIn(nic, 'name');
      if (mac === undefined || name === undefined || mac === '00:00:00:00:00:00') return [];
      const given = nic['ip-addresses'];
      const addresses = records(given).flatMap((each) => {
        const address = textIn(each, 'ip-address');
        // Link-local addresses say nothing an operator could use.
        return address === undefined || !ADDRESS.test(address) || /^fe80:/i.test(address) ? [] : address;
      });
      return { name: name.slice(0, 64), mac, addresses: addresses.slice(0, 64) };
    }) ?? null
  );
}

/** Whole disks with size and serial; null when the agent does not say. Those that are `known` are not looked into. */
export async function guestDisks(
  virsh: Virsh,
  id: string,
  known: readonly GuestDisk[] = []
): Promise<readonly GuestDisk[] | null> {
  const [answer = ''] = await virsh.read([command(id, 'guest-get-disks')]);
  const disks = parseDisks(answer);
  if (disks === null) return null;
  const before = disks.flatMap((disk) => known.find(({ name, pci }) => name === disk.name && pci === disk.pci) ?? []);
  const rest = disks.filter(({ name }) => !before.some((each) => each.name === name));
  return [...before, ...(await lookInto(virsh, id, rest))];
}

/** The same disks with the size and serial they have now. Two round trips. */
export async function lookInto(virsh: Virsh, id: string, disks: readonly GuestDisk[]): Promise<readonly GuestDisk[]> {
  if (disks.length === 0) return [];
  const files = disks.flatMap(({ name }) => [`/sys/block/${name}/size`, `/sys/block/${name}/serial`]);
  const handles = (await virsh.read(files.map((path) => command(id, 'guest-file-open', { path, mode: 'r' })))).map(
    (each) => numberIn(each)
  );
  const open = handles.filter((handle) => handle !== null);
  const texts = await virsh.read(open.map((handle) => command(id, 'guest-file-read', { handle, count: 64 })));
  // Nobody waits for them to be closed.
  virsh.read(open.map((handle) => command(id, 'guest-file-close', { handle }))).catch(() => undefined);
  const contents = new Map(open.map((handle, index) => [handle, fileText(texts[index] ?? '')]));
  return disks.map((disk, index) => {
    const content = (at: number): string | null => contents.get(handles[at] ?? -1) ?? null;
    const sectors = content(2 * index);
    return {
      ...disk,
      size: sectors !== null && /^\d{1,15}$/.test(sectors) ? Number(sectors) * 512 : null,
      serial: content(2 * index + 1)
    };
  });
}

const DISK_NAME = /^\/dev\/([a-z0-9]{1,32})$/;

export function parseDisks(answer: string): readonly GuestDisk[] | null {
  return (
    listIn(answer)?.flatMap((disk): GuestDisk | [] => {
      const name = DISK_NAME.exec(textIn(disk, 'name') ?? '')?.[1];
      if (name === undefined || disk.partition !== false) return [];
      return { name, pci: pciIn(disk), serial: null, size: null };
    }) ?? null
  );
}

function pciIn(disk: Readonly<Record<string, unknown>>): string | null {
  const [address] = records([disk.address]);
  const [pci] = records([address?.['pci-controller']]);
  if (pci === undefined) return null;
  const parts = ['domain', 'bus', 'slot', 'function'].map((key) => pci[key]);
  const [domain, bus, slot, fn] = parts;
  return typeof domain === 'number' && typeof bus === 'number' && typeof slot === 'number' && typeof fn === 'number'
    ? pciAddress(domain, bus, slot, fn)
    : null;
}

/** Where the guest has mounted something that lies on this disk; empty when nowhere, or it does not say. */
export async function guestMounts(virsh: Virsh, id: string, disk: string): Promise<readonly string[]> {
  const [answer = ''] = await virsh.read([command(id, 'guest-get-fsinfo')]);
  return parseMounts(answer, disk);
}

export function parseMounts(answer: string, disk: string): readonly string[] {
  const isOn = (device: string | undefined): boolean =>
    device !== undefined && device.startsWith(`/dev/${disk}`) && /^(p?\d+)?$/.test(device.slice(5 + disk.length));
  return (listIn(answer) ?? []).flatMap((system) => {
    const point = textIn(system, 'mountpoint');
    const on = records(system.disk).some((each) => isOn(textIn(each, 'dev')));
    return on && point !== undefined ? point.slice(0, 200) : [];
  });
}

function returned(answer: string): unknown {
  if (answer.length > MAX_TEXT) return null;
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === 'object' && value !== null && 'return' in value ? value.return : null;
  } catch {
    return null;
  }
}

function listIn(answer: string): Readonly<Record<string, unknown>>[] | null {
  const value = returned(answer);
  return Array.isArray(value) ? records(value) : null;
}

const records = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.slice(0, MAX_ITEMS).filter(isRecord) : [];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textIn = (from: Readonly<Record<string, unknown>>, key: string): string | undefined => {
  const value = from[key];
  return typeof value === 'string' ? value : undefined;
};

function numberIn(answer: string): number | null {
  const value = returned(answer);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

function fileText(answer: string): string | null {
  const value = returned(answer);
  const [record] = records([value]);
  const encoded = record === undefined ? undefined : textIn(record, 'buf-b64');
  return encoded === undefined ? null : Buffer.from(encoded, 'base64').toString('utf8').trim();
}
