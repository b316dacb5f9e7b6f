// The Node that runs the agent.
import { fail, ok } from './finding.ts';
import type { Finding } from './finding.ts';

const NEEDED = 24;

/** @param version as in `process.versions.node` */
export function judgeNode(version: string): readonly Finding[] {
  if (Number(version.split('.')[0]) >= NEEDED) return [ok('node', `Node ${version}`)];
  return [
    fail(
      'node',
      `Node ${version} is too old: the agent needs ${NEEDED} or newer`,
      `run the agent by its own program, smps-agent, which brings Node ${NEEDED} with it (npm must not have been told to omit optional packages)`
    )
  ];
}
