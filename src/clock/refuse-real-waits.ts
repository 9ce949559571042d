import childProcess from 'node:child_process';
import { Socket as DatagramSocket } from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

/** Error code of a call that virtual time does not allow. */
export const OUTSIDE_VIRTUAL_TIME = 'QUOTALAB_OUTSIDE_VIRTUAL_TIME';

const SPAWNING = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'];
/** Look-ups by `getaddrinfo` are seen while they last (`createIdleWait`); with an address they are none. */
const LOOK_UPS = /^(resolve.*|reverse|lookupService)$/;
const SENDING = ['bind', 'connect', 'connectSync', 'send'];
/** Native modules that give handles past the classes above. */
const NATIVE = ['cares_wrap', 'pipe_wrap', 'process_wrap', 'spawn_sync', 'tcp_wrap', 'udp_wrap'];

/**
 * Makes calls that wait in real time throw, since virtual time would stand still meanwhile, or jump: child processes, worker
 * threads, DNS queries, datagrams, and native handles of any of these. `onRefused` gets what was called, such as `a child process (execFileSync)`.
 */
export function refuseRealWaits(onRefused: (what: string) => void): void {
  const refuse = (kind: string, call: string): never => {
    const what = `${kind} (${call})`;
    onRefused(what);
    throw Object.assign(new Error(`${what} is not possible in virtual time; use time: wall`), {
      code: OUTSIDE_VIRTUAL_TIME,
    });
  };
  const refuseAll = (target: object, names: readonly string[], kind: string, prefix = ''): void => {
    for (const name of names) {
      const value = (): never => refuse(kind, `${prefix}${name}`);
      Object.defineProperty(target, name, { value, configurable: true, writable: true });
    }
  };
  refuseAll(childProcess, SPAWNING, 'a child process');
  // What every other way leads to, such as `cluster.fork`.
  refuseAll(childProcess.ChildProcess.prototype, ['spawn'], 'a child process', 'ChildProcess.');
  refuseAll(dns, namesOf(dns), 'a DNS look-up', 'dns.');
  refuseAll(dns.promises, namesOf(dns.promises), 'a DNS look-up', 'dns.promises.');
  for (const { prototype } of [dns.Resolver, dns.promises.Resolver]) {
    refuseAll(prototype, namesOf(prototype), 'a DNS look-up', 'Resolver.');
  }
  refuseAll(DatagramSocket.prototype, SENDING, 'a datagram socket', 'dgram.');
  const owner = process as unknown as { binding(name: string): unknown };
  const { binding } = owner;
  owner.binding = (name) =>
    NATIVE.includes(String(name))
      ? refuse('a native handle', `process.binding('${name}')`)
      : binding.call(process, name);
  workerThreads.Worker = new Proxy(workerThreads.Worker, { construct: () => refuse('a worker thread', 'new Worker') });
  syncBuiltinESMExports();
}

function namesOf(target: object): string[] {
  return Object.getOwnPropertyNames(target).filter((name) => LOOK_UPS.test(name));
}
