import { existsSync, readFileSync } from 'node:fs';
import { QuotaLabError } from '../../mock-server/error.ts';

/** Environment variable with the library's path, for a non-standard location. */
const VARIABLE = 'LIBFAKETIME';

/** Debian's architecture names by `process.arch`. */
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

/** Homebrew's prefix on Apple silicon and on Intel. */
const HOMEBREW_PREFIXES = ['/opt/homebrew', '/usr/local'];

/** The installed libfaketime. */
export interface Faketime {
  readonly library: string;
  /** Whether it intercepts `sem_clockwait`, used by timed thread waits of Python 3.11+ on Linux: 0.9.11 and later do. */
  readonly fakesThreadWaits: boolean;
}

/** Paths where Debian, Fedora, Arch, Alpine, Homebrew and libfaketime's Makefile install it; the non-MT variant first. */
function candidatePaths(platform: string, arch: string): string[] {
  if (platform === 'darwin') return HOMEBREW_PREFIXES.map((prefix) => `${prefix}/lib/faketime/libfaketime.1.dylib`);
  const folders = [`/usr/lib/${TRIPLETS[arch]}`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
  return folders.flatMap((folder) =>
    ['libfaketime.so.1', 'libfaketimeMT.so.1'].map((name) => `${folder}/faketime/${name}`),
  );
}

/** Finds libfaketime. Throws `client/no-faketime` with instructions for installing it. */
export function findFaketime(
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
  configured = process.env[VARIABLE],
): Faketime {
  const places = configured ? [configured] : candidatePaths(platform, arch);
  const library = places.find(existsSync);
  if (library !== undefined) {
    return { library, fakesThreadWaits: platform !== 'linux' || readFileSync(library).includes('sem_clockwait\0') };
  }
  const install = platform === 'darwin' ? 'brew install libfaketime' : 'apt-get install faketime';
  const hint = configured
    ? `${VARIABLE} must be the path of libfaketime.so.1`
    : `${install}, or set ${VARIABLE} to the path of libfaketime.so.1; or use time: wall`;
  const message = configured
    ? `there is no file ${configured}`
    : 'scaled time needs libfaketime, which is not installed';
  throw new QuotaLabError('client/no-faketime', 'scaled time needs libfaketime', {
    problems: [{ path: 'time', message, hint }],
  });
}
