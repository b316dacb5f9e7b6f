// The command and the reply whose round trip is measured: the same bytes and the same work on every path.
import { commandId, hostId } from '../../src/lib/model/ids.ts';
import type { Xml } from '../../src/lib/model/stages.ts';
import { mib, millis, vcpus } from '../../src/lib/model/units.ts';
import { decodeCommand, emptyReply, encodeCommand, encodeReply } from '../../src/lib/protocol/codec.ts';

export const HOST = hostId('bench');
const KIB = 1024;

/** A `vm.create` of exactly 1 KiB. `serial`: 0 to 2^32 - 1, becomes its id. */
export function command(serial: number): Xml {
  const made = (description: string): Xml =>
    encodeCommand({
      id: commandId(`00000000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`),
      op: 'vm.create',
      host: HOST,
      notAfter: millis(2 ** 41),
      expect: null,
      note: null,
      args: {
        name: 'bench',
        description,
        tags: null,
        protected: false,
        autostart: null,
        image: 'tiny',
        vcpus: vcpus(2),
        vcpusMax: vcpus(4),
        memory: mib(128),
        memoryMax: mib(512),
        start: true,
        disks: [{ pool: 'local', capacity: mib(64) }],
        nics: [{ network: 'user' }],
        userData: null,
        sshKeys: []
      }
    });
  return made('x'.repeat(KIB - made('x').length + 1));
}

/** What the agent's end does with it: strict decoding, and a reply of an ordinary size. */
export function answer(xml: Xml): Xml {
  const { id } = decodeCommand(xml);
  const effect = {
    resource: 'existence',
    asked: 'bench',
    seen: 'bench',
    by: 'simulated',
    when: 'now',
    note: null
  } as const;
  return encodeReply({ ...emptyReply(id, 'done'), effects: [effect] });
}
