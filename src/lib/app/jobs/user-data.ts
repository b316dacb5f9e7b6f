// What is wrong with a text meant for cloud-init, before a guest boots with it and nobody sees why it did nothing.
// The parser for YAML is fetched when the first `#cloud-config` is looked at.

/** Bytes in UTF-8, as the agent takes them. */
export const MAX_USER_DATA = 16 * 1024;

export type UserDataProblem =
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** It begins as nothing that is accepted here. */
  | { readonly kind: 'beginning' }
  /** Counted from 1; `reason` in the parser's words. */
  | { readonly kind: 'yaml'; readonly line: number; readonly column: number; readonly reason: string }
  /** A `#cloud-config` that holds a list or a single value. */
  | { readonly kind: 'not-a-mapping'; readonly line: number };

/** All but what stands inside a `#cloud-config`. */
export function userDataHeadProblem(text: string): UserDataProblem | null {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MAX_USER_DATA) return { kind: 'too-large', bytes };
  if (text === '' || isCloudConfig(text) || text.startsWith('#!')) return null;
  return /^Content-Type: multipart\//i.test(text) ? null : { kind: 'beginning' };
}

/** Null for text a guest can be given: empty, `#cloud-config` with a YAML mapping, `#!` and a script, or MIME multipart. */
export async function userDataProblem(text: string): Promise<UserDataProblem | null> {
  const head = userDataHeadProblem(text);
  if (head !== null || !isCloudConfig(text)) return head;
  const { isMap, LineCounter, parseDocument, visit } = await import('yaml');
  const lines = new LineCounter();
  // Never made into values: an alias that repeats itself a million times stays one node.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { kind: 'yaml', line, column: col, reason: error.message };
  }
  const lost: UserDataProblem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return;
      const { line, col } = lines.linePos(alias.range?.[0] ?? 0);
      lost.push({ kind: 'yaml', line, column: col, reason: `nothing is anchored as &${alias.source}` });
    }
  });
  if (lost[0] !== undefined) return lost[0];
  const { contents } = document;
  if (contents === null || isMap(contents)) return null;
  return { kind: 'not-a-mapping', line: lines.linePos(contents.range[0]).line };
}

const isCloudConfig = (text: string): boolean => /^#cloud-config(?:\s|$)/.test(text);
