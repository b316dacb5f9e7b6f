// What the tab says of a VM to the host it shall move to.
import type { HostId, VmId } from '../../src/lib/model/ids.ts';
import type { Args } from '../../src/lib/protocol/schema.ts';
import { comingVm } from '../../src/lib/session/coming.ts';
import type { Client } from '../../src/lib/session/client.ts';

/** Once the client has seen the VM running there. */
export async function comingOf(client: Client, on: HostId, vm: VmId): Promise<Args<'migration.prepare'>> {
  await seen(client, on, vm);
  const host = client.fleet.hosts.get(on);
  const there = host?.vms.get(vm);
  if (there === undefined || !host?.facts) throw new Error('it is not there');
  return comingVm(host, there);
}

/** Running, and with volumes the client knows of: those of a VM that has just come are told a moment later. */
function seen(client: Client, on: HostId, vm: VmId): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const host = client.fleet.hosts.get(on);
      const there = host?.vms.get(vm);
      const volumes = new Set(host?.pools.flatMap((pool) => pool.volumes.map(({ name }) => name)) ?? []);
      if (there?.state !== 'running' || !there.disks.every(({ volume }) => volume !== null && volumes.has(volume)))
        return;
      end();
      resolve();
    };
    const end = client.onFleet(look);
    look();
  });
}
