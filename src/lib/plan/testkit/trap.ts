// Whether code asks what it must not: the time, chance of its own, the network. Asked things still answer; that they were is noted.

/** Names of what was asked while `work` ran, each once. Whatever it throws is thrown on, with everything put back. */
export function whileTrapped<T>(work: () => T): { readonly answer: T; readonly asked: readonly string[] } {
  const asked = new Set<string>();
  const restore: (() => void)[] = [];
  const trap = (owner: object, name: string, label: string): void => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    const real: unknown = Reflect.get(owner, name);
    if (typeof real !== 'function') return;
    const noted = (...words: unknown[]): unknown => {
      asked.add(label);
      return Reflect.apply(real, owner, words) as unknown;
    };
    Object.defineProperty(owner, name, { configurable: true, writable: true, value: noted });
    restore.push(() => {
      if (own === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, own);
    });
  };
  trap(Math, 'random', 'Math.random');
  trap(Date, 'now', 'Date.now');
  trap(performance, 'now', 'performance.now');
  trap(crypto, 'getRandomValues', 'crypto.getRandomValues');
  trap(crypto, 'randomUUID', 'crypto.randomUUID');
  for (const name of ['fetch', 'setTimeout', 'setInterval', 'queueMicrotask']) trap(globalThis, name, name);
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct(target, words, as) {
      if (words.length === 0) asked.add('new Date');
      return Reflect.construct(target, words, as) as object;
    }
  });
  restore.push(() => {
    globalThis.Date = RealDate;
  });
  try {
    return { answer: work(), asked: [...asked] };
  } finally {
    for (const back of restore.reverse()) back();
  }
}
