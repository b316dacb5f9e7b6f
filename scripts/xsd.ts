// Writes static/schema/smps.xsd from the wire schema. `src/lib/protocol/xsd.node.test.ts` fails when it is stale.
import { mkdirSync, writeFileSync } from 'node:fs';
import { generateXsd } from '../src/lib/protocol/xsd.ts';

const target = new URL('../static/schema/smps.xsd', import.meta.url);
mkdirSync(new URL('.', target), { recursive: true });
writeFileSync(target, generateXsd());
