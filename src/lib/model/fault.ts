// Every way in which something can be refused or can break, in one closed table: the code, what it says, what to do.
// docs/errors.md is generated from this table. Absent is `null`; refused is data that carries a Fault; broken is thrown.

type Entry<Detail extends Record<string, string>> = {
  readonly message: (detail: Detail) => string;
  readonly advice: string;
};
const entry = <Detail extends Record<string, string>>(
  message: (detail: Detail) => string,
  advice: string
): Entry<Detail> => ({
  message,
  advice
});

export const faults = {
  // What was said
  malformed: entry<{ where: string; reason: string }>(
    (d) => `${d.where} is malformed: ${d.reason}`,
    'The two ends speak different versions, or something altered the data. Update both ends and try again.'
  ),
  'too-large': entry<{ what: string; limit: string }>(
    (d) => `${d.what} is larger than ${d.limit}`,
    'Ask for less at once.'
  ),
  'bad-argument': entry<{ name: string; value: string; reason: string }>(
    (d) => `${d.name} “${d.value}” ${d.reason}`,
    'Correct the value and try again.'
  ),
  expired: entry<{ what: string; at: string }>(
    (d) => `${d.what} expired at ${d.at}`,
    'Send it again; if it happens at once, compare the clocks of this machine and the host.'
  ),
  'id-reused': entry<{ id: string }>(
    (d) => `command id ${d.id} was already used for a different command`,
    'Send the command again under a new id.'
  ),
  // Who may
  'unknown-operator': entry<{ host: string }>(
    (d) => `host ${d.host} does not know this operator key`,
    'Pair with the host again: `smps-agent pair` on the host prints a new pairing link.'
  ),
  forbidden: entry<{ role: string; needs: string; op: string }>(
    (d) => `a ${d.role} may not ${d.op}; it needs the role ${d.needs}`,
    'Ask an admin of this host to change your role.'
  ),
  'pairing-refused': entry<{ host: string }>(
    (d) => `host ${d.host} refused the pairing code`,
    'A code works once, for ten minutes and five tries. Make a new one on the host and try again.'
  ),
  'last-admin': entry<{ host: string }>(
    (d) => `this is the last admin of host ${d.host}`,
    'Make another operator admin first.'
  ),
  // Whether it can be
  'not-found': entry<{ kind: string; id: string }>(
    (d) => `there is no ${d.kind} “${d.id}”`,
    'It may have been removed meanwhile; the list shows what is there now.'
  ),
  stale: entry<{ expected: string; actual: string }>(
    (d) => `the VM changed meanwhile (expected revision ${d.expected}, it is ${d.actual})`,
    'Look at it as it is now and decide again.'
  ),
  'wrong-state': entry<{ state: string; needs: string }>(
    (d) => `the VM is ${d.state}; this needs it ${d.needs}`,
    'Bring the VM into that state first.'
  ),
  'name-taken': entry<{ name: string }>((d) => `the name “${d.name}” is taken on this host`, 'Choose another name.'),
  'no-space': entry<{ where: string; need: string; free: string }>(
    // `free` and `need` may be empty: then nobody knows.
    (d) =>
      d.free !== '' && d.need !== ''
        ? `${d.where} has ${d.free} free, ${d.need} are needed`
        : `${d.where} has less free than ${d.need === '' ? 'is' : `the ${d.need}`} needed`,
    'Free some space, or choose another pool or host.'
  ),
  unsupported: entry<{ what: string; reason: string; instead: string }>(
    // `instead` may be empty: then there is nothing.
    (d) => `${d.what}: ${d.reason}${d.instead === '' ? '' : `; ${d.instead}`}`,
    'The message says what this host can do instead, if anything.'
  ),
  'not-sent': entry<{ reason: string }>(
    (d) => d.reason,
    'Nothing was sent to the host. Put that right, then try again.'
  ),
  'in-use': entry<{ what: string; by: string }>(
    (d) => `${d.what} is still in use by ${d.by}`,
    'Release it there (in a guest: unmount it or close what uses it), then try again.'
  ),
  protected: entry<{ vm: string }>(
    (d) => `${d.vm} is protected: neither it nor its volumes can be deleted`,
    'Turn the protection of this VM off first.'
  ),
  cancelled: entry<{ by: string; left: string }>(
    // `left` may be empty: then everything is as before.
    (d) => `cancelled by ${d.by}${d.left === '' ? '' : `; ${d.left}`}`,
    'Send it again if it is wanted after all.'
  ),
  'not-cancellable': entry<{ what: string; reason: string }>(
    (d) => `${d.what} cannot be cancelled: ${d.reason}`,
    'Wait for its end; what it did can be undone by another command.'
  ),
  busy: entry<{ what: string; by: string }>(
    (d) => `${d.what} is busy with ${d.by}`,
    'Wait until that has ended, then try again.'
  ),
  // What broke
  hypervisor: entry<{ operation: string; reason: string }>(
    (d) => `the hypervisor failed at ${d.operation}: ${d.reason}`,
    'The reason is the hypervisor’s own; its log on the host says more.'
  ),
  'hypervisor-down': entry<{ reason: string }>(
    (d) => `the hypervisor’s management daemon does not answer: ${d.reason}`,
    'Start libvirtd on the host; the agent reconnects by itself.'
  ),
  'passage-lost': entry<{ host: string; left: string }>(
    (d) => `the connection between this host and ${d.host} was lost on the way; ${d.left}`,
    'Check the network between the two hosts, then move the VM again.'
  ),
  'move-interrupted': entry<{ by: string; left: string }>(
    (d) => `the move was interrupted: ${d.by}; ${d.left}`,
    'Nothing is wrong with the VM itself. Move it again if it is still wanted there.'
  ),
  'move-no-space': entry<{ host: string; need: string; left: string }>(
    // `need` may be empty: then nobody knows.
    (d) => `the space on ${d.host} ran out on the way${d.need === '' ? '' : ` (its disks have ${d.need})`}; ${d.left}`,
    'Make room in the pool there, or choose another pool or host, then move the VM again.'
  ),
  timeout: entry<{ what: string; after: string }>(
    (d) => `${d.what} did not finish within ${d.after}`,
    'It may still happen: look at the state before trying again.'
  ),
  interrupted: entry<{ what: string }>(
    (d) => `the agent was interrupted in ${d.what}; whether it took effect is not known`,
    'Look at the state of the VM, which is current, before trying again.'
  ),
  internal: entry<{ reason: string }>(
    (d) => `something broke inside: ${d.reason}`,
    'This is a bug: please report it with what you did and the log of the agent or the browser’s console.'
  ),
  // The way there
  unreachable: entry<{ host: string; reason: string }>(
    (d) => `host ${d.host} cannot be reached: ${d.reason}`,
    'Check that the agent runs and that the gateway’s host table has its address and certificate pin.'
  ),
  offline: entry<{ host: string; since: string }>(
    (d) => `there is no link to host ${d.host} since ${d.since}; nothing was sent`,
    'The link comes back by itself as soon as the host can be reached; then try again.'
  ),
  unanswered: entry<{ op: string; host: string }>(
    (d) => `${d.op} was sent to host ${d.host}, but the link ended before its answer`,
    'It may or may not have happened: look at the state, which is current once the link is back, before trying again.'
  ),
  'gateway-lost': entry<{ url: string; reason: string }>(
    (d) => `the gateway ${d.url} cannot be reached: ${d.reason}`,
    'Check that the gateway runs and can be reached from here; an open tab reconnects by itself.'
  ),
  'link-ended': entry<{ what: string; by: string }>(
    (d) => `${d.what} was ended by ${d.by}`,
    'A link is opened anew by itself.'
  ),
  handshake: entry<{ host: string; reason: string }>(
    (d) => `no sealed link to host ${d.host}: ${d.reason}`,
    'The host was re-keyed, this key was revoked, or something between forges records. Compare the key numbers on both ends before pairing again.'
  ),
  integrity: entry<{ reason: string }>(
    (d) => `a sealed record failed its check: ${d.reason}`,
    'The link was closed and is opened anew. If this goes on, something between you and the host alters data.'
  ),
  rollback: entry<{ host: string; kept: string; offered: string }>(
    (d) => `the journal of host ${d.host} went back (we saw ${d.kept}, it offers ${d.offered})`,
    'The host was restored from a backup, or its history was rewritten. Check on the host, then accept its journal anew.'
  ),
  // Plugins
  'bad-plugin': entry<{ what: string; reason: string }>(
    (d) => `${d.what} ${d.reason}`,
    'Its author has to mend it; `smps plugin test` finds the same.'
  ),
  'plugin-failed': entry<{ plugin: string; reason: string }>(
    (d) => `the plugin ${d.plugin} ${d.reason}`,
    'Nothing was changed. Use another scheduler.'
  ),
  // The ground
  'port-in-use': entry<{ port: string }>(
    (d) => `port ${d.port} is in use`,
    'Choose another with --port, or stop the program that holds it.'
  ),
  'already-running': entry<{ pid: string; what: string }>(
    (d) => `${d.what} is already running (process ${d.pid})`,
    'Use the one that runs, stop it with Ctrl-C, or give this one another --state directory.'
  ),
  'corrupt-state': entry<{ file: string; reason: string }>(
    (d) => `the state file ${d.file} is corrupt: ${d.reason}`,
    'Restore it from a backup, or move it away to start without it.'
  ),
  'storage-refused': entry<{ reason: string }>(
    (d) => `the browser refused to store keys: ${d.reason}`,
    'Allow site data for this page (private windows may forbid it), then reload.'
  ),
  usage: entry<{ reason: string }>((d) => d.reason, 'See --help.')
} as const;

export type FaultCode = keyof typeof faults;
/** The details a code carries: all strings, so that a fault survives the wire unchanged. */
export type FaultDetail<Code extends FaultCode> = Parameters<(typeof faults)[Code]['message']>[0];

/** The names of the details a code carries, in the order its message mentions them. */
export function detailNames(code: FaultCode): readonly string[] {
  const names = new Set<string>();
  const noting = new Proxy({}, { get: (_, name) => (names.add(String(name)), '') });
  (faults[code].message as (detail: object) => string)(noting);
  return [...names];
}

export const isFaultCode = (text: string): text is FaultCode => Object.hasOwn(faults, text);

/** The one error class. `message` and `advice` are for people; `code` and `detail` are for programs. */
export class Fault<Code extends FaultCode = FaultCode> extends Error {
  readonly code: Code;
  readonly detail: FaultDetail<Code>;

  constructor(code: Code, detail: FaultDetail<Code>, options?: { cause?: unknown }) {
    // The table's union of functions cannot be called with a union of details; the constructor's own types pair them.
    super((faults[code].message as (detail: FaultDetail<Code>) => string)(detail), options);
    this.name = 'Fault';
    this.code = code;
    this.detail = detail;
  }

  /** What the operator can do about it, one or two sentences. */
  get advice(): string {
    return faults[this.code].advice;
  }

  /** The fault itself if `thrown` is one, else an `internal` fault with it as cause. */
  static from(thrown: unknown): Fault {
    if (isFault(thrown)) return thrown;
    return new Fault(
      'internal',
      { reason: thrown instanceof Error ? thrown.message : String(thrown) },
      { cause: thrown }
    );
  }
}

/** `instanceof` alone narrows to a fault of any code and any detail. */
export const isFault = (thrown: unknown): thrown is Fault => thrown instanceof Fault;

/** A result that may be refused: `refused` is data for the operator, not an exception. */
export type Outcome<Value> =
  { readonly status: 'done'; readonly value: Value } | { readonly status: 'refused'; readonly fault: Fault };

export const done = <Value>(value: Value): Outcome<Value> => ({ status: 'done', value });
export const refused = <Code extends FaultCode>(code: Code, detail: FaultDetail<Code>): Outcome<never> => ({
  status: 'refused',
  fault: new Fault(code, detail)
});
