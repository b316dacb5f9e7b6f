// The size of an element, told after the layout that comes anyway: to ask an element that was just drawn costs one of its own.
import type { Attachment } from 'svelte/attachments';

/** Calls `told` once the element is laid out, and whenever its inner size (px, without border and scroll bars) has changed. */
export const resized =
  (told: (width: number, height: number, node: HTMLElement) => void): Attachment<HTMLElement> =>
  (node) => {
    const observer = new ResizeObserver(() => told(node.clientWidth, node.clientHeight, node));
    observer.observe(node);
    return () => observer.disconnect();
  };
