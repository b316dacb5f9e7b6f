import { plural } from '../plural.ts';

const many = plural('en');

export const map = {
  label: 'Map of sites, hosts and VMs',
  keys:
    'Arrow keys walk among what lies side by side. Alt and arrow down goes in, Backspace or Alt and arrow up goes out. ' +
    'Space selects, Enter opens. Plus, minus and 0 zoom.',
  edge: 'Nothing further on this side',
  showAs: 'Show as',
  packed: 'Packed',
  table: 'Table',
  colouredBy: 'Coloured by',
  metric: { cpu: 'CPU', memory: 'Memory', disk: 'Disk I/O', network: 'Network' },
  reference: {
    disk: (rate: string) => `Full is ${rate}, read and written together`,
    network: (rate: string) => `Full is ${rate} (1 Gbit/s) in the busier direction`
  },
  legend: 'Colour is load, from idle to full in six steps; hatched means no figure. Size is memory.',
  noFigure: 'none',
  idle: 'idle',
  full: 'full',
  fullAt: (rate: string) => `${rate} and more`,
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  fit: 'Show the whole map',
  hostOrVm: 'Host or VM',
  state: 'State',
  on: (host: string) => `on ${host}`,
  cpus: (n: number) => many(n, { one: '# CPU', other: '# CPUs' }),
  vcpus: (n: number) => many(n, { one: '# vCPU', other: '# vCPUs' }),
  figure: (metric: string, figure: string) => `${metric} ${figure}`,
  ofMemory: (used: string, whole: string) => `${used} of ${whole}`,
  ofFull: (figure: string, share: string, full: string) => `${figure} (${share} of ${full})`,
  siteLoad: (cpu: string, memory: string) => `${cpu} CPU · ${memory} memory`,
  opens: 'Double-click to open',
  selected: (name: string) => `${name} selected`,
  moves: (vm: string, from: string, to: string) => `${vm} moved from ${from} to ${to}`,
  tableOf: (metric: string) => `Hosts and their VMs with ${metric} load`,
  showVms: (host: string) => `VMs of ${host}`
};
