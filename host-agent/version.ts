// The version of the agent: that of the package it came in.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `0.1.0`; `unknown` where the package.json of smps-vmm is not above this file. */
export const VERSION: string = find(dirname(fileURLToPath(import.meta.url)));

function find(directory: string): string {
  try {
    const found: unknown = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    if (typeof found === 'object' && found !== null && 'name' in found && 'version' in found) {
      if (found.name === 'smps-vmm' && typeof found.version === 'string') return found.version;
    }
  } catch {
    // Not here: further up.
  }
  const above = dirname(directory);
  return above === directory ? 'unknown' : find(above);
}
