#!/usr/bin/env node
import { LEAN } from './lean.mjs';
import { start } from './start.mjs';

await start('smps-agent', 'host-agent/main', LEAN);
