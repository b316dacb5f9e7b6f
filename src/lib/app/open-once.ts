// What is opened when it is first asked for, and kept.

/** All who ask get the same, but for what it rejects with: whoever asks after that has it tried anew. */
export function openOnce<Value>(open: () => Promise<Value>): () => Promise<Value> {
  let opened: Promise<Value> | null = null;
  const forget = (): void => {
    opened = null;
  };
  return () => {
    if (opened === null) {
      opened = open();
      opened.catch(forget);
    }
    return opened;
  };
}
