// `smps-vmm/plugin` under Node: in a clone the source, in the packed package what was compiled from it (as start.mjs does).
import { existsSync } from 'node:fs';

const source = new URL('../src/lib/plugin/index.ts', import.meta.url);
const compiled = new URL('../dist/src/lib/plugin/index.js', import.meta.url);

export const {
  API,
  CPU,
  DEFAULT_WEIGHTS,
  DISK,
  DISK_IO,
  FleetView,
  HARD,
  HOST_MAINTENANCE,
  HOST_ONLINE,
  HOST_SHARES,
  HOST_SIMULATED,
  MEMORY,
  NET,
  RESOURCES,
  SHARE_CAP,
  SHARE_LEAST,
  SHARE_WANTED,
  SHARE_WEIGHT,
  SHARE_WIDTH,
  VCPUS,
  VM_MOVABLE,
  VM_NEW,
  VM_RUNNING,
  WEIGHTS,
  WIDTH,
  bestHost,
  biggestFirst,
  configOf,
  fits,
  hasRoom,
  homeless,
  inLanguage,
  mayBe,
  movesOf,
  parseManifest,
  placeEach,
  placeTogether,
  saidIn,
  textAt,
  textsOf
} = await import((existsSync(source) ? source : compiled).href);
