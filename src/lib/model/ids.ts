// Names of things. Parsed once at the edge; inside the program a branded id is known to be well formed.
import { Fault } from './fault.ts';

declare const id: unique symbol;
type Id<Name extends string> = string & { readonly [id]: Name };

/** A host: 1 to 64 of `a-z 0-9 . _ -`, starting with a letter or digit. Safe as a URL path segment and file name. */
export type HostId = Id<'host'>;
/** A VM: lower-case UUID. Unique in the whole fleet; a migrated VM keeps it. */
export type VmId = Id<'vm'>;
/** One command: a UUID chosen by the client. The same id is never carried out twice by an agent. */
export type CommandId = Id<'command'>;
/** An operator: base64url of the 65-byte uncompressed P-256 public point (87 characters). */
export type OperatorKey = Id<'operator'>;
/** Digest of a VM's configuration (16 hex digits); a command may name the one it `expect`s. */
export type Revision = Id<'revision'>;

export const HOST_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
export const HOST_ID_XSD = '[a-z0-9][a-z0-9._\\-]{0,63}';
export const HOST_ID_WORDS = '1 to 64 of `a-z 0-9 . _ -`, starting with a letter or digit';
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/**
 * 65 bytes in base64url without padding. The first byte 0x04 fixes `B` and `A`..`P`; the unused low bits of the last
 * character are zero, so that one key has one spelling (RFC 4648 §3.5).
 */
export const PUBLIC_KEY = /^B[A-P][A-Za-z0-9_-]{84}[AEIMQUYcgkosw048]$/;
export const PUBLIC_KEY_XSD = 'B[A-P][A-Za-z0-9_\\-]{84}[AEIMQUYcgkosw048]';
export const PUBLIC_KEY_WORDS =
  'a public key: the 65 bytes of an uncompressed P-256 point in base64url (87 characters)';
export const REVISION = /^[0-9a-f]{16}$/;

function parse(kind: string, pattern: RegExp, words: string, text: string): string {
  if (pattern.test(text)) return text;
  throw new Fault('bad-argument', { name: kind, value: text.slice(0, 80), reason: `must be ${words}` });
}

/** @throws Fault `bad-argument` */
export const hostId = (text: string): HostId => parse('host id', HOST_ID, HOST_ID_WORDS, text) as HostId;
/** @throws Fault `bad-argument` */
export const vmId = (text: string): VmId => parse('VM id', UUID, 'a lower-case UUID', text) as VmId;
/** @throws Fault `bad-argument` */
export const commandId = (text: string): CommandId => parse('command id', UUID, 'a lower-case UUID', text) as CommandId;
/** @throws Fault `bad-argument` */
export const operatorKey = (text: string): OperatorKey =>
  parse('operator key', PUBLIC_KEY, PUBLIC_KEY_WORDS, text) as OperatorKey;
/** @throws Fault `bad-argument` */
export const revision = (text: string): Revision =>
  parse('revision', REVISION, '16 lower-case hex digits', text) as Revision;

/**
 * A name a person gives (VM, operator label): 1 to 128 code points, no control, line-break or bidi-control characters,
 * no white space at either end. Anything else is legal, `<script>` too: showing it safely is the part of who shows it.
 */
export const NAME = /^(?!\s)(?!.*\s$)[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]{1,128}$/u;
export const NAME_WORDS =
  '1 to 128 characters, without control, line-break or text-direction characters and without a space at either end';
/** The same in the language of XSD, which has neither lookahead nor JavaScript's `\s`. */
export const NAME_XSD = (() => {
  const never = '\\p{Cc}&#x2028;&#x2029;&#x61C;&#x200E;&#x200F;&#x202A;-&#x202E;&#x2066;-&#x2069;';
  const space = ' &#xA0;&#x1680;&#x2000;-&#x200A;&#x202F;&#x205F;&#x3000;&#xFEFF;';
  return `[^${never}${space}]([^${never}]{0,126}[^${never}${space}])?`;
})();

/**
 * A tag of a VM: 1 to 40 code points, of ASCII only letters, digits, spaces and `._:-`; beginning with none of the last five
 * and not ending with a space. Said by what is left out, as NAME is: what is a letter depends on who knows which Unicode.
 */
export const TAG =
  /^(?![ ._:-])(?!.* $)[^\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}!-,/;-@[-^`{-\xA0\xAD\u061C\u1680\u180E\u2000-\u206F\u3000\uFEFF]{1,40}$/u;
export const TAG_XSD = (() => {
  const never = '\\p{Cc}\\p{Co}{-~&#xA0;&#xAD;&#x61C;&#x1680;&#x180E;&#x2000;-&#x206F;&#x3000;&#xFEFF;';
  const first = `[^${never} -/:-@\\[-\``;
  const some = `[^${never}!-,/;-@\\[-\\^\``;
  return `${first}](${some}]{0,38}${some} ])?`;
})();
export const TAG_WORDS =
  'a tag: 1 to 40 letters, digits, spaces and `._:-`, beginning with a letter or digit and not ending with a space';
export const MAX_TAGS = 32;
/** Tags in their one form: composed (NFC), sorted by code unit, none twice. */
export const tagsOf = (tags: readonly string[]): readonly string[] =>
  [...new Set(tags.map((tag) => tag.normalize('NFC')))].sort();
