// A command is answered a moment before its host tells what has become of it.
import type { Host } from '#lib/model/fleet.ts';
import { inMaintenance } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';

/** Ms that the host is given, and between two looks. */
const SHOWN = 5_000;
const LOOK = 50;

/** Resolves when the fleet shows that a host is in maintenance, or is not any more; after five seconds in any case. */
export async function maintenanceShown(
  fleet: { readonly host: (id: HostId) => Host | null },
  id: HostId,
  on: boolean
): Promise<void> {
  const isSo = (): boolean => {
    const host = fleet.host(id);
    return host === null || inMaintenance(host) === on;
  };
  for (let waited = 0; waited < SHOWN && !isSo(); waited += LOOK) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}
