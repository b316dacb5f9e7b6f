declare module 'webcrypto-liner/build/index.es.js' {
  /** WebCrypto in JavaScript; it takes random numbers from the platform, and `subtle` too where there is one. */
  export const Crypto: new () => globalThis.Crypto;
}
