// The driver that agent.json names. Each is loaded only where it is used.
import { parseDriver } from './driver-config.ts';
import type { Driver } from './drivers/driver.ts';
import { Fields } from './files/fields.ts';
import { files } from './state.ts';
import type { State } from './state.ts';

/** @throws Fault `corrupt-state` for a configuration the driver does not understand */
export async function openDriver({ directory, config }: Pick<State, 'directory' | 'config'>): Promise<Driver> {
  const at = files(directory);
  const choice = parseDriver(config.driver.kind, Fields.of(`${at.config} (driver)`, config.driver.config));
  switch (choice.kind) {
    case 'simulated': {
      const { simulatedDriver } = await import('./drivers/simulated/driver.ts');
      const { seedFrom } = await import('./drivers/simulated/random.ts');
      // Hosts that were given no seed still differ from one another.
      return simulatedDriver({ seed: seedFrom(config.id), file: at.simulated, ...choice.config });
    }
    case 'libvirt': {
      const { libvirtDriver } = await import('./drivers/libvirt/driver.ts');
      return libvirtDriver({ probeFile: at.probe, ...choice.config });
    }
  }
}
