// How to filter: what completes a filter, and the help.
export const query = {
  /** What each field reads, for completions and help. */
  field: {
    name: 'name of the VM or host',
    state: 'running, off, paused …; of a host its link',
    site: 'site of the host',
    host: 'name or id of the host',
    tag: 'a tag of the VM',
    id: 'id of the VM or host',
    kind: 'hvm, pvh, pv',
    link: 'online, offline, connecting, refused',
    hypervisor: 'qemu, xen, simulated',
    version: 'version of the hypervisor',
    accelerator: 'kvm, xen, emulated, simulated',
    simulated: 'yes or no',
    address: 'an address of the VM (also “ip”)',
    mac: 'a hardware address of the VM',
    network: 'a network of the VM or host',
    pool: 'a pool of its disks',
    notes: 'notes of the VM',
    pending: 'something waits for the next boot',
    cpu: 'load, in per cent',
    used: 'memory in use, in per cent',
    memory: 'memory it has: 2GiB',
    vcpus: 'vCPUs; of a host its CPUs',
    disk: 'disk rate: 10MB/s',
    net: 'network rate: 10MB/s',
    uptime: 'time since its start: 2h',
    vms: 'number of VMs on the host'
  },
  /** The help of the search box: example, and what it finds. */
  help: {
    words: 'have both words somewhere, in any order',
    is: 'are exactly that; one of several between commas',
    contains: 'have a name that contains it',
    compare: 'are above, below or at least that; sizes, rates and times have a unit',
    not: 'are not so; * is any value',
    or: 'are one or the other; OR joins its two neighbours',
    quotes: 'have text with spaces or signs in it',
    fields: 'Fields'
  }
};
