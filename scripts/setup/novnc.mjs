// Vite plugin: noVNC without the test whether H.264 can be decoded. No hypervisor's screen sends it, and the module waits for the
// answer at its top level: with one such module the bundler makes every lazily loaded part two files, the client's core too.
const FILE = /@novnc\/novnc\/core\/util\/browser\.js$/;
const TEST = 'supportsWebCodecsH264Decode = await _checkWebCodecsH264DecodeSupport();';

/** @returns {import('vite').Plugin} */
export const withoutH264 = () => ({
  name: 'novnc-without-h264',
  transform: {
    filter: { id: FILE },
    handler(code) {
      if (!code.includes(TEST)) throw new Error('noVNC has changed: it no longer tests for H.264 as it did');
      return { code: code.replace(TEST, ''), map: null };
    }
  }
});
