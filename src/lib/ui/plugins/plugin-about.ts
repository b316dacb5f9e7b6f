// What is shown of a plugin.
import type { Fault } from '#lib/model/fault.ts';
import type { Millis } from '#lib/model/units.ts';
import type { Manifest } from '#lib/plugin/manifest.ts';

export type PluginAbout = { readonly manifest: Manifest; readonly sha256: string; readonly source: string };
export type PluginRow = PluginAbout & {
  /** The words of `messages`; an address, or a file's name. */
  readonly from: string;
  readonly kind: 'bundled' | 'file' | 'url';
  readonly at: Millis;
  readonly state: 'on' | 'off' | 'changed' | 'failed';
  readonly on: boolean;
  /** Why it failed; null when it did not. */
  readonly failure: Fault | null;
  /** What its address answers with instead; null when nothing is to be decided. */
  readonly offered: PluginAbout | null;
};
