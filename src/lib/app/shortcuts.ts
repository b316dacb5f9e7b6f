// Keys of the whole page: single ones, or two in a row (“g f”). Never while someone types, and never with a modifier.

const TYPING = 'input, textarea, select, [contenteditable], dialog *';
/** The second key of a pair must follow within this time. */
const PAIR_TIME = 1200;

export function shortcuts(actions: Readonly<Record<string, () => void>>): (event: KeyboardEvent) => void {
  let first: { readonly key: string; readonly at: number } | null = null;
  return (event) => {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target instanceof Element && target.closest(TYPING)) return;
    const pair = first !== null && event.timeStamp - first.at < PAIR_TIME ? `${first.key} ${event.key}` : null;
    first = { key: event.key, at: event.timeStamp };
    const action = (pair === null ? undefined : actions[pair]) ?? actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
}
