// The driver that agent.json names. Each is loaded only where it is used.
import type { Driver } from './drivers/driver.ts';
import type { LibvirtConfig } from './drivers/libvirt/config.ts';
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
    case 'libvirt': {
      const { libvirtDriver } = await import('./drivers/libvirt/driver.ts');
      return libvirtDriver({ probeFile: at.probe, ...parseLibvirt(fields) });
    }
  }
}

function parseLibvirt(fields: Fields): LibvirtConfig {
  const PATH = /^\/[^\0]+$/;
  const pool = (item: Fields): { name: string; path: string } => ({
    name: item.text('name', /^[A-Za-z0-9._+-]{1,128}$/),
    path: item.text('path', PATH)
  });
  const uri = fields.text('uri', /^(?:qemu|xen)[a-z+]*:\/\/\S*$/);
  const images = fields.text('images', PATH);
  const pools = fields.maybe('pools', () => fields.list('pools', pool));
  const accelerator = fields.maybe('accelerator', () => fields.choice('accelerator', ['auto', 'kvm', 'emulated']));
  const probeFile = fields.maybe('probeFile', () => fields.text('probeFile', PATH));
  const virsh = fields.maybe('virsh', () => fields.text('virsh', /./));
  fields.end();
  return {
    uri,
    images,
    ...(pools === null ? {} : { pools }),
    ...(accelerator === null ? {} : { accelerator }),
    ...(probeFile === null ? {} : { probeFile }),
    ...(virsh === null ? {} : { virsh })
  };
}
