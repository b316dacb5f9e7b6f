// The keyboard is always somewhere: on the heading of a new view, or on what held the thing that had the focus and is gone.

/** Focuses what takes no focus by itself, for as long as it keeps it. @returns false when it cannot be focused */
export function focusOn(node: HTMLElement): boolean {
  if (!node.hasAttribute('tabindex')) {
    node.tabIndex = -1;
    node.addEventListener('blur', () => node.removeAttribute('tabindex'), { once: true });
  }
  node.focus({ preventScroll: true });
  return document.activeElement === node;
}

/**
 * When what has the focus goes away or is disabled, the nearest thing round it that is still there takes it: the next Tab goes
 * on from that place, and a second Enter does nothing. The heading of a view passes it on to the one in its place: a view that did
 * not know yet what it shows begins anew when it does. @returns stops watching
 */
export function keepFocus(body: HTMLElement): () => void {
  /** What had the focus last, and all that is round it, from the inside out. */
  let path: HTMLElement[] = [];
  const note = ({ target }: Event): void => {
    path = [];
    for (let node = target; node instanceof HTMLElement && node !== body; node = node.parentElement) path.push(node);
  };
  // Whoever presses on nothing wants it nowhere.
  const forget = (): void => void (path = []);
  const mend = (): void => {
    const [last, ...around] = path;
    const now = document.activeElement;
    if (last === undefined || (now !== body && now !== last)) return;
    if (last.isConnected && !last.matches(':disabled')) return;
    const heading = last.matches('h1') ? body.querySelector<HTMLElement>('main h1') : null;
    if (heading !== null && focusOn(heading)) return;
    for (const node of around) if (node.isConnected && focusOn(node)) return;
  };
  const observer = new MutationObserver(mend);
  observer.observe(body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
  body.addEventListener('focusin', note);
  body.addEventListener('pointerdown', forget);
  return () => {
    observer.disconnect();
    body.removeEventListener('focusin', note);
    body.removeEventListener('pointerdown', forget);
  };
}
