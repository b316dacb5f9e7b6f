// Text as keys of a US keyboard: a screen has no other way in. Which letter a key is, the guest decides.

/** `keysym` as X11 has it, `code` as `KeyboardEvent.code`. */
export type Stroke = { readonly keysym: number; readonly code: string; readonly shift: boolean };

/** Milliseconds a key event takes: QEMU hands its guest one every 10 ms, and drops what does not fit its queue. */
export const KEY_TIME = 12;
/** Characters pasted by keys at most: half an hour of them. */
export const MOST_KEYS = 32_768;

export const SHIFT: Stroke = { keysym: 0xffe1, code: 'ShiftLeft', shift: false };
const ENTER: Stroke = { keysym: 0xff0d, code: 'Enter', shift: false };
const TAB: Stroke = { keysym: 0xff09, code: 'Tab', shift: false };

/** Each key with what it writes alone and with Shift. */
const KEYS: readonly (readonly [code: string, plain: string, shifted: string])[] = [
  ['Backquote', '`', '~'],
  ...Array.from('1234567890', (digit, at) => [`Digit${digit}`, digit, '!@#$%^&*()'.charAt(at)] as const),
  ['Minus', '-', '_'],
  ['Equal', '=', '+'],
  ['BracketLeft', '[', '{'],
  ['BracketRight', ']', '}'],
  ['Backslash', '\\', '|'],
  ['Semicolon', ';', ':'],
  ['Quote', "'", '"'],
  ['Comma', ',', '<'],
  ['Period', '.', '>'],
  ['Slash', '/', '?'],
  ['Space', ' ', ' '],
  ...Array.from(
    'abcdefghijklmnopqrstuvwxyz',
    (letter) => [`Key${letter.toUpperCase()}`, letter, letter.toUpperCase()] as const
  )
];

const STROKES: ReadonlyMap<string, Stroke> = new Map([
  ...KEYS.flatMap(([code, plain, shifted]) => [
    [shifted, { keysym: shifted.charCodeAt(0), code, shift: true }] as const,
    [plain, { keysym: plain.charCodeAt(0), code, shift: false }] as const
  ]),
  ['\n', ENTER],
  ['\t', TAB]
]);

/** The strokes of `text`, and how many of its characters no key writes: they are left out. */
export function strokesOf(text: string): { readonly strokes: readonly Stroke[]; readonly missing: number } {
  const characters = Array.from(text.replace(/\r\n?/g, '\n'));
  const strokes = characters.flatMap((character) => STROKES.get(character) ?? []);
  return { strokes, missing: characters.length - strokes.length };
}
