// Consoles: the screen and the serial line of a guest.
import type { ConsoleKind } from '../../model/fleet.ts';
import { figure, plural } from '../plural.ts';

const many = plural('en');

export const consoles = {
  title: 'Console',
  kind: { screen: 'Screen', serial: 'Serial line' } satisfies Record<ConsoleKind, string>,
  kinds: 'Which console',
  /** Of the picture or terminal, for screen readers. */
  of: { screen: (vm: string) => `Screen of ${vm}`, serial: (vm: string) => `Serial line of ${vm}` },

  none: (vm: string) => `${vm} has no console`,
  noneHelp:
    'Its configuration has neither a screen (VNC) nor a serial line. Give it one on the host, and it shows up here.',
  off: (vm: string, state: string) => `${vm} is ${state}`,
  offHelp: 'Its console opens by itself as soon as it runs.',
  noLink: (host: string) => `No link to ${host}`,
  noLinkHelp: 'The console opens again by itself as soon as the link is back.',

  opening: 'Opening…',
  openTo: (host: string) => `Open, sealed to ${host}`,
  quiet: 'Nothing was said yet: Enter brings a prompt.',
  quietReadOnly: 'Nothing was said yet.',
  readOnly: 'Read-only',
  readOnlyHelp: 'Your role on this host is viewer: the host drops what is typed.',
  again: 'Reconnect',
  againNow: 'Now',
  lost: (reason: string) => `The console is lost: ${reason}`,
  againIn: (span: string) => `It opens again in ${span}.`,
  closed: 'The host closed this console',
  closedHelp:
    'The VM stopped, moved away, or what carries its console ended. When it starts, the console opens again by itself.',
  moves: 'The VM moves, and its console follows.',
  movesTo: (host: string) => `The VM moves to ${host}, and its console follows.`,
  following: (vm: string) => `${vm} moves to another host`,
  followingTo: (vm: string, host: string) => `${vm} moves to ${host}`,
  followingHelp: 'The console opens there by itself as soon as the VM runs there.',
  taken: 'This console is in use',
  takenHelp: 'Two on one serial line would steal each other’s bytes. Whoever has it is told that you took it over.',
  takeOver: 'Take over',
  failed: 'The console cannot be opened',

  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  ownTab: 'Own tab',
  ownTabHelp: 'Open this console in a tab of its own',
  toVm: 'To the VM',
  ctrlAltDel: 'Ctrl-Alt-Del',
  paste: 'Paste',
  pasteTo: (vm: string) => `Paste into ${vm}`,
  pasteText: 'Text',
  pasteLong: (n: number) => `${many(n, { one: '# character', other: '# characters' })}, too many to be shown`,
  pasteDrop: 'Remove',
  pasteHelp: {
    screen: 'It is typed key by key, as on a US keyboard, for as long as that takes.',
    serial: 'Lines end as with Enter. Control characters are left out.'
  } satisfies Record<ConsoleKind, string>,
  pasteMissing: (n: number) =>
    many(n, {
      one: '# character is on no US key and is left out.',
      other: '# characters are on no US key and are left out.'
    }),
  pasteTakes: (span: string) => `About ${span}.`,
  pasteTooLong: (most: number) =>
    `At most ${figure(most)} characters by keys. Use the serial line, a network or a disk.`,
  pasting: (percent: number) => `Pasting, ${percent} %`,
  pasteStopped: 'The rest was not pasted.',
  pasteLost: (reason: string) => `The rest was not pasted: ${reason}`,

  size: 'Size of the picture',
  sizeHelp:
    '“Resize the guest” asks it for a picture of this window’s size. A guest without a driver for that, such as one in its firmware, keeps its own.',
  sizes: { fit: 'Fit the window', actual: '1:1', guest: 'Resize the guest' },
  copy: 'Copy',
  copyHelp: 'Copy what is selected (Ctrl+Shift+C)',
  clear: 'Clear',
  terminal: 'Terminal',
  letters: 'Size of letters',
  scrollback: 'Kept above',
  lines: (n: number) => many(n, { one: '# line', other: '# lines' }),
  tellSize: (columns: number, rows: number) => `Set guest to ${columns}×${rows}`,
  tellSizeHelp: (command: string) =>
    `Types “${command}” and Enter, at a shell of a Unix guest. A serial line does not say how large the terminal is, and guests take it for 80×24.`,
  smaller: 'Smaller letters',
  larger: 'Larger letters',
  leave: 'gives the keys back',
  keysNowhere: 'Your role here is viewer: you only look, and no key reaches the guest.',
  keysHere: 'While the console has the focus, every key goes to the guest, Tab too.',

  picture: 'Screen',
  pictureOpen: (vm: string) => `Open the screen of ${vm}`,
  pictureRefresh: 'Look again',
  pictureAt: (age: string) => `as of ${age}`,
  pictureTaking: 'Looking…',
  pictureNone: 'No picture yet.'
};
