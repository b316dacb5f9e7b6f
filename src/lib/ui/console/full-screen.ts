/** Fills the screen with `node`, or leaves it. Where the browser lets it, its own keys go to the guest there; Esc held down leaves. */
export async function turnFullScreen(node: HTMLElement): Promise<void> {
  if (document.fullscreenElement !== null) return document.exitFullscreen();
  await node.requestFullscreen();
  const { keyboard } = navigator as { keyboard?: { lock?: () => Promise<void> } };
  await keyboard?.lock?.().catch(() => undefined);
}
