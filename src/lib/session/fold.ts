// The store: a fleet and what became known make a new fleet. Pure, with structural sharing: whatever did not change is
// the same object before and after, so a view can compare by identity. Batches copy each map at most once.
import type { Activity, Fleet, Host, HostFacts, Inventory, LinkState, Role, Vm, VmLoad } from '../model/fleet.ts';
import type { HostId, VmId } from '../model/ids.ts';
import type { Millis } from '../model/units.ts';
import type { Event } from '../protocol/schema.ts';

/** Something that became known about one host. Updates for a host that is not in the fleet change nothing. */
export type FleetUpdate =
  /** The host is managed from now on. For a host already there: what was known stays. */
  | {
      readonly kind: 'paired';
      readonly host: HostId;
      readonly name: string;
      readonly site: string;
      readonly role: Role;
    }
  | { readonly kind: 'forgotten'; readonly host: HostId }
  | { readonly kind: 'link'; readonly host: HostId; readonly link: LinkState; readonly reason: string | null }
  /** Everything the host has: replaces what was known. */
  | {
      readonly kind: 'inventory';
      readonly host: HostId;
      readonly inventory: Inventory;
      readonly role: Role | null;
      readonly at: Millis;
    }
  | { readonly kind: 'event'; readonly host: HostId; readonly event: Event; readonly at: Millis }
  /** One VM as a reply showed it. */
  | { readonly kind: 'vm'; readonly host: HostId; readonly vm: Vm; readonly at: Millis }
  | {
      readonly kind: 'activities';
      readonly host: HostId;
      readonly activities: readonly Activity[];
      readonly at: Millis;
    };

export const EMPTY_FLEET: Fleet = { hosts: new Map() };
