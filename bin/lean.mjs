/**
 * Flags for the Node of an agent, which idles most of its life in memory that the VMs could have: V8 compiles once and simply,
 * and keeps a small young generation (docs/decisions/v8-flags.md).
 */
export const LEAN = ['--no-opt', '--no-maglev', '--max-semi-space-size=1'];
