// Tables, what is done to many at once, and the search box.
import { plural } from '../plural.ts';

const many = plural('en');
const figure = new Intl.NumberFormat('en', { useGrouping: 'min2' });
const choose = (list: string): string => (list === '' ? '' : ` Possible: ${list}.`);

export const table = {
  vms: 'VMs',
  hosts: 'Hosts',
  column: {
    name: 'Name',
    state: 'State',
    host: 'Host',
    site: 'Site',
    cpu: 'CPU',
    vcpus: 'vCPUs',
    memory: 'Memory',
    disk: 'Disk I/O',
    net: 'Network',
    address: 'Addresses',
    tags: 'Tags',
    uptime: 'Up',
    kind: 'Kind',
    notes: 'Notes',
    id: 'Id',
    link: 'Link',
    hypervisor: 'Hypervisor',
    used: 'Memory used',
    cpus: 'CPUs',
    vms: 'VMs',
    version: 'Version'
  },
  cpuOf: (name: string) => `CPU of ${name}`,
  memoryOf: (name: string) => `Memory of ${name}`,
  andMore: (n: number) => `+${n}`,
  asOf: 'as of',

  count: (n: number, total: number) => `${figure.format(n)} of ${figure.format(total)}`,
  selected: (n: number) => `${figure.format(n)} selected`,
  selectAll: 'Select all',
  select: (name: string) => `Select ${name}`,
  clearSelection: 'Clear the selection',
  columns: 'Columns',
  columnsReset: 'Back to the usual columns',
  moveLeft: (column: string) => `Move ${column} to the left`,
  moveRight: (column: string) => `Move ${column} to the right`,

  noVmMatches: (query: string) => `No VM matches “${query}”`,
  noHostMatches: (query: string) => `No host matches “${query}”`,
  noMatchHelp:
    'Words must occur in the name, state, host, site, notes, tags or addresses; fields are written “state:running”.',
  clearFilter: 'Clear the filter',
  noVm: 'No VM yet',
  noVmHelp:
    'Create one from an image that the host offers. VMs made by other tools on the host appear here by themselves.',

  action: {
    start: 'Start',
    shutdown: 'Shut down',
    reboot: 'Reboot',
    pause: 'Pause',
    resume: 'Resume',
    'power-off': 'Power off',
    tag: 'Tags',
    delete: 'Delete'
  },
  bulk: {
    actions: 'Actions for the selected VMs',
    fits: (n: number, of: number) =>
      n === of ? `Possible for all ${figure.format(of)}` : `Possible for ${figure.format(n)} of ${figure.format(of)}`,
    fitsNone: 'Not possible for any of them in its state',
    title: {
      start: (n: number) => `Start ${many(n, { one: '# VM', other: '# VMs' })}?`,
      shutdown: (n: number) => `Shut down ${many(n, { one: '# VM', other: '# VMs' })}?`,
      reboot: (n: number) => `Reboot ${many(n, { one: '# VM', other: '# VMs' })}?`,
      pause: (n: number) => `Pause ${many(n, { one: '# VM', other: '# VMs' })}?`,
      resume: (n: number) => `Resume ${many(n, { one: '# VM', other: '# VMs' })}?`,
      'power-off': (n: number) => `Power off ${many(n, { one: '# VM', other: '# VMs' })}?`,
      tag: (n: number) => `Tags of ${many(n, { one: '# VM', other: '# VMs' })}`,
      delete: (n: number) => `Delete ${many(n, { one: '# VM', other: '# VMs' })}?`
    },
    meaning: {
      start: 'The VMs boot.',
      shutdown: 'Each guest is asked to end by itself.',
      reboot: 'Each guest is asked to end by itself and starts again.',
      pause: 'The guests stand still and keep their memory.',
      resume: 'The guests go on where they stood.',
      'power-off':
        'This is like pulling the plug: what the guests have not written to their disks is lost. “Shut down” asks them to end by themselves.',
      tag: 'Their other tags stay as they are.',
      delete: 'The VMs are removed from their hosts. There is no way back.'
    },
    left: (n: number) => `Left out: ${figure.format(n)}`,
    deleteDisks: (n: number) => `Also delete their ${many(n, { one: '# disk', other: '# disks' })}`,
    typeNumber: 'Type the number of VMs to confirm',
    addTags: 'Add',
    removeTags: 'Remove',
    tagsHint: 'Several between commas',
    apply: 'Apply',
    why: {
      link: 'no link to its host',
      role: (role: string) => `your role on its host is ${role}`,
      state: (state: string) => `is ${state}`,
      protected: 'is protected',
      host: 'its host cannot do that'
    },
    resultsOf: (action: string, n: number) => `${action}: ${many(n, { one: '# VM', other: '# VMs' })}`,
    status: {
      waiting: 'waiting',
      running: 'running',
      done: 'done',
      refused: 'refused',
      failed: 'failed',
      unknown: 'unknown',
      stopped: 'stopped',
      skipped: 'left out'
    },
    counted: (n: number, status: string) => `${figure.format(n)} ${status}`,
    retry: (n: number) => `Try again: ${figure.format(n)}`,
    stop: 'Stop the rest',
    showResults: 'Show the results',
    resultList: 'Results'
  },

  keys: {
    move: 'in a table: move',
    choose: 'in a table: choose the row; with Shift a range',
    all: 'in a table: choose all that match',
    open: 'in a table: open the row',
    complete: 'in the filter: take the completion'
  },

  search: {
    label: 'Filter hosts and VMs',
    placeholder: 'Filter: words, or site:north state:running cpu>80',
    clear: 'Clear the filter',
    completions: 'Completions',
    help: 'How to filter',
    saved: 'Saved filters',
    savedNone: 'Give the filter a name to find it again here.',
    saveAs: 'Name for this filter',
    save: 'Save',
    rename: (name: string) => `Rename ${name}`,
    remove: (name: string) => `Delete ${name}`,
    newName: 'New name',
    use: (fix: string) => `Use ${fix}`,
    leaveOut: 'Leave it out'
  },
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
  },
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
