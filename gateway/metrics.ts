// What the gateway counts, in Prometheus' text format (version 0.0.4). No label names a host, an operator or an address.
import { CLOSE_CODES } from '../src/lib/frame/close-code.ts';
import type { CloseName } from '../src/lib/frame/close-code.ts';

export type Rejection = 'path' | 'origin' | 'address-limit' | 'socket-limit' | 'shutting-down' | 'handshake';

type Kind = 'counter' | 'gauge';
type Sample = readonly [labels: string, value: number];

export class Metrics {
  sockets = 0;
  socketsTotal = 0;
  links = 0;
  opensTotal = 0;
  agents = 0;
  agentConnectsTotal = 0;
  agentFailuresTotal = 0;
  toAgentRecords = 0;
  toAgentBytes = 0;
  toBrowserRecords = 0;
  toBrowserBytes = 0;
  /** Times a browser was too slow for its agents, and the other way round. */
  browserPauses = 0;
  agentPauses = 0;
  tableLoads = 0;
  tableErrors = 0;
  tableHosts = 0;
  readonly #closes = new Map<CloseName, number>();
  readonly #rejections = new Map<Rejection, number>();

  closed(name: CloseName): void {
    this.#closes.set(name, (this.#closes.get(name) ?? 0) + 1);
  }

  rejected(reason: Rejection): void {
    this.#rejections.set(reason, (this.#rejections.get(reason) ?? 0) + 1);
  }

  /** The whole exposition, ending in a newline. */
  text(): string {
    const both = (toAgent: number, toBrowser: number): Sample[] => [
      ['{to="agent"}', toAgent],
      ['{to="browser"}', toBrowser]
    ];
    const closes = Object.keys(CLOSE_CODES).map((name): Sample => [
      `{code="${name}"}`,
      this.#closes.get(name as CloseName) ?? 0
    ]);
    const rejections = [...this.#rejections].map(([reason, n]): Sample => [`{reason="${reason}"}`, n]);
    return [
      family('smps_gateway_sockets', 'gauge', 'Open WebSockets.', [['', this.sockets]]),
      family('smps_gateway_sockets_total', 'counter', 'WebSockets accepted.', [['', this.socketsTotal]]),
      family('smps_gateway_rejections_total', 'counter', 'WebSockets refused, by reason.', rejections),
      family('smps_gateway_links', 'gauge', 'Open links.', [['', this.links]]),
      family('smps_gateway_opens_total', 'counter', 'OPEN frames received.', [['', this.opensTotal]]),
      family('smps_gateway_closes_total', 'counter', 'Links ended or refused, by close code.', closes),
      family(
        'smps_gateway_records_total',
        'counter',
        'Records relayed.',
        both(this.toAgentRecords, this.toBrowserRecords)
      ),
      family(
        'smps_gateway_bytes_total',
        'counter',
        'Bytes of records relayed.',
        both(this.toAgentBytes, this.toBrowserBytes)
      ),
      family(
        'smps_gateway_pauses_total',
        'counter',
        'Times a slow end stopped the other.',
        both(this.agentPauses, this.browserPauses)
      ),
      family('smps_gateway_agents', 'gauge', 'TLS connections to agents.', [['', this.agents]]),
      family('smps_gateway_agent_connects_total', 'counter', 'TLS connections made.', [['', this.agentConnectsTotal]]),
      family('smps_gateway_agent_failures_total', 'counter', 'TLS connections that failed.', [
        ['', this.agentFailuresTotal]
      ]),
      family('smps_gateway_table_loads_total', 'counter', 'Host tables accepted.', [['', this.tableLoads]]),
      family('smps_gateway_table_errors_total', 'counter', 'Host tables refused.', [['', this.tableErrors]]),
      family('smps_gateway_table_hosts', 'gauge', 'Hosts in the table.', [['', this.tableHosts]]),
      family('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', process.memoryUsage.rss()]]),
      family('process_cpu_seconds_total', 'counter', 'CPU time used.', [['', cpuSeconds()]])
    ].join('');
  }
}

function family(name: string, kind: Kind, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${String(value)}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
