// The built single-page app, served from a list made by walking its directory: a request names an entry of that list or
// gets index.html, so no path from outside ever reaches the file system.
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

type File = {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly type: string;
  /** Made when first asked for; the directory holds a few hundred small files at most. */
  zipped: Promise<Buffer> | null;
};

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
  '.xsd': 'application/xml'
};
const ZIPPED = /^(text\/|application\/(json|xml|manifest|wasm)|image\/svg)/;
/** Names with a hash of their content: they never change. */
const IMMUTABLE = '/_app/immutable/';
/** The one page that may be framed, by the app itself: it holds the plugin sandbox. */
const FRAMED = '/plugin-frame.html';
/** Milliseconds between two walks of the directory, however many unknown names are asked for. */
const WALK_INTERVAL = 1_000;

const compress = promisify(gzip);

/** On every answer of the gateway, whatever it is. */
export const securityHeaders = (path: string): OutgoingHttpHeaders => ({
  'content-security-policy': `frame-ancestors ${path === FRAMED ? "'self'" : "'none'"}`,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
});

export class StaticFiles {
  readonly #root: string;
  #files: ReadonlyMap<string, File> = new Map();
  #walkedAt = -Infinity;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws when `root` cannot be read. */
  static async open(root: string): Promise<StaticFiles> {
    const files = new StaticFiles(root);
    await files.#walk();
    return files;
  }

  /** Answers GET and HEAD of `path` (without query). Unknown paths get index.html: the app routes them. */
  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const file = await this.#find(path);
    if (file === null) {
      response.writeHead(404, { ...securityHeaders(path), 'content-type': 'text/plain; charset=utf-8' });
      response.end('not found\n');
      return;
    }
    const headers: OutgoingHttpHeaders = {
      ...securityHeaders(path),
      'content-type': file.type,
      'cache-control': path.startsWith(IMMUTABLE) ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: file.etag,
      vary: 'accept-encoding'
    };
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const zipped = await this.#zipped(file, request);
    headers['content-length'] = zipped?.length ?? file.size;
    if (zipped !== null) headers['content-encoding'] = 'gzip';
    response.writeHead(200, headers);
    if (request.method === 'HEAD') {
      response.end();
    } else if (zipped !== null) {
      response.end(zipped);
    } else {
      createReadStream(file.path)
        .on('error', () => {
          response.destroy();
        })
        .pipe(response);
    }
  }

  async #find(path: string): Promise<File | null> {
    const name = decode(path);
    if (name === null) return null;
    const wanted = name === '/' ? '/index.html' : name;
    if (!this.#files.has(wanted) && Date.now() - this.#walkedAt > WALK_INTERVAL) await this.#walk();
    const file = this.#files.get(wanted);
    if (file !== undefined) return file;
    // A missing script must not be answered with a page.
    if (name.startsWith('/_app/') || Object.hasOwn(TYPES, extname(name))) return null;
    return this.#files.get('/index.html') ?? null;
  }

  async #zipped(file: File, request: IncomingMessage): Promise<Buffer | null> {
    const accepted = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
    if (!accepted || !ZIPPED.test(file.type)) return null;
    file.zipped ??= readFile(file.path).then((content) => compress(content));
    try {
      return await file.zipped;
    } catch {
      file.zipped = null;
      return null;
    }
  }

  async #walk(): Promise<void> {
    this.#walkedAt = Date.now();
    const files = new Map<string, File>();
    for (const entry of await readdir(this.#root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = await stat(path);
      const name = path.slice(this.#root.length).replaceAll('\\', '/').replace(/^\/*/, '/');
      files.set(name, {
        path,
        size,
        etag: `W/"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`,
        type: TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream',
        zipped: null
      });
    }
    this.#files = files;
  }
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
