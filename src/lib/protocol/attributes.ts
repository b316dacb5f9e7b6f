// The attributes that recur in `schema.ts`: each name stands for one form, unit and range on the wire.
import {
  HOST_ID,
  HOST_ID_WORDS,
  HOST_ID_XSD,
  MAX_TAGS,
  NAME,
  NAME_WORDS,
  NAME_XSD,
  PUBLIC_KEY,
  PUBLIC_KEY_WORDS,
  PUBLIC_KEY_XSD,
  REVISION,
  TAG,
  TAG_WORDS,
  TAG_XSD,
  UUID
} from '../model/ids.ts';
import { CPU_LIST, MAX_CAP, MAX_CPU_LIST, MAX_WEIGHT } from '../model/cpu-share.ts';
import type { ConsoleKind } from '../model/fleet.ts';
import type { CommandId, HostId, OperatorKey, Revision, VmId } from '../model/ids.ts';
import { MOST_BANDWIDTH, MOST_DOWNTIME } from '../model/move.ts';
import { MAX_SSH_KEY, SSH_KEY, SSH_KEY_WORDS, SSH_KEY_XSD } from '../model/ssh-key.ts';
import type { Bytes, BytesPerSecond, Mib, Millis, Percent, Vcpus } from '../model/units.ts';
import { column, decimal, inUnit, text, tokens, whole } from './shape.ts';

/** UTF-16 units. */
export const MAX_REMARK = 200;

export const mib = inUnit('mib', whole<Mib>(0, 2 ** 33 - 1));
export const bytes = inUnit('bytes', whole<Bytes>(0, Number.MAX_SAFE_INTEGER));
export const instant = inUnit('ms', whole<Millis>(0, Number.MAX_SAFE_INTEGER));
/** How far apart loads may come. */
export const loadEvery = inUnit('ms', whole<Millis>(0, 60_000));
export const percent = inUnit('percent', decimal<Percent>(100));
export const rate = inUnit('bytes-per-second', decimal<BytesPerSecond>(1e15));
export const vcpus = whole<Vcpus>(0, 4096);
/** What may be asked for: never none. */
export const someVcpus = whole<Vcpus>(1, 4096);
export const weight = whole(1, MAX_WEIGHT);
/** Of one physical CPU. */
export const cap = inUnit('percent', whole(1, MAX_CAP));
export const cpuList = text(MAX_CPU_LIST, {
  pattern: CPU_LIST,
  xsd: '([0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*)?',
  words: 'numbers of CPUs and ranges of them like `0-3,8`, or nothing'
});
export const someMib = inUnit('mib', whole<Mib>(1, 2 ** 33 - 1));
/** The number of a byte channel. */
export const channel = whole(1, 2 ** 32 - 1);
export const count = whole(0, Number.MAX_SAFE_INTEGER);
const uuid = {
  pattern: UUID,
  xsd: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  words: 'a lower-case UUID'
};
export const vmId = text<VmId>(36, uuid);
export const commandId = text<CommandId>(36, uuid);
export const hostId = text<HostId>(64, { pattern: HOST_ID, xsd: HOST_ID_XSD, words: HOST_ID_WORDS });
export const operatorKey = text<OperatorKey>(87, { pattern: PUBLIC_KEY, xsd: PUBLIC_KEY_XSD, words: PUBLIC_KEY_WORDS });
export const revision = text<Revision>(16, {
  pattern: REVISION,
  xsd: '[0-9a-f]{16}',
  words: '16 lower-case hex digits'
});
export const hash = text(64, { pattern: /^[0-9a-f]{64}$/, xsd: '[0-9a-f]{64}', words: '64 lower-case hex digits' });
/** A name a person gives. */
export const name = text(128, { pattern: NAME, xsd: NAME_XSD, words: NAME_WORDS });
/** A name the host gave to a pool, volume, network or image: never a path. */
export const resource = text(128, {
  pattern: /^(?!\.)[A-Za-z0-9._+-]{1,128}$/,
  xsd: '[A-Za-z0-9_+\\-][A-Za-z0-9._+\\-]{0,127}',
  words: '1 to 128 of `A-Z a-z 0-9 . _ + -`, not starting with a dot'
});
export const mac = text(17, {
  pattern: /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/,
  xsd: '[0-9a-f]{2}(:[0-9a-f]{2}){5}',
  words: 'a MAC address like `52:54:00:12:34:56`, lower case'
});
export const target = text(32, { pattern: /^[a-z0-9]{1,32}$/, xsd: '[a-z0-9]{1,32}', words: '1 to 32 of `a-z 0-9`' });
/** IPv4 or IPv6, with a prefix length and a zone where there is one. */
const addressForm = {
  pattern: /^[0-9A-Fa-z.:/%_-]{1,64}$/,
  xsd: '[0-9A-Fa-z.:/%_\\-]{1,64}',
  words: 'an IP address, with `/prefix` and `%zone` where there is one'
};
const ticketForm = {
  pattern: /^[A-Za-z0-9._-]{1,256}$/,
  xsd: '[A-Za-z0-9._\\-]{1,256}',
  words: 'a pairing ticket'
};
/** MiB per second. */
export const bandwidth = inUnit('mib-per-second', whole(1, MOST_BANDWIDTH));
export const downtime = inUnit('ms', whole(1, MOST_DOWNTIME));
export const httpsUrl = text(300, {
  pattern: /^https:\/\/[0-9A-Za-z.:%[\]-]{1,255}$/,
  xsd: 'https://[0-9A-Za-z.:%\\[\\]\\-]{1,255}',
  words: '`https://`, a name or address, and a port'
});
export const pin = text(50, {
  pattern: /^sha256:[A-Za-z0-9_-]{43}$/,
  xsd: 'sha256:[A-Za-z0-9_\\-]{43}',
  words: '`sha256:` and 32 bytes in base64url'
});
export const token = text(43, {
  pattern: /^[A-Za-z0-9_-]{43}$/,
  xsd: '[A-Za-z0-9_\\-]{43}',
  words: '32 bytes in base64url'
});
export const word = text(64);
export const line = text(1024);
/** What an operator says of something, in a sentence; may be empty. */
export const remark = text(MAX_REMARK);
export const prose = text(16_384);
export const addresses = tokens(64, addressForm);
export const tags = tokens(MAX_TAGS, { pattern: TAG, xsd: TAG_XSD, words: TAG_WORDS }, ',');
/** The pattern says what CONSOLE_KINDS says. */
export const consoles = tokens<ConsoleKind>(2, {
  pattern: /^(?:screen|serial)$/,
  xsd: '(screen|serial)',
  words: '`screen` or `serial`'
});
export const sshKey = text(MAX_SSH_KEY, { pattern: SSH_KEY, xsd: SSH_KEY_XSD, words: SSH_KEY_WORDS });
export const ticketText = text(256, ticketForm);

/** Points of a load history. */
export const MAX_POINTS = 1000;
export const permilles = inUnit('permille', column(MAX_POINTS, 1000));
export const mibs = inUnit('mib', column(MAX_POINTS, 2 ** 33 - 1));
export const rates = inUnit('bytes-per-second', column(MAX_POINTS, 1e15));
