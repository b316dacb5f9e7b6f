// Which shape and tone stands for which state: full dot running, hollow off, square paused, empty square saved, turning ring in motion,
// `?` unknown, cross failed. Shape and colour always say the same.
import type { ShellMessages } from '#lib/messages/messages.ts';
import { inMaintenance, type Host, type LinkState, type VmState } from '#lib/model/fleet.ts';

export type Shape = 'full' | 'hollow' | 'square' | 'frame' | 'ring' | 'question' | 'cross';
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'muted';
export type Sign = { readonly shape: Shape; readonly tone: Tone; readonly label: string };

const VM: Readonly<Record<VmState, Omit<Sign, 'label'>>> = {
  running: { shape: 'full', tone: 'good' },
  paused: { shape: 'square', tone: 'warn' },
  saved: { shape: 'frame', tone: 'info' },
  off: { shape: 'hollow', tone: 'muted' },
  starting: { shape: 'ring', tone: 'info' },
  stopping: { shape: 'ring', tone: 'info' },
  moving: { shape: 'ring', tone: 'info' },
  crashed: { shape: 'cross', tone: 'bad' },
  unknown: { shape: 'question', tone: 'warn' }
};

const LINK: Readonly<Record<LinkState, Omit<Sign, 'label'>>> = {
  connecting: { shape: 'ring', tone: 'info' },
  online: { shape: 'full', tone: 'good' },
  offline: { shape: 'question', tone: 'warn' },
  refused: { shape: 'cross', tone: 'bad' }
};

export const vmSign = (m: ShellMessages, state: VmState): Sign => ({ ...VM[state], label: m.common.vmState[state] });
/** A square: it stands still, and nothing comes. */
export const hostSign = (m: ShellMessages, host: Host): Sign =>
  host.link === 'online' && inMaintenance(host)
    ? { shape: 'square', tone: 'warn', label: m.common.maintenance }
    : { ...LINK[host.link], label: m.common.linkState[host.link] };
