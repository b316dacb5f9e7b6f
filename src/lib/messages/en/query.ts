// How to filter: what completes a filter, what is wrong in one, and the help.
const choose = (list: string): string => (list === '' ? '' : ` Possible: ${list}.`);

export const query = {
  /** What each field reads, for completions and help. */
  field: {
    name: 'name of the VM or host',
    state: 'running, off, paused, saved …; of a host its link',
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
    maintenance: 'yes or no: whether its host is in maintenance',
    address: 'an address of the VM (also “ip”)',
    mac: 'a hardware address of the VM',
    network: 'a network of the VM or host',
    pool: 'a pool of its disks',
    notes: 'notes of the VM',
    autostart: 'yes or no: whether it starts with its host',
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
  },

  /** What is wrong in a filter. */
  problem: {
    'unknown-field': (found: string) => `There is no field “${found}”. Text with a colon goes in quotes.`,
    'unknown-value': (found: string, field: string, choices: string) =>
      `“${found}” is no value of ${field}.${choose(choices)}`,
    'missing-value': (_found: string, field: string, choices: string) =>
      `${field} needs a value after it.${choose(choices)}`,
    'not-a-number': (found: string, field: string) => `${field} is compared with a number; “${found}” is none.`,
    'needs-unit': (found: string, _field: string, choices: string) => `${found} of what? Write a unit: ${choices}.`,
    'unknown-unit': (found: string, field: string, choices: string) =>
      choices === ''
        ? `${field} is a plain number; “${found}” has a unit.`
        : `The unit of “${found}” is unknown here.${choose(choices)}`,
    'needs-figure': (found: string, field: string) =>
      `${field} is text: “:” (is) and “~” (contains) go with it, “${found}” does not.`,
    'needs-text': (found: string, field: string) =>
      `${field} is a figure: “${found}” does not go with it; = < > <= >= do.`,
    'no-field': (found: string) => `“${found}” has no field before it; there is no space round the sign: cpu>80.`,
    'unclosed-quote': () => 'This quote is not closed.',
    'dangling-or': () => 'OR stands between two terms.',
    'too-long': () => 'A filter has at most 500 characters; the rest is left out.'
  }
};
