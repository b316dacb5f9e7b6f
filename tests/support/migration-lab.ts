// Two hosts on one machine with all that a VM needs to move between them: the target's door behind TLS, permits, and
// what the source says of how far it is.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate } from '../../host-agent/certificate.ts';
import type { Control, Sent } from '../../host-agent/drivers/control.ts';
import type { Coming, DepartOptions } from '../../host-agent/drivers/migration.ts';
import { silent } from '../../host-agent/log.ts';
import { Arrivals } from '../../host-agent/migration/arrivals.ts';
import type { Permit } from '../../host-agent/migration/arrivals.ts';
import { Departures } from '../../host-agent/migration/departures.ts';
import { serveHosts } from '../../host-agent/serve/serve.ts';
import type { LinkPolicy } from '../../host-agent/serve/serve.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import type { Effect, ProgressStage, Vm } from '../../src/lib/model/fleet.ts';
import { commandId, hostId, vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { bytes } from '../../src/lib/model/units.ts';
import type { Subject } from '../conformance/subject.ts';

export const TARGET = hostId('target');

/** What is needed of a host. */
export type Movable = Pick<Subject, 'driver' | 'close'>;

export type MigrationLab<Of extends Movable = Subject> = {
  readonly source: Of;
  readonly target: Of;
  readonly arrivals: () => Arrivals;
  /** What the tab would tell the target of this VM. */
  coming(vm: Vm): Promise<Coming>;
  /** @throws when the target refuses */
  permit(vm: Vm): Promise<Permit>;
  /** The host that has the VM, asked to make room for it. */
  prepareAtSource(coming: Coming): Promise<Outcome<unknown>>;
  /** @param bandwidth MiB per second: slow enough for something to happen on the way */
  move(
    vm: VmId,
    permit: Permit,
    control: Control,
    bandwidth?: number,
    options?: Partial<Pick<DepartOptions, 'autoConverge' | 'downtime'>>
  ): Promise<Outcome<readonly Effect[]>>;
  /** Ends the target's agent without a word, as a crash would; `again` starts the next. */
  crashTarget(): Promise<{ again(): Promise<void> }>;
  close(): Promise<void>;
};

/** Tells what it was told, and cancels at the stage named. */
export function watched(
  cancelAt: ProgressStage | null = null
): Control & { readonly told: [ProgressStage, Sent | null, number | null][] } {
  const abort = new AbortController();
  const told: [ProgressStage, Sent | null, number | null][] = [];
  return {
    told,
    signal: abort.signal,
    progress: (stage, share, sent) => {
      told.push([stage, sent ?? null, share ?? null]);
      if (stage === cancelAt) abort.abort('Ada');
    }
  };
}

/** Closes the two hosts with itself. */
export async function migrationLab<Of extends Movable>(source: Of, target: Of): Promise<MigrationLab<Of>> {
  const directory = await mkdtemp(join(tmpdir(), 'smps-arrivals-'));
  const departing = await mkdtemp(join(tmpdir(), 'smps-departures-'));
  const [tls, own] = [await createCertificate(), await createCertificate()];
  const departures = new Departures({
    directory: departing,
    migration: source.driver.migration,
    log: silent,
    tls: own
  });
  const open = async (): Promise<{ arrivals: Arrivals; close: () => Promise<void> }> => {
    const arrivals = new Arrivals({ directory, migration: target.driver.migration, now: Date.now, log: silent });
    await arrivals.recover();
    // Of a host only what migrations need: links are tested elsewhere.
    const policy = { arrivals } as LinkPolicy;
    const server = await serveHosts({ tls, address: '127.0.0.1', port: 0 }, (id) => (id === TARGET ? policy : null));
    arrivals.reachedAt(`https://127.0.0.1:${server.port}`, tls.pin);
    return {
      arrivals,
      close: async () => {
        arrivals.close();
        await server.close();
      }
    };
  };
  let door = await open();
  const coming = async (vm: Vm): Promise<Coming> => {
    const { hypervisor, accelerator, cpuModel } = await source.driver.describe();
    const pools = await source.driver.pools();
    const format = (pool: string, name: string): string =>
      pools.find((each) => each.name === pool)?.volumes.find((each) => each.name === name)?.format ?? '';
    const disks = vm.disks.map(({ target: at, pool, volume, capacity, readOnly }) => {
      if (pool === null || volume === null || capacity === null) throw new Error(`disk ${at} is in no pool`);
      return { target: at, pool, volume, capacity: bytes(capacity), format: format(pool, volume), readOnly };
    });
    const nics = vm.nics.map(({ network }) => ({ network }));
    const running = vm.state !== 'off';
    return {
      vm: vmId(vm.id),
      name: vm.name,
      hypervisor,
      accelerator,
      cpuModel,
      memory: vm.memory,
      running,
      autostart: vm.autostart,
      from: own.pin,
      disks,
      nics
    };
  };
  return {
    source,
    target,
    arrivals: () => door.arrivals,
    coming,
    async permit(vm) {
      const outcome = await door.arrivals.prepare(await coming(vm));
      if (outcome.status === 'refused') throw outcome.fault;
      return outcome.value;
    },
    async prepareAtSource(coming) {
      const { migration } = source.driver;
      if (migration === null) throw new Error('the source cannot migrate');
      return migration.prepare(coming, () => Promise.resolve());
    },
    move: (vm, { url, pin, token }, control, bandwidth, options) =>
      departures.depart(
        commandId(randomUUID()),
        {
          vm,
          to: TARGET,
          url,
          pin,
          token,
          bandwidth: bandwidth ?? null,
          autoConverge: true,
          downtime: null,
          ...options
        },
        control
      ),
    async crashTarget() {
      await door.close();
      return {
        async again() {
          door = await open();
        }
      };
    },
    async close() {
      await door.close();
      await source.close();
      await target.close();
      departures.close();
      for (const each of [directory, departing]) await rm(each, { recursive: true, force: true });
    }
  };
}
