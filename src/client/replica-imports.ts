import { Module, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The query that makes each import of a replica a module of its own. */
const REPLICA_QUERY = /[?&]replica=([^&#]+)/;

/** Loaded CommonJS modules by file, as in Node's `require.cache`. */
type ModuleCache = Record<string | symbol, unknown>;

/**
 * Lets this thread import a module several times, each time with its own copy of everything that it imports: the query of the
 * first URL is handed on to every ES module that is imported from there, and each replica has its own `require.cache`.
 * `current` returns the replica of the running code, undefined for the tool's own. What stays shared: modules of Node, native
 * add-ons, `globalThis`, and an ES module that CommonJS code loads with `require`.
 */
export function separateReplicas(current: () => object | undefined): void {
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
  separateModuleCaches(current);
}

/** Returns the URL by which a replica imports a module; each id has its own copy. */
export function replicaUrl(module: string, id: string): string {
  return `${pathToFileURL(module).href}?replica=${encodeURIComponent(id)}`;
}

function separateModuleCaches(current: () => object | undefined): void {
  const loader = Module as unknown as { _cache: ModuleCache };
  const shared = loader._cache;
  const caches = new WeakMap<object, ModuleCache>();
  function own(): ModuleCache {
    const replica = current();
    if (!replica) return shared;
    const cache = caches.get(replica) ?? (Object.create(null) as ModuleCache);
    caches.set(replica, cache);
    return cache;
  }
  loader._cache = new Proxy(Object.create(null) as ModuleCache, {
    get: (_, file) => own()[file],
    set: (_, file, module) => Reflect.set(own(), file, module),
    has: (_, file) => Reflect.has(own(), file),
    deleteProperty: (_, file) => Reflect.deleteProperty(own(), file),
    ownKeys: () => Reflect.ownKeys(own()),
    getOwnPropertyDescriptor: (_, file) => Reflect.getOwnPropertyDescriptor(own(), file),
    defineProperty: (_, file, descriptor) => Reflect.defineProperty(own(), file, descriptor),
  });
}
