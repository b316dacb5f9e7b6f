// Which shape and tone stands for which state: full dot running, hollow off, square paused, turning ring in motion,
// `?` unknown, cross failed. Shape and colour always say the same.
import type { LinkState, VmState } from '#lib/model/fleet.ts';

export type Shape = 'full' | 'hollow' | 'square' | 'ring' | 'question' | 'cross';
export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'muted';
export type Sign = { readonly shape: Shape; readonly tone: Tone; readonly label: string };

const VM: Readonly<Record<VmState, Sign>> = {
  running: { shape: 'full', tone: 'good', label: 'running' },
  paused: { shape: 'square', tone: 'warn', label: 'paused' },
  off: { shape: 'hollow', tone: 'muted', label: 'off' },
  starting: { shape: 'ring', tone: 'info', label: 'starting' },
  stopping: { shape: 'ring', tone: 'info', label: 'stopping' },
  moving: { shape: 'ring', tone: 'info', label: 'moving' },
  crashed: { shape: 'cross', tone: 'bad', label: 'crashed' },
  unknown: { shape: 'question', tone: 'warn', label: 'unknown' }
};

const LINK: Readonly<Record<LinkState, Sign>> = {
  connecting: { shape: 'ring', tone: 'info', label: 'connecting' },
  online: { shape: 'full', tone: 'good', label: 'online' },
  offline: { shape: 'question', tone: 'warn', label: 'no link' },
  refused: { shape: 'cross', tone: 'bad', label: 'refused' }
};

export const vmSign = (state: VmState): Sign => VM[state];
export const linkSign = (state: LinkState): Sign => LINK[state];
