#!/usr/bin/env node
import { fileURLToPath } from 'node:url';

// `smps agent …` is smps-agent, under its own name: it may start itself anew by it.
if (process.argv[2] === 'agent') {
  process.argv.splice(1, 2, fileURLToPath(new URL('smps-agent.mjs', import.meta.url)));
  await import('./smps-agent.mjs');
} else {
  const { start } = await import('./start.mjs');
  await start('smps', 'src/cli');
}
