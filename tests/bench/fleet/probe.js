// Runs in the page under measurement: notes when all hosts are sealed, and how old each mark is when it has been painted.
// Plain JavaScript: it is handed to the browser as it is.
(() => {
  const probe = { sealedAt: null, delays: [], marks: 0 };
  Object.defineProperty(globalThis, '__probe', { value: probe });
  const now = () => performance.timeOrigin + performance.now();
  /** After the next frame has been painted. */
  const painted = (then) => requestAnimationFrame(() => setTimeout(() => then(now())));
  let last = '';
  const look = () => {
    const mark = /mark-(\d+)/.exec(document.querySelector('h1')?.textContent ?? '')?.[1];
    if (mark === undefined || mark === last) return;
    last = mark;
    probe.marks++;
    painted((at) => probe.delays.push(at - Number(mark)));
  };
  const seal = () => {
    if (probe.sealedAt !== null) return;
    // “12 of 1000 hosts sealed” until all are.
    const text = document.querySelector('.seal')?.textContent.trim() ?? '';
    if (!text.startsWith(`${globalThis.__hosts} `) || text.includes(' of ')) return;
    probe.sealedAt = 0;
    painted((at) => (probe.sealedAt = at - performance.timeOrigin));
  };
  new MutationObserver(() => {
    look();
    seal();
  }).observe(document, { subtree: true, childList: true, characterData: true });
})();
