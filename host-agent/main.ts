#!/usr/bin/env node
// The agent's program: `smps-agent init|run|pair|pin|operators|doctor`, and `smps agent …`. What it says for programs goes to stdout, logs to stderr.
import { Fault } from '../src/lib/model/fault.ts';
import { printTicket } from '../src/lib/seal/ticket.ts';
import { startAgent } from './agent.ts';
import { CODE_LIFETIME, Codes } from './access/codes.ts';
import { parseCommandLine, USAGE } from './command-line.ts';
import type { Intention } from './command-line.ts';
import { nodeProvider } from './crypto.ts';
import { stderrLog } from './log.ts';
import { Operators } from './access/operators.ts';
import { files, hostKey, initState, readState } from './state.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main(intention: Intention): Promise<void> {
  switch (intention.verb) {
    case 'help':
      process.stdout.write(USAGE);
      return;
    case 'init': {
      const { config, pin } = await initState(intention.state, intention.config);
      print(JSON.stringify({ event: 'initialised', id: config.id, pin }));
      return;
    }
    case 'run':
      return run(intention);
    case 'pair': {
      const { config, directory, ...state } = await readState(intention.state);
      const provider = nodeProvider();
      const { publicKey } = await hostKey({ ...state, config, directory }, provider);
      const codes = new Codes(files(directory).codes, provider, stderrLog(config.id));
      const { code } = await codes.create(intention.role);
      print(printTicket({ host: config.id, hostKey: publicKey, code }));
      process.stderr.write(`for one new ${intention.role}, within ${CODE_LIFETIME / 60_000} minutes\n`);
      return;
    }
    case 'pin':
      print((await readState(intention.state)).pin);
      return;
    case 'operators':
      return operators(intention);
    case 'doctor':
      return doctor(intention);
  }
}

async function doctor({ state, uri, json }: Extract<Intention, { verb: 'doctor' }>): Promise<void> {
  // Seldom needed, and not by an agent that runs.
  const { examine } = await import('./doctor/doctor.ts');
  const { report, worst } = await import('./doctor/finding.ts');
  const findings = await examine(state, uri);
  const level = worst(findings);
  print(json ? JSON.stringify({ level, findings }, null, 2) : report(findings));
  if (level === 'fail') process.exitCode = 1;
}

async function operators({ state, change }: Extract<Intention, { verb: 'operators' }>): Promise<void> {
  const { config, directory } = await readState(state);
  const known = new Operators(files(directory).operators, config.id, stderrLog(config.id));
  if (change !== null) {
    const { key, role } = change;
    const outcome = await (role === null ? known.revoke(key) : known.setRole(key, role));
    if (outcome.status === 'refused') throw outcome.fault;
  }
  for (const { key, label, role, since } of known.list()) {
    print(JSON.stringify({ key, label, role, since: new Date(since).toISOString() }));
  }
}

async function run({ state, port, log }: Extract<Intention, { verb: 'run' }>): Promise<void> {
  const { config } = await readState(state);
  const say = stderrLog(config.id, log);
  const agent = await startAgent({ state, log: say, ...(port === null ? {} : { port }) });
  let stopping = false;
  const stop = (signal: string): void => {
    // Who asks twice does not want to wait.
    if (stopping) process.exit(130);
    stopping = true;
    say('info', 'stopping', { signal });
    agent.close().then(
      () => {
        say('info', 'stopped');
        process.exit(0);
      },
      (thrown: unknown) => {
        say('error', 'stop-failed', { reason: Fault.from(thrown).message });
        process.exit(1);
      }
    );
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
  print(JSON.stringify({ event: 'listening', id: agent.id, port: agent.port, pin: agent.pin }));
}

/** Of the administrator's own making, and so exit status 2. */
const MISTAKES = new Set(['usage', 'bad-argument', 'corrupt-state', 'port-in-use', 'already-running', 'unsupported']);

try {
  await main(parseCommandLine(process.argv.slice(2)));
} catch (thrown) {
  const fault = Fault.from(thrown);
  process.stderr.write(`smps-agent: ${fault.message}\n  ${fault.advice}\n`);
  if (fault.code === 'internal' && fault.cause instanceof Error) process.stderr.write(`${String(fault.cause.stack)}\n`);
  process.exitCode = MISTAKES.has(fault.code) ? 2 : 1;
}
