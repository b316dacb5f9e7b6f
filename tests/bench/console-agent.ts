// The agent of the console benchmark: a whole one, whose only VM has its consoles at a TCP port.
// `node tests/bench/console-agent.ts DIR PORT` writes what the measuring side needs to DIR/agent.json.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startAgent } from '../../host-agent/agent.ts';
import { simulatedDriver } from '../../host-agent/drivers/simulated/driver.ts';
import { initState } from '../../host-agent/state.ts';
import { done } from '../../src/lib/model/fault.ts';
import { hostId } from '../../src/lib/model/ids.ts';

const [, , directory = '', port = ''] = process.argv;
const state = join(directory, 'agent');
const about = { id: hostId('bench'), name: 'Bench', site: 'here', address: '127.0.0.1', port: 0 };
await initState(state, { ...about, driver: { kind: 'simulated', config: {} } });
const driver = {
  ...simulatedDriver({ vms: [{ name: 'looked-into', vcpus: 1, memory: 64, state: 'running', disks: [], nics: 0 }] }),
  console: () => Promise.resolve(done(connect({ port: Number(port), host: '127.0.0.1', noDelay: true })))
};
const agent = await startAgent({ state, driver });
writeFileSync(
  join(directory, 'agent.json'),
  JSON.stringify({ host: about.id, pin: agent.pin, ticket: await agent.ticket('admin') })
);
console.log(JSON.stringify({ event: 'listening', port: agent.port }));
process.once('SIGTERM', () => void agent.close().then(() => process.exit(0)));
