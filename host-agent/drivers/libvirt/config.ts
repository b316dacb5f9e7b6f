// What a libvirt host is driven with; plain JSON, so that it fits in agent.json.

export type LibvirtConfig = {
  /** libvirt's own form: `qemu:///system`, `xen:///system`, `qemu+unix:///session?socket=/…`, `xen+tcp://…`. */
  readonly uri: string;
  /** Directory of images: `NAME/image.json` each (images.ts). Its files must be readable by the user QEMU runs as. */
  readonly images: string;
  /** Directory pools to make where they do not exist; default none: those libvirt has are used. */
  readonly pools?: readonly { readonly name: string; readonly path: string }[];
  /** Default `auto`: a probe boot decides, once per host. */
  readonly accelerator?: 'auto' | 'kvm' | 'emulated';
  /** File that remembers the probe's answer; default null: it is probed again at each start of the agent. */
  readonly probeFile?: string | null;
  /**
   * Where the sockets of live migrations are made; `path`: what libvirt and QEMU call that directory, the same on every host.
   * QEMU's user must be able to make sockets there. Default null: VMs cannot be moved to or from this host while they run.
   */
  readonly sockets?: { readonly directory: string; readonly path: string } | null;
  /** Default `virsh`, found on PATH. */
  readonly virsh?: string;
};
