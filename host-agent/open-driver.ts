// The driver that agent.json names. Each is loaded only where it is used.
import type { Driver } from './drivers/driver.ts';
import { Fields } from './fields.ts';
import { files } from './state.ts';
import type { State } from './state.ts';

/** @throws Fault `corrupt-state` for a configuration the driver does not understand */
export async function openDriver({ directory, config }: Pick<State, 'directory' | 'config'>): Promise<Driver> {
  const at = files(directory);
  const { kind, config: own } = config.driver;
  const fields = Fields.of(`${at.config} (driver)`, own);
  switch (kind) {
    case 'simulated': {
      const { simulatedDriver } = await import('./drivers/simulated/driver.ts');
      const { parseSimulated } = await import('./drivers/simulated/parse.ts');
      const { seedFrom } = await import('./drivers/simulated/random.ts');
      const given = parseSimulated(fields);
      // Hosts that were given no seed still differ from one another.
      return simulatedDriver({ seed: seedFrom(config.id), file: at.simulated, ...given });
    }
    case 'libvirt':
      throw fields.corrupt('the libvirt driver is not there yet');
  }
}
