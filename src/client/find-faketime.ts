import { existsSync, readFileSync } from 'node:fs';
import { QuotaLabError } from '../../mock-server/error.ts';

/** Names a library in another place than those where packages put it. */
const VARIABLE = 'LIBFAKETIME';

/** Debian's names for what Node calls `process.arch`. */
const TRIPLETS: Readonly<Record<string, string>> = {
  arm: 'arm-linux-gnueabihf',
  arm64: 'aarch64-linux-gnu',
  ia32: 'i386-linux-gnu',
  loong64: 'loongarch64-linux-gnu',
  ppc64: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
  x64: 'x86_64-linux-gnu',
};

/** Homebrew's prefix on Apple's processors, and on Intel's. */
const BREW = ['/opt/homebrew', '/usr/local'];

/** libfaketime, as it is here. */
export interface Faketime {
  readonly library: string;
  /** Whether it knows the call by which Python (from 3.11 on, on Linux) waits for a thread for a time: 0.9.11 and later do. */
  readonly timesThreads: boolean;
}

/** Where Debian, Fedora, Arch, Alpine, Homebrew, and its own Makefile put the library; without threads' locks around it. */
function placesOf(platform: string, arch: string): string[] {
  if (platform === 'darwin') return BREW.map((prefix) => `${prefix}/lib/faketime/libfaketime.1.dylib`);
  const folders = [`/usr/lib/${TRIPLETS[arch]}`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
  return folders.flatMap((folder) =>
    ['libfaketime.so.1', 'libfaketimeMT.so.1'].map((name) => `${folder}/faketime/${name}`),
  );
}

/** Finds libfaketime. Throws `client/no-faketime` with what to install. */
export function findFaketime(
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
  named = process.env[VARIABLE],
): Faketime {
  const places = named ? [named] : placesOf(platform, arch);
  const library = places.find(existsSync);
  if (library !== undefined) {
    return { library, timesThreads: platform !== 'linux' || readFileSync(library).includes('sem_clockwait\0') };
  }
  const install = platform === 'darwin' ? 'brew install libfaketime' : 'apt-get install faketime';
  const hint = named
    ? `${VARIABLE} must be the path of libfaketime.so.1`
    : `${install}, or set ${VARIABLE} to the path of libfaketime.so.1; or use time: wall`;
  const message = named ? `there is no file ${named}` : 'scaled needs libfaketime, which is not installed';
  throw new QuotaLabError('client/no-faketime', 'scaled time needs libfaketime', {
    problems: [{ path: 'time', message, hint }],
  });
}
