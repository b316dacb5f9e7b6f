// The query of the search box as two functions, for those who ask about one thing at a time; the last query stays compiled.
import type { Host, Vm } from '#lib/model/fleet.ts';
import { compileQuery, type CompiledQuery } from '#lib/query/compile.ts';

let last: { readonly text: string; readonly compiled: CompiledQuery } | null = null;
function compiled(text: string): CompiledQuery {
  if (last?.text !== text) last = { text, compiled: compileQuery(text) };
  return last.compiled;
}

/** An empty query matches everything. */
export const hostMatches = (query: string, host: Host): boolean => compiled(query).host(host);
export const vmMatches = (query: string, host: Host, vm: Vm): boolean => compiled(query).vm(host, vm);
