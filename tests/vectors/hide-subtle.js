// What `crypto` is on plain http.
const { crypto } = globalThis;
Object.defineProperty(globalThis, 'crypto', { value: { getRandomValues: crypto.getRandomValues.bind(crypto) } });
