// What the conformance suite runs against: a driver, names of what its host offers, and hands to reach behind its back.
import type { Driver } from '../../host-agent/drivers/driver.ts';
import type { VmSort } from '../../host-agent/drivers/offers.ts';
import type { VmId } from '../../src/lib/model/ids.ts';

export type Subject = {
  readonly driver: Driver;
  /** What its VMs are. */
  readonly sort: VmSort;
  /** An image of kind `kernel` whose guest reports what it sees. */
  readonly image: string;
  readonly pool: string;
  readonly network: string;
  /** MiB more than the pool can ever hold. */
  readonly tooMuch: number;
  /** Milliseconds within which a started guest reports, and within which changes are seen. */
  readonly boot: number;
  /** vCPUs that its guests start with, of 4; a running one can be given one more. */
  readonly vcpus: number;
  /** How guests call their disks. */
  readonly letters: 'vd' | 'xvd';
  /** Whether guests have a screen beside their serial line. */
  readonly screen: boolean;
  /**
   * Resolves when a guest that was started, or started anew, is up, where nothing in it reports to the hypervisor; what
   * guests see is then known as far as the hypervisor counts it. Null: an agent in the guest reports.
   */
  readonly up: ((vm: VmId) => Promise<void>) | null;
  /** Pauses a running VM as somebody else would, without the driver. */
  pauseBehind(vm: VmId): Promise<void>;
  /** Saves a running VM, restores it or discards what was saved, as somebody else would. */
  saveBehind(vm: VmId, action: 'save' | 'start' | 'discard-saved'): Promise<void>;
  /** Takes an interface from the next boot of a running VM and adds another to it, as somebody else would. */
  swapNicBehind(vm: VmId, mac: string, other: string): Promise<void>;
  /** What to type at its serial line so that it tells the SHA-256 of the next `count` bytes, and what to type behind those. */
  readonly sum: (count: number) => readonly [before: string, after: string];
  /** How much of that it can take in a few seconds. */
  readonly pasted: number;
  /** Bytes of what a guest prints that reach a console within seconds, up to its window. */
  readonly printed: number;
  /** The text of a file in the guest; null where guests are not real. */
  readonly readInGuest: ((vm: VmId, path: string) => Promise<string>) | null;
  /** Makes the management daemon go away; the answered function brings it back. Guests go on. */
  takeDaemonAway(): Promise<() => Promise<void>>;
  close(): Promise<void>;
};
