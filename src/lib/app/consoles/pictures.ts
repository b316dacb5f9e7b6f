// Pictures of screens that were taken in this tab: each costs its host and its line up to two megabytes, so they are kept for a while.
import type { VmId } from '#lib/model/ids.ts';
import type { Millis } from '#lib/model/units.ts';

/** `url`: a `data:` URL. */
export type Picture = { readonly url: string; readonly at: Millis };

/** Milliseconds after which a picture is taken anew by itself. */
export const PICTURE_AGE = 300_000;

const kept = new WeakMap<object, Map<VmId, Picture>>();

/** Those of one tab. */
export function picturesOf(app: object): Map<VmId, Picture> {
  const known = kept.get(app) ?? new Map<VmId, Picture>();
  kept.set(app, known);
  return known;
}
