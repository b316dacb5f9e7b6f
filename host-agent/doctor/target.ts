// Who is examined: the agent of a state directory, or, before there is one, a hypervisor by its URI.
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Fault } from '../../src/lib/model/fault.ts';
import { parseDriver } from '../driver-config.ts';
import type { DriverConfig } from '../driver-config.ts';
import type { LibvirtConfig } from '../drivers/libvirt/config.ts';
import { Fields } from '../files/fields.ts';
import { files, readConfig } from '../state.ts';
import type { AgentConfig } from '../state.ts';

export type Target = {
  /** Null: only the hypervisor is looked at. */
  readonly directory: string | null;
  /** Null where it cannot be read; the check of the state says why. */
  readonly config: AgentConfig | null;
  /** What is driven by libvirt; null for the simulated driver. */
  readonly libvirt: LibvirtConfig | null;
};

/** Who looks: all that is found out is what this user may. */
export type Looker = { readonly uid: number; readonly name: string };

export function looker(): Looker {
  const { uid, username } = userInfo();
  return { uid, name: username };
}

/** The URI of the hypervisor of this machine. @param root for tests */
export const localUri = (root = '/'): string =>
  existsSync(`${root}proc/xen/capabilities`) ? 'xen:///system' : 'qemu:///system';

/** @param uri instead of the one in agent.json; null: that one, or this machine's */
export async function targetOf(directory: string | null, uri: string | null): Promise<Target> {
  const config = directory === null ? null : await readable(() => readConfig(directory));
  const driver = directory === null || config === null ? null : await readable(() => driverOf(directory, config));
  if (driver?.kind === 'simulated' && uri === null) return { directory, config, libvirt: null };
  const known: LibvirtConfig | null = driver?.kind === 'libvirt' ? driver.config : null;
  const libvirt = known ?? { uri: localUri(), images: '' };
  return { directory, config, libvirt: uri === null ? libvirt : { ...libvirt, uri } };
}

function driverOf(directory: string, { driver }: AgentConfig): DriverConfig {
  return parseDriver(driver.kind, Fields.of(`${files(directory).config} (driver)`, driver.config));
}

async function readable<Value>(read: () => Value | Promise<Value>): Promise<Value | null> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof Fault) return null;
    throw thrown;
  }
}
