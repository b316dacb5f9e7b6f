// What plugin authors see: published as `smps-vmm/plugin`.
export * from './columns.ts';
export { FleetView } from './fleet-view.ts';
export { inLanguage, saidIn } from './locales.ts';
export type { LocaleWords, SettingWords } from './locales.ts';
export { configOf, parseManifest } from './manifest.ts';
export type { Config, ConfigSchema, Manifest, Setting } from './manifest.ts';
export { bestHost, biggestFirst, homeless, movesOf, placeEach, placeTogether } from './planning.ts';
export { fits, hasRoom, mayBe } from './rules.ts';
export { API } from './scheduler.ts';
export type { Intent, Move, Proposal, Scheduler, Share, Verdict } from './scheduler.ts';
export { DEFAULT_WEIGHTS, WEIGHTS } from './weights.ts';
export type { Weights } from './weights.ts';
