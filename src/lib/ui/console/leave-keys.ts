// All keys belong to the guest while its console has the focus, Tab too: these three together give them back.
import type { Attachment } from 'svelte/attachments';

export const LEAVE_KEYS = ['Ctrl', 'Alt', 'Shift'] as const;
const MODIFIERS: ReadonlySet<string> = new Set(['Control', 'Alt', 'Shift']);

/** Calls `leave` for the keys that give back, before the console sees them; no other key reaches the page behind it. */
export const leaveKeys =
  (leave: () => void): Attachment<HTMLElement> =>
  (node) => {
    const onLeave = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey && event.altKey && event.shiftKey && MODIFIERS.has(event.key))) return;
      event.preventDefault();
      event.stopPropagation();
      leave();
    };
    const keep = (event: KeyboardEvent): void => event.stopPropagation();
    node.addEventListener('keydown', onLeave, true);
    node.addEventListener('keydown', keep);
    return () => {
      node.removeEventListener('keydown', onLeave, true);
      node.removeEventListener('keydown', keep);
    };
  };
