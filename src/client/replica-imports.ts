import { Module, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The query that makes each import of a replica a module of its own. */
const REPLICA_QUERY = /[?&]replica=([^&#]+)/;

/**
 * Lets this thread import a module several times, each time with its own copy of everything that it imports: the query of the
 * first URL is handed on to every ES module that is imported from there. CommonJS packages are separate because the cache is
 * emptied before each import. What stays shared: modules of Node, native add-ons, `globalThis`, and a CommonJS package that
 * is required for the first time during a call.
 */
export function separateReplicas(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const replica = REPLICA_QUERY.exec(context.parentURL ?? '')?.[1];
      if (replica === undefined || !resolved.url.startsWith('file:') || REPLICA_QUERY.test(resolved.url))
        return resolved;
      // A package that is required is separate by its cache; with a query, Node would not find it there.
      if (context.conditions.includes('require')) return resolved;
      const joint = resolved.url.includes('?') ? '&' : '?';
      return { ...resolved, url: `${resolved.url}${joint}replica=${replica}` };
    },
  });
}

/** Returns the URL by which a replica imports a module; each id has its own copy. Forgets the CommonJS packages of others. */
export function replicaUrl(module: string, id: string): string {
  const { _cache: cache } = Module as unknown as { readonly _cache: Record<string, unknown> };
  for (const file of Object.keys(cache)) delete cache[file];
  return `${pathToFileURL(module).href}?replica=${encodeURIComponent(id)}`;
}
