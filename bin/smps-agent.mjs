#!/usr/bin/env node
import { start } from './start.mjs';

await start('smps-agent', 'host-agent/main');
