// The driver's part of agent.json, strictly read: which driver, and what it is driven with.
import type { LibvirtConfig } from './drivers/libvirt/config.ts';
import type { SimulatedConfig } from './drivers/simulated/config.ts';
import { parseSimulated } from './drivers/simulated/parse.ts';
import type { Fields } from './files/fields.ts';

export const DRIVERS = ['libvirt', 'simulated'] as const;
export type DriverKind = (typeof DRIVERS)[number];

export type DriverConfig =
  | { readonly kind: 'libvirt'; readonly config: LibvirtConfig }
  | { readonly kind: 'simulated'; readonly config: SimulatedConfig };

/** @param fields all but `kind` @throws Fault `corrupt-state` for what is missing, unknown or out of range */
export function parseDriver(kind: DriverKind, fields: Fields): DriverConfig {
  switch (kind) {
    case 'libvirt':
      return { kind, config: parseLibvirt(fields) };
    case 'simulated':
      return { kind, config: parseSimulated(fields) };
  }
}

function parseLibvirt(fields: Fields): LibvirtConfig {
  const PATH = /^\/[^\0]+$/;
  // A socket's path is at most 107 bytes, and stands in a URI.
  const SOCKETS = /^\/[A-Za-z0-9/._+-]{1,59}$/;
  const pool = (item: Fields): { name: string; path: string } => ({
    name: item.text('name', /^[A-Za-z0-9._+-]{1,128}$/),
    path: item.text('path', PATH)
  });
  const uri = fields.text('uri', /^(?:qemu|xen)[a-z+]*:\/\/\S*$/);
  const images = fields.text('images', PATH);
  const pools = fields.maybe('pools', () => fields.list('pools', pool));
  const accelerator = fields.maybe('accelerator', () => fields.choice('accelerator', ['auto', 'kvm', 'emulated']));
  const probeFile = fields.maybe('probeFile', () => fields.text('probeFile', PATH));
  const sockets = fields.maybe('sockets', () => {
    const item = fields.object('sockets');
    const read = { directory: item.text('directory', PATH), path: item.text('path', SOCKETS) };
    item.end();
    return read;
  });
  const virsh = fields.maybe('virsh', () => fields.text('virsh', /./));
  fields.end();
  return {
    uri,
    images,
    ...(pools === null ? {} : { pools }),
    ...(accelerator === null ? {} : { accelerator }),
    ...(probeFile === null ? {} : { probeFile }),
    ...(sockets === null ? {} : { sockets }),
    ...(virsh === null ? {} : { virsh })
  };
}
