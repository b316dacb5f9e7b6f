// `smps-gateway`: arguments, signals, and nothing else. See --help.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Fault } from '../src/lib/model/fault.ts';
import { jsonLog } from './log.ts';
import { startGateway } from './server.ts';
import type { GatewayOptions } from './server.ts';

const HELP = `Usage: smps-gateway --table FILE --port N [options]

Relays sealed records between browsers and host agents. It cannot read them.

  --table FILE       host table: { "hosts": { "n1": { "url": "https://10.0.0.1:7001", "pin": "sha256:…" } } }
                     (\`smps-agent pin\` prints the pin); read again whenever it changes, and on SIGHUP
  --port N           0 for any free port
  --address ADDRESS  default 127.0.0.1; any other than loopback needs TLS
  --tls-cert FILE    certificate chain, PEM
  --tls-key FILE     its private key, PEM
  --origin ORIGIN    a page's origin that may connect, besides the gateway's own; may be repeated
  --static DIR       the built app to serve
  --sockets-per-address N   default 64; raise it behind a reverse proxy
  --help

Events go to standard error, one JSON object a line; standard output gets one line when it listens.
`;

function readOptions(args: readonly string[]): GatewayOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      table: { type: 'string' },
      port: { type: 'string' },
      address: { type: 'string', default: '127.0.0.1' },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      origin: { type: 'string', multiple: true, default: [] },
      static: { type: 'string' },
      'sockets-per-address': { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  });
  if (values.help) return 'help';
  const { table, 'tls-cert': cert, 'tls-key': key, 'sockets-per-address': perAddress } = values;
  if (table === undefined) throw new Fault('usage', { reason: '--table is missing' });
  if ((cert === undefined) !== (key === undefined)) {
    throw new Fault('usage', { reason: '--tls-cert and --tls-key belong together' });
  }
  return {
    table,
    port: wholeNumber('--port', values.port, 65_535),
    address: values.address,
    origins: values.origin,
    staticDirectory: values.static ?? null,
    tls:
      cert === undefined || key === undefined
        ? null
        : { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
    log: jsonLog((line) => process.stderr.write(line)),
    limits: perAddress === undefined ? {} : { socketsPerAddress: wholeNumber('--sockets-per-address', perAddress, 1e6) }
  };
}

function wholeNumber(name: string, text: string | undefined, max: number): number {
  if (text === undefined || !/^\d{1,7}$/.test(text) || Number(text) > max) {
    throw new Fault('usage', { reason: `${name} must be a number from 0 to ${String(max)}` });
  }
  return Number(text);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  // What V8 takes while a thousand links open at once it would keep: more than the links themselves (docs/decisions/v8-flags.md).
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--concurrent-turbofan-max-threads=1');
  const gateway = await startGateway(options);
  options.log('listening', { port: gateway.port, address: options.address });
  process.stdout.write(`${JSON.stringify({ event: 'listening', port: gateway.port })}\n`);
  const stop = (signal: NodeJS.Signals): void => {
    options.log('stopping', { signal });
    void gateway.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.on('SIGHUP', () => void gateway.reload());
}

try {
  await main();
} catch (error) {
  const fault = error instanceof Fault ? error : null;
  const usage = fault?.code === 'usage' || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.stderr.write(`smps-gateway: ${error instanceof Error ? error.message : String(error)}\n`);
  if (fault !== null) process.stderr.write(`${fault.advice}\n`);
  process.exitCode = usage ? 2 : 1;
}
