// What the source says of a libvirt VM before it sends it, beside what the operator's tab has said: read strictly by the target.
import type { Fields } from '../../files/fields.ts';
import type { Made } from '../migration.ts';

export type Offer = {
  /** Of QEMU: `pc-q35-7.2`, `x86_64`, and `kvm` or `qemu`. */
  readonly machine: string;
  readonly arch: string;
  readonly type: string;
  /** The processor its guest has, as libvirt's `<cpu>`; null: none in particular, or the host's own. */
  readonly cpu: string | null;
  /** Files outside pools that must be where they are here. */
  readonly files: readonly string[];
  /** Volumes in its CD drives: another one of the same name and size serves as well. */
  readonly cdroms: readonly Made[];
};

const WORD = /^[A-Za-z0-9._-]{0,64}$/;
const NAME = /^(?!\.)[A-Za-z0-9._+-]{1,128}$/;

/** @throws Fault `corrupt-state` for anything else */
export function readOffer(fields: Fields): Offer {
  const offer = {
    machine: fields.text('machine', WORD),
    arch: fields.text('arch', WORD),
    type: fields.text('type', WORD),
    cpu: fields.maybe('cpu', () => fields.text('cpu', /^<cpu[^]{0,65536}$/)),
    files: fields.list('files', (item) => item.text('path', /^\/[^\0]{1,4096}$/)),
    cdroms: readPlaces(fields, 'cdroms')
  };
  fields.end();
  return offer;
}
export const printOffer = (offer: Offer): object => ({ ...offer, files: offer.files.map((path) => ({ path })) });

/** @throws Fault `corrupt-state` */
export const readPlaces = (fields: Fields, name: string): readonly Made[] =>
  fields.list(name, (item) => ({ pool: item.text('pool', NAME), volume: item.text('volume', NAME) }));

export const samePlace =
  (a: Made) =>
  (b: Made): boolean =>
    a.pool === b.pool && a.volume === b.volume;

export type Image = Made & { readonly bytes: number; readonly sha256: string };
/** The line before the content of a read-only disk. @throws Fault `corrupt-state` */
export function readImageHead(fields: Fields, most: number): Image {
  const head = {
    pool: fields.text('pool', NAME),
    volume: fields.text('volume', NAME),
    bytes: fields.whole('bytes', 0, most),
    sha256: fields.text('sha256', /^[0-9a-f]{64}$/)
  };
  fields.end();
  return head;
}
