// The size of an element, told after the layout that comes anyway: to ask an element that was just drawn costs one of its own.
import type { Attachment } from 'svelte/attachments';

/** Calls `told` once the element is laid out, and whenever the room within it (px, without padding and scroll bars) has changed. */
export const resized =
  (told: (width: number, height: number) => void): Attachment<HTMLElement> =>
  (node) => {
    const observer = new ResizeObserver((entries) => {
      for (const { contentRect } of entries) told(contentRect.width, contentRect.height);
    });
    observer.observe(node);
    return () => observer.disconnect();
  };
