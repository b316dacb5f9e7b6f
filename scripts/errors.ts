// Writes docs/errors.md from the table of faults. `scripts/errors.test.ts` fails when it is stale.
import { writeFileSync } from 'node:fs';
import { Fault, detailNames, faults } from '../src/lib/model/fault.ts';
import type { FaultCode } from '../src/lib/model/fault.ts';

export const ERRORS = new URL('../docs/errors.md', import.meta.url);

function section(code: FaultCode): string {
  const names = detailNames(code);
  // Each detail stands for itself.
  const detail = Object.fromEntries(names.map((name) => [name, `‹${name}›`])) as never;
  const fault = new Fault(code, detail);
  return `## ${code}\n\n${fault.message}\n\n*What to do:* ${fault.advice}\n`;
}

/** The whole text of docs/errors.md: one section per code, in the order of the table. */
export function errorsMarkdown(): string {
  const head = [
    '# Errors',
    '',
    '<!-- Generated from src/lib/model/fault.ts by scripts/errors.ts: do not edit. -->',
    '',
    'Every refusal and every failure has one of these codes, in the browser, on the command line and in the logs.',
    '‹Words in these brackets› stand for the details of the case; programs find them by these names.',
    ''
  ].join('\n');
  const codes = Object.keys(faults) as FaultCode[];
  return [head, ...codes.map(section)].join('\n');
}

if (import.meta.main) writeFileSync(ERRORS, errorsMarkdown());
