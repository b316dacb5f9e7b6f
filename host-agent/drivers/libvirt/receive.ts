// The target's side: what the source says of the VM is checked against this host, shared storage is told from volumes that happen
// to have the same name, and read-only disks are taken in.
import { createHash } from 'node:crypto';
import { access, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { Talk } from '../talk.ts';
import type { LibvirtHost } from './host.ts';
import { MOST_READ_ONLY } from './luggage.ts';
import { readImageHead, readOffer, samePlace } from './offer.ts';
import type { Offer } from './offer.ts';
import type { Expected } from './prepare.ts';
import { demandAll, refuse, settle } from './refusal.ts';
import { INPUT, VirshError } from './virsh.ts';

/** Large enough for a slow disk. */
const TIMEOUT = 600_000;

/** Answers what the other host says, well or not, and ends. Never rejects. */
export async function receive(host: LibvirtHost, vm: VmId, kind: 'talk' | 'image', stream: Duplex): Promise<void> {
  const talk = new Talk(stream);
  const outcome = await settle(async () => {
    const expected = host.expected.get(vm) ?? cannot('it is not expected here any more');
    await (kind === 'talk' ? hear(host, expected, talk) : take(host, expected, talk));
  }).catch((thrown: unknown) => ({ status: 'refused' as const, fault: Fault.from(thrown) }));
  talk.say(outcome.status === 'done' ? { agreed: true } : { refused: outcome.fault.message });
  talk.end();
}

const cannot = (reason: string): never => refuse('unsupported', { what: 'moving it here', reason, instead: '' });

async function hear(host: LibvirtHost, { there, markers }: Expected, talk: Talk): Promise<void> {
  try {
    const fields = await talk.hear();
    const offer = readOffer(fields.object('offer'));
    fields.end();
    await demandAll('moving it here', [
      () => demandMachine(host, offer),
      () => demandProcessor(host, offer),
      ...offer.files.map((file) => () => demandFile(host, file))
    ]);
    talk.say({ agreed: true, there: there.map(({ pool, volume }) => ({ pool, volume })), markers });
    const answer = await talk.hear();
    const shared = answer.list('shared', (item) => item.text('pool'));
    answer.end();
    for (const place of there) {
      if (shared.includes(place.pool) || (place.readOnly && offer.cdroms.some(samePlace(place)))) continue;
      refuse('unsupported', {
        what: `pool ${place.pool}`,
        reason: `it has a volume ${place.volume} here already, and is not the storage that it is there`,
        instead: 'remove it, if it is of no use'
      });
    }
  } finally {
    for (const { pool, volume } of markers) await host.storage.remove(pool, volume).catch(() => null);
  }
}

async function demandMachine(host: LibvirtHost, { machine, arch, type }: Offer): Promise<void> {
  const known = await host.virsh
    .change(['domcapabilities', '--virttype', type, '--arch', arch, '--machine', machine])
    .catch((thrown: unknown) => (thrown instanceof VirshError ? null : Promise.reject(Fault.from(thrown))));
  if (known === null) cannot(`the QEMU here knows no machine ${machine}`);
}

async function demandProcessor(host: LibvirtHost, { machine, arch, type, cpu }: Offer): Promise<void> {
  if (cpu === null) return;
  const words = ['hypervisor-cpu-compare', INPUT, '--virttype', type, '--arch', arch, '--machine', machine, '--error'];
  try {
    await host.virsh.change(words, { input: cpu });
  } catch (thrown) {
    // Where libvirt cannot compare (other architectures), the migration itself will tell.
    if (!(thrown instanceof VirshError)) throw thrown;
    if (/incompatible|not provide|doesn't match/i.test(thrown.message)) {
      cannot(`the processor here lacks what its guest has: ${thrown.message}`);
    }
  }
}

async function demandFile(host: LibvirtHost, file: string): Promise<void> {
  const missing =
    host.local &&
    (await access(file).then(
      () => false,
      () => true
    ));
  if (missing) refuse('unsupported', { what: file, reason: 'the VM needs it, and there is none here', instead: '' });
}

async function take(host: LibvirtHost, { made }: Expected, talk: Talk): Promise<void> {
  const head = readImageHead(await talk.hear(), MOST_READ_ONLY * 1024 * 1024);
  const place = made.find(samePlace(head)) ?? cannot(`no volume ${head.volume} was prepared`);
  const { capacity } = await host.storage.demandVolume(place.pool, place.volume);
  if (capacity !== head.bytes) cannot(`volume ${head.volume} has ${head.bytes} bytes there and ${capacity} here`);
  const dir = await mkdtemp(join(tmpdir(), 'smps-image-'));
  try {
    const file = join(dir, 'image');
    const hash = createHash('sha256');
    const written = await open(file, 'wx', 0o600);
    try {
      await talk.take(head.bytes, async (chunk) => {
        hash.update(chunk);
        await written.writeFile(chunk);
      });
    } finally {
      await written.close();
    }
    if (hash.digest('hex') !== head.sha256) cannot(`volume ${head.volume} did not arrive as it was sent`);
    await host.virsh.change(['vol-upload', '--pool', place.pool, '--vol', place.volume, '--file', file], {
      timeout: TIMEOUT
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
