// How sealed records reach a host and come back, whatever carries them. The one seam between the session and the network:
// in the field a WebSocket to a gateway, in tests anything.
import type { Fault } from '../model/fault.ts';
import type { HostId } from '../model/ids.ts';
import type { Sealed } from '../model/stages.ts';

/** One link's way to its host. Keeps order; delivers each record once or ends. */
export interface Pipe {
  /** Resolves when there is room for the next record; await it before sending that. Rejects with the fault that ended the pipe. */
  send(record: Sealed): Promise<void>;
  /** Ends the pipe in good order: what was sent before still goes out. `onClose` is not called then. */
  close(code: number, text: string): void;
}

export interface PipeEvents {
  onRecord(record: Sealed): void;
  /** Exactly once, and last, unless `Pipe.close` was called. */
  onClose(reason: Fault): void;
}

export interface Transport {
  /**
   * Calls no event before it has resolved.
   * @throws Fault `unreachable` (this host) or `gateway-lost` (all hosts behind it); `signal`'s reason when aborted
   */
  open(host: HostId, events: PipeEvents, signal?: AbortSignal): Promise<Pipe>;
  /** Ends every pipe with `gateway-lost`, and the connection. A later `open` connects anew. */
  close(): void;
  /** Bytes handed over and not yet on the network. */
  readonly buffered?: number;
}
