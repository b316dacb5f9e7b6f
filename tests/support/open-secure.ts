// A seal that hides nothing, for tests of what happens above it: the same form, the same order, the same faults, no keys.
import { Fault } from '../../src/lib/model/fault.ts';
import type { Sealed, Segment } from '../../src/lib/model/stages.ts';
import type { Secure } from '../../src/lib/seal/handshake.ts';

const HEADER = 10;
const TAG = 16;

/** The epoch (how often the key was changed) stands where the tag would: a record of the wrong epoch does not open. */
export function openSecure(): Secure & { readonly rekeys: () => number } {
  let sent = 0;
  let received = 0;
  let sendEpoch = 0;
  let receiveEpoch = 0;
  return {
    handshakeHash: new Uint8Array(32),
    peer: new Uint8Array(65),
    suite: 1,
    rekeys: () => sendEpoch,
    async seal(segment, data = new Uint8Array(0)) {
      const size = segment.length + data.length;
      const record = new Uint8Array(HEADER + size + TAG);
      record.set([1, 3]);
      const view = new DataView(record.buffer);
      view.setUint32(6, sent);
      record.set(segment, HEADER);
      record.set(data, HEADER + segment.length);
      view.setUint32(HEADER + size, sendEpoch);
      sent += 1;
      await Promise.resolve();
      return record as Sealed;
    },
    async open(record) {
      const view = new DataView(record.buffer, record.byteOffset, record.length);
      const good = view.getUint32(6) === received && view.getUint32(record.length - TAG) === receiveEpoch;
      received += 1;
      await Promise.resolve();
      if (!good) throw new Fault('integrity', { reason: 'not the next record' });
      return record.subarray(HEADER, record.length - TAG) as Segment;
    },
    rekeySend: () => {
      sendEpoch += 1;
    },
    rekeyReceive: () => {
      receiveEpoch += 1;
    }
  };
}
