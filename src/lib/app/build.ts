// Which build of the app this is. The page names every script and style by a hash of its content, so that a hash of the
// page (and of the one script it names without) stands for the whole.
import { asset, resolve } from '$app/paths';
import { version } from '$app/env';

/** Of package.json. */
export const BUILD_VERSION = version;

/**
 * SHA-256, in hex, of the page and `theme.js` as they are served now: `cat build/index.html build/theme.js | sha256sum`.
 * Null where the browser has no cryptography (plain http) or they could not be fetched.
 */
export async function buildHash(): Promise<string | null> {
  try {
    const texts = await Promise.all(
      [resolve('/'), asset('theme.js')].map(async (path) => {
        const response = await fetch(path, { cache: 'no-store' });
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
        return response.arrayBuffer();
      })
    );
    const digest = await crypto.subtle.digest('SHA-256', await new Blob(texts).arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  } catch {
    return null;
  }
}
