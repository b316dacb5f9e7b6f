// What a libvirt URI says by itself. https://libvirt.org/uri.html

/** True when the hypervisor runs on this machine, so that /proc speaks of it. */
export function isLocal(uri: string): boolean {
  const match = /^[a-z]+(?:\+([a-z]+))?:\/\/([^/?]*)/.exec(uri);
  const [, transport, host] = match ?? [];
  return match !== null && (host ?? '') === '' && (transport === undefined || transport === 'unix');
}

/** True for libvirt's Xen driver. */
export const isXen = (uri: string): boolean => /^xen(?:\+[a-z0-9]+)?:/.test(uri);
