// The machine that a Xen host of the tests is: the command line of QEMU. Every odd setting was found by a failure.

/** MiB. The rest is for guests. */
const MEMORY = { machine: 2048, dom0: 640 };
/** libvirt refuses more live vCPUs than there are processors. */
const CPUS = 4;

/** Relative to the image's directory. */
export const FILES = {
  xen: 'xen',
  kernel: 'vmlinux',
  initramfs: 'initramfs',
  root: 'root.raw',
  booted: 'booted.qcow2',
  data: 'data.raw',
  state: 'state',
  images: 'images',
  key: 'key'
} as const;

export type Machine = {
  readonly name: string;
  /** The image's directory (image.ts). */
  readonly image: string;
  /** Overlay of the root disk, thrown away; and the disk that libvirt's state and the pool are on. */
  readonly root: string;
  readonly data: string;
  /** Unix socket on which we listen for the serial line. */
  readonly serial: string;
  /** False: boot. True: wait for the state that was kept after the first boot. */
  readonly waits: boolean;
  /** Two ends of a wire between two hosts' bridges; null: not connected. */
  readonly wire: { readonly own: string; readonly other: string } | null;
  /** TCP ports of dom0 to be reached on loopback, each at a port that QEMU chooses. */
  readonly forward: readonly number[];
};

/**
 * Intel and AMD features that are kept from Xen:
 * - smap: QEMU before 9.1 reads the stack with supervisor rights on IRET from ring 3, so that a PV dom0 dies of a fault at
 *   once; smep goes with it, as no PV guest uses it;
 * - xsave and what needs it: with it, programs in dom0 crashed or computed wrongly now and then;
 * - rdtscp: otherwise Xen cannot emulate the instruction for PVH guests.
 * `svm` is part of `max`: Xen then runs PVH and HVM guests.
 */
const CPU = 'max,-smap,-smep,-rdtscp,-xsave,-xsaveopt,-xsavec,-xgetbv1,-avx,-avx2,-fma,-f16c,-vaes,-pku';

// sched=credit: the scheduler with weight and cap. bootscrub=0: memory nobody used is not touched, here or in the kept state.
const XEN = `dom0_mem=${MEMORY.dom0}M,max:${MEMORY.dom0}M dom0_max_vcpus=1 console=com1 com1=115200,8n1 sched=credit bootscrub=0`;
// rcu_expedited: an emulated CPU takes long to pass a grace period.
const LINUX = 'console=hvc0 quiet mitigations=off rodata=off audit=0 apparmor=0 rcupdate.rcu_expedited=1';

/** Arguments of qemu-system-x86_64. QMP is on stdin and stdout. */
export function machineArguments(m: Machine): readonly string[] {
  const forwards = m.forward.map((port) => `,hostfwd=tcp:127.0.0.1:0-:${port}`).join('');
  const wire =
    m.wire === null
      ? 'hubport,id=n1,hubid=1'
      : `dgram,id=n1,local.type=unix,local.path=${escaped(m.wire.own)},remote.type=unix,remote.path=${escaped(m.wire.other)}`;
  const disk = (id: string, file: string, format: string): string =>
    `file=${escaped(file)},if=none,id=${id},format=${format},cache=unsafe,discard=unmap`;
  const kernel = `${escaped(`${m.image}/${FILES.kernel}`)} ${LINUX}`;
  return [
    ...['-name', m.name, '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', 'q35,hpet=off', '-smp', String(CPUS), '-m', String(MEMORY.machine), '-cpu', CPU],
    // One thread: with more, a PV guest hung for good at boot while it patched its own code.
    ...['-accel', 'tcg,thread=single,tb-size=512'],
    ...[
      '-kernel',
      `${m.image}/${FILES.xen}`,
      '-append',
      XEN,
      '-initrd',
      `${kernel},${escaped(`${m.image}/${FILES.initramfs}`)}`
    ],
    ...['-drive', disk('d0', m.root, 'qcow2'), '-device', 'virtio-blk-pci,drive=d0'],
    ...['-drive', disk('d1', m.data, 'qcow2'), '-device', 'virtio-blk-pci,drive=d1'],
    ...['-netdev', `user,id=n0,restrict=on${forwards}`],
    ...['-device', 'virtio-net-pci,netdev=n0,mac=52:54:00:78:01:00,romfile='],
    ...['-netdev', wire, '-device', 'virtio-net-pci,netdev=n1,mac=52:54:00:78:00:00,romfile='],
    ...['-chardev', `socket,id=c0,path=${escaped(m.serial)}`, '-serial', 'chardev:c0'],
    ...['-chardev', 'stdio,id=m0,signal=off', '-mon', 'chardev=m0,mode=control'],
    ...(m.waits ? ['-incoming', 'defer'] : [])
  ];
}

/** QEMU's option lists end at a comma. */
const escaped = (path: string): string => path.replaceAll(',', ',,');
