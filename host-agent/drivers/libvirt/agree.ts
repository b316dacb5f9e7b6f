// The source's side of the talk before a VM leaves: what it is, which storage both hosts see, and its read-only disks sent ahead.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes } from '../../../src/lib/model/units.ts';
import type { Fields } from '../../files/fields.ts';
import { Talk } from '../talk.ts';
import type { Control } from '../control.ts';
import type { Passage } from '../migration.ts';
import type { Domain } from './domains.ts';
import type { LibvirtHost } from './host.ts';
import type { Luggage, Piece } from './luggage.ts';
import { printOffer, readPlaces, samePlace } from './offer.ts';
import type { Image, Offer } from './offer.ts';
import { demandWanted, refuse, settle } from './refusal.ts';
import { attribute, find, printElement, readElement } from './xml.ts';

/** Large enough for a slow disk. */
const TIMEOUT = 600_000;

/**
 * @returns the pieces that stay where they are, for they are there already
 * @throws Refusal with the target's reasons, Fault `link-ended`
 */
export async function agree(
  host: LibvirtHost,
  domain: Domain,
  luggage: Luggage,
  passage: Passage,
  control: Control
): Promise<readonly Piece[]> {
  const talk = new Talk(await passage.open('talk'));
  try {
    talk.say({ offer: printOffer(offerOf(domain, luggage)) });
    const { there, markers } = await answered(talk, (fields) => ({
      agreed: fields.flag('agreed'),
      there: readPlaces(fields, 'there'),
      markers: readPlaces(fields, 'markers')
    }));
    const shared: { pool: string }[] = [];
    for (const { pool, volume } of markers) if (await sees(host, pool, volume)) shared.push({ pool });
    talk.say({ shared });
    await answered(talk, (fields) => fields.flag('agreed'));
    const stays = luggage.pieces.filter((piece) => there.some(samePlace(piece)));
    for (const piece of luggage.pieces) {
      if (piece.readOnly && !stays.includes(piece)) await send(host, piece, passage, control);
    }
    return stays;
  } finally {
    talk.end();
  }
}

async function answered<Value>(talk: Talk, read: (fields: Fields) => Value): Promise<Value> {
  const answer = await talk.answer(read);
  if ('why' in answer) return refuse('unsupported', { what: 'moving the VM there', reason: answer.why, instead: '' });
  return answer.value;
}

function offerOf({ live, inactive, texts }: Domain, { pieces, files }: Luggage): Offer {
  const root = readElement(texts[live === null ? 1 : 0]);
  const [type, cpu] = [find(root, 'os', 'type'), find(root, 'cpu')];
  // Whoever has the host's own processor was compared by its model.
  const own = ['host-passthrough', 'maximum'].includes(attribute(cpu, 'mode') ?? '');
  return {
    machine: attribute(type, 'machine') ?? '',
    arch: attribute(type, 'arch') ?? '',
    type: (live ?? inactive)?.type ?? '',
    cpu: cpu === null || own ? null : printElement(cpu),
    files,
    cdroms: pieces.filter(({ cdrom }) => cdrom).map(({ pool, volume }) => ({ pool, volume }))
  };
}

/** Whether what the target has put into its pool is in the one of the same name here. */
async function sees(host: LibvirtHost, pool: string, volume: string): Promise<boolean> {
  host.storage.stale();
  return (await settle(() => host.storage.demandVolume(pool, volume))).status === 'done';
}

async function send(
  host: LibvirtHost,
  { pool, volume, capacity }: Piece,
  passage: Passage,
  control: Control
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'smps-image-'));
  try {
    const file = join(dir, 'image');
    await host.virsh.change(['vol-download', '--pool', pool, '--vol', volume, '--file', file], { timeout: TIMEOUT });
    demandWanted(control.signal);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
    const { size } = await stat(file);
    control.progress('copying', 0, { remaining: bytes(capacity), rate: null, pass: null });
    const stream = await passage.open('image');
    const talk = new Talk(stream);
    talk.say({ pool, volume, bytes: size, sha256: hash.digest('hex') } satisfies Image);
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      if (!stream.write(chunk)) await room(stream);
      demandWanted(control.signal);
    }
    await answered(talk, (fields) => fields.flag('agreed'));
    talk.end();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Resolves when there is room again, or when nobody reads any more. */
const room = (stream: NodeJS.EventEmitter): Promise<void> =>
  new Promise((resolve) => {
    stream.once('drain', resolve);
    stream.once('close', resolve);
  });
