// A console from the client's side: a byte channel that the host has agreed to. It belongs to one link and ends with it.
import { Fault } from '../model/fault.ts';
import type { ConsoleKind, ConsolePurpose } from '../model/fleet.ts';
import type { VmId } from '../model/ids.ts';
import { faultFromWire } from '../protocol/codec.ts';
import type { ByteHandlers } from './byte-channel.ts';
import type { HostSession } from './host-session.ts';
import type { SessionLink } from './session-link.ts';

export type ConsoleOptions = {
  /** Closes somebody else's console of the same serial line. */
  readonly takeOver?: boolean;
  /** Null: to work with it. A `picture` is read-only whatever the role, and lasts seconds. */
  readonly purpose?: ConsolePurpose | null;
  /** Gives the attempt up; once open, `close` ends it. */
  readonly signal?: AbortSignal;
};

export interface ConsoleChannel {
  /** The host drops what is typed. */
  readonly readOnly: boolean;
  /**
   * Once. What came before waits for it. `onClosed`: null when the VM's end closed it (it stopped, or moved away), else why
   * the host did (`busy`: taken over, `forbidden`: the role is another now), or what ended the link.
   */
  attach(handlers: ByteHandlers): void;
  /** Resolves when all of it has been sent, which is when the guest takes it. Rejects when the console is over. */
  write(data: Uint8Array): Promise<void>;
  close(): void;
}

/** The last channel number used on each link. */
const used = new WeakMap<SessionLink, number>();

/** @throws as `Client.openConsole` */
export async function openConsole(
  session: HostSession,
  vm: VmId,
  kind: ConsoleKind,
  { takeOver = false, purpose = null, signal }: ConsoleOptions
): Promise<ConsoleChannel> {
  const link = session.link();
  const channel = (used.get(link) ?? 0) + 1;
  used.set(link, channel);
  const lost = new AbortController();
  let over: { readonly reason: Fault | null } | null = null;
  const reader = Promise.withResolvers<ByteHandlers>();
  let attached: ByteHandlers | null = null;
  // Open before it is asked for: a link that is lost meanwhile ends the wait, and nothing is asked again on the next one.
  const bytes = link.openBytes(channel, {
    onData: async (data) => (await reader.promise).onData(data),
    onClosed: (reason) => {
      over = { reason };
      // Closed in good order before it was open, it was refused: the reply says why, and comes after it.
      if (reason) lost.abort(reason);
      attached?.onClosed(reason);
    }
  });
  try {
    const until = signal ? AbortSignal.any([lost.signal, signal]) : lost.signal;
    const reply = await session.run('console.open', { vm, kind, channel, takeOver, purpose }, { signal: until });
    if (reply.fault) throw faultFromWire(reply.fault);
    if (reply.console?.channel !== channel) {
      throw new Fault('malformed', { where: 'the reply to console.open', reason: 'another channel, or none' });
    }
    return {
      readOnly: reply.console.readOnly,
      attach: (handlers) => {
        attached = handlers;
        reader.resolve(handlers);
        if (over) handlers.onClosed(over.reason);
      },
      write: (data) => bytes.write(data),
      close: () => {
        bytes.close();
      }
    };
  } catch (thrown) {
    bytes.close();
    throw thrown;
  }
}
