// Tables, and what is done to many at once.
import { figure, plural } from '../plural.ts';

const many = plural('en');

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
    autostart: 'Autostart',
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
  yes: 'yes',
  no: 'no',

  count: (n: number, total: number) => `${figure(n)} of ${figure(total)}`,
  selected: (n: number) => `${figure(n)} selected`,
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
    save: 'Save',
    'discard-saved': 'Discard saved state',
    'power-off': 'Power off',
    tag: 'Tags',
    delete: 'Delete'
  },
  bulk: {
    actions: 'Actions for the selected VMs',
    fits: (n: number, of: number) =>
      n === of ? `Possible for all ${figure(of)}` : `Possible for ${figure(n)} of ${figure(of)}`,
    fitsNone: 'Not possible for any of them in its state',
    title: {
      start: (n: number) => `Start ${many(n, { one: '# VM', other: '# VMs' })}?`,
      shutdown: (n: number) => `Shut down ${many(n, { one: '# VM', other: '# VMs' })}?`,
      reboot: (n: number) => `Reboot ${many(n, { one: '# VM', other: '# VMs' })}?`,
      pause: (n: number) => `Pause ${many(n, { one: '# VM', other: '# VMs' })}?`,
      resume: (n: number) => `Resume ${many(n, { one: '# VM', other: '# VMs' })}?`,
      save: (n: number) => `Save ${many(n, { one: '# VM', other: '# VMs' })}?`,
      'discard-saved': (n: number) => `Discard the saved state of ${many(n, { one: '# VM', other: '# VMs' })}?`,
      'power-off': (n: number) => `Power off ${many(n, { one: '# VM', other: '# VMs' })}?`,
      tag: (n: number) => `Tags of ${many(n, { one: '# VM', other: '# VMs' })}`,
      delete: (n: number) => `Delete ${many(n, { one: '# VM', other: '# VMs' })}?`
    },
    meaning: {
      start: 'The VMs boot; those that are saved go on where they were.',
      shutdown: 'Each guest is asked to end by itself.',
      reboot: 'Each guest is asked to end by itself and starts again.',
      pause: 'The guests stand still and keep their memory.',
      resume: 'The guests go on where they stood.',
      save: 'Their memory goes to the disks of their hosts; they take no CPU and no memory until a start restores them.',
      'discard-saved': 'What was in their memory is lost; their disks stay. The next start boots them.',
      'power-off':
        'This is like pulling the plug: what the guests have not written to their disks is lost. “Shut down” asks them to end by themselves.',
      tag: 'Their other tags stay as they are.',
      delete: 'The VMs are removed from their hosts. There is no way back.'
    },
    left: (n: number) => `Left out: ${figure(n)}`,
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
      unmanaged: 'was made with another tool, and is not managed',
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
    counted: (n: number, status: string) => `${figure(n)} ${status}`,
    retry: (n: number) => `Try again: ${figure(n)}`,
    stop: 'Stop the rest',
    showResults: 'Show the results',
    resultList: 'Results'
  }
};
