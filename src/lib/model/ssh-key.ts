// An OpenSSH public key as `ssh-keygen` prints it (RFC 4253 §6.6, RFC 5656, RFC 8709, PROTOCOL.u2f): `type base64 comment`.
// No options before it: whoever may create a VM gives a key, not commands for the guest to run.

/** The fields of each type after its name: exact byte lengths, or [least, most]. */
const FIELDS = {
  'ssh-ed25519': [32],
  'ssh-rsa': [
    [1, 8],
    [128, 2049]
  ],
  'ecdsa-sha2-nistp256': [8, 65],
  'ecdsa-sha2-nistp384': [8, 97],
  'ecdsa-sha2-nistp521': [8, 133],
  'sk-ssh-ed25519@openssh.com': [32, [1, 255]],
  'sk-ecdsa-sha2-nistp256@openssh.com': [8, 65, [1, 255]]
} as const satisfies Readonly<Record<string, readonly (number | readonly [number, number])[]>>;

const TYPES = Object.keys(FIELDS).map((type) => type.replaceAll('.', '\\.'));
const COMMENT = '[!-~]([ -~]{0,254}[!-~])?';
export const SSH_KEY_XSD = `(${TYPES.join('|')}) [A-Za-z0-9+/]{40,4096}={0,2}( ${COMMENT})?`;
/** The form alone: `sshKeyProblem` looks into it. */
export const SSH_KEY = new RegExp(`^${SSH_KEY_XSD}$`);
export const SSH_KEY_WORDS =
  'an OpenSSH public key on one line: `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-…` or `sk-…`, base64, a comment; no options';
/** Characters of one line. */
export const MAX_SSH_KEY = 4400;
export const MAX_SSH_KEYS = 16;

/** What is wrong with the line, to follow its name (“is not …”); null for a public key. */
export function sshKeyProblem(line: string): string | null {
  if (/^-----BEGIN|PRIVATE KEY/.test(line)) return 'is a private key: give the line of the file that ends in .pub';
  if (!SSH_KEY.test(line)) return `must be ${SSH_KEY_WORDS}`;
  const [type = '', base64 = ''] = line.split(' ');
  const bytes = decodeBase64(base64);
  if (bytes === null) return 'is cut off or altered: its base64 is not whole';
  const wanted: readonly (number | readonly [number, number])[] = [type.length, ...FIELDS[type as keyof typeof FIELDS]];
  let at = 0;
  for (const [index, length] of wanted.entries()) {
    const [least, most] = typeof length === 'number' ? [length, length] : length;
    const size = sizeAt(bytes, at);
    if (size === null || size < least || size > most) return 'is cut off or altered: it holds no key of its type';
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 4 + Math.min(size, 64)));
    if (index === 0 && name !== type) return `holds a key of another type than ${type}`;
    at += 4 + size;
  }
  return at === bytes.length ? null : 'is followed by something that is no part of the key';
}

/** The `u32be` length at `at` when that many bytes follow it. */
function sizeAt(bytes: Uint8Array, at: number): number | null {
  if (at + 4 > bytes.length) return null;
  const size = new DataView(bytes.buffer).getUint32(at);
  return at + 4 + size <= bytes.length ? size : null;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** With padding, canonical (RFC 4648 §4); null for any other spelling. */
function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const digits = text.replace(/={1,2}$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const digit of digits) {
    held = ((held << 6) | ALPHABET.indexOf(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
}
