import type { HostRule } from './host-rule.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Methods = Record<string, Method>;

/** Taken before virtual time refuses it to the client (`refuse-real-waits.ts`). */
const { binding } = process as unknown as { binding(name: string): Record<string, unknown> };

/** libuv's code of a refused permission. */
const EACCES = -13;

/**
 * Returns a module of Node's native code; undefined where Node does not give it. These classes are what `net`, `tls`, `dgram`,
 * `dns` and `process.binding` all come to.
 */
export function nativeModule(name: string): Readonly<Record<string, unknown>> | undefined {
  const { noDeprecation = false } = process;
  process.noDeprecation = true;
  try {
    return binding.call(process, name);
  } catch {
    return undefined;
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** Lets the handles of sockets connect and send only to allowed addresses. */
export function guardHandles(rule: HostRule, onAllowed: (target: string) => void): void {
  const guard = (methods: Methods | undefined, name: string, addressAt: number): void =>
    wrap(methods, name, (method) => {
      return function guarded(...args) {
        const address = args[addressAt];
        // A connected datagram socket names no address.
        if (typeof address !== 'string') return method.apply(this, args);
        if (rule.isAllowed(address)) {
          onAllowed(address);
          return method.apply(this, args);
        }
        rule.report(address);
        return EACCES;
      };
    });
  const tcp = methodsOf('tcp_wrap', 'TCP');
  for (const name of ['connect', 'connect6']) guard(tcp, name, 1);
  const udp = methodsOf('udp_wrap', 'UDP');
  for (const name of ['connect', 'connect6']) guard(udp, name, 0);
  for (const name of ['send', 'send6']) guard(udp, name, 4);
}

/** Lets `dns.resolve*` and `dns.reverse` ask only for allowed names; others fail with `EREFUSED`, as a server may refuse. */
export function guardQueries(rule: HostRule): void {
  const channel = methodsOf('cares_wrap', 'ChannelWrap');
  for (const query of Object.getOwnPropertyNames(channel ?? {}).filter((name) => /^(query|getHostByAddr)/.test(name)))
    wrap(channel, query, (method) => {
      return function guarded(request, name, ...rest) {
        if (typeof name !== 'string' || rule.isAllowed(name)) return method.call(this, request, name, ...rest);
        rule.report(name);
        process.nextTick(() => (request as { oncomplete(error: string): void }).oncomplete('EREFUSED'));
        return 0;
      };
    });
}

function methodsOf(module: string, name: string): Methods | undefined {
  return (nativeModule(module)?.[name] as { prototype: Methods } | undefined)?.prototype;
}

function wrap(methods: Methods | undefined, name: string, wrapped: (method: Method) => Method): void {
  const method = methods?.[name];
  if (methods && method) methods[name] = wrapped(method);
}
