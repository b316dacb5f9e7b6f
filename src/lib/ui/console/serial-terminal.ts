// xterm.js as a serial line may use it: what a guest prints changes the terminal's own picture and nothing else.
import { Terminal, type ITheme } from '@xterm/xterm';
import type { TerminalLook } from './terminal-look.ts';

/**
 * Repeated actions, and the most times each is believed: more than any window has lines (inserted, deleted, scrolled) or columns (tabs,
 * the last character again). xterm.js itself counts to two thousand million and stands still meanwhile.
 */
const REPEATING: Readonly<Record<string, number>> = { L: 256, M: 256, S: 256, T: 256, I: 1_024, Z: 1_024, b: 1_024 };

/** Dark in both themes: what guests print is made for that. Every colour reads at 4.5:1 by `minimumContrastRatio`. */
const THEME: ITheme = {
  background: '#0c1116',
  foreground: '#e6ecf2',
  cursor: '#e6ecf2',
  cursorAccent: '#0c1116',
  selectionBackground: '#2c5d8f'
};

/**
 * Links are not links (OSC 8), titles and sizes go nowhere (OSC 0, CSI t), and there is no clipboard (OSC 52): xterm.js has none
 * without its addon. It answers only what programs need to draw: where the cursor is, and that it is a VT100.
 * @param label for screen readers
 */
export function serialTerminal(look: TerminalLook, readOnly: boolean, label: string): Terminal {
  Terminal.strings.promptLabel = label;
  const terminal = new Terminal({
    ...look,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono') || 'monospace',
    theme: THEME,
    minimumContrastRatio: 4.5,
    disableStdin: readOnly,
    linkHandler: { activate: () => undefined, allowNonHttpProtocols: false },
    windowOptions: {},
    logLevel: 'off'
  });
  const { parser } = terminal;
  for (const [final, most] of Object.entries(REPEATING)) {
    parser.registerCsiHandler({ final }, ([count]) => typeof count === 'number' && count > most);
  }
  // Answers that no program waits for on a serial line; a shell would take them as typed.
  const silent = (): boolean => true;
  parser.registerCsiHandler({ prefix: '>', final: 'c' }, silent);
  parser.registerCsiHandler({ intermediates: '$', final: 'p' }, silent);
  parser.registerCsiHandler({ prefix: '?', intermediates: '$', final: 'p' }, silent);
  parser.registerDcsHandler({ intermediates: '$', final: 'q' }, silent);
  for (const colours of [4, 10, 11, 12]) parser.registerOscHandler(colours, (data) => data.includes('?'));
  return terminal;
}
