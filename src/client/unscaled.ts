import { preloadFault } from '../programs/preload-fault.ts';
import { processesWith, procTarget, procText } from '../programs/proc.ts';

/** Of the machine's time. */
const LOOK_EVERY_MS = 500;

/** A program of the run that keeps real time. */
export interface Unscaled {
  readonly pid: number;
  readonly file: string;
  readonly why: string;
  /** Whether the run itself has started it, and not another program. */
  readonly isClient: boolean;
}

/**
 * Looks now and then whether every program that has `mark` as its clock (`FAKETIME_SHARED`) has loaded libfaketime and reads
 * the time through it; tells of each file that does not once. Where there is no /proc, nothing is found. Returns what ends
 * it.
 */
export function watchUnscaled(mark: string, tell: (found: Unscaled) => void): () => void {
  const told = new Set<string>();
  const timer = setInterval(() => {
    for (const found of processesWith(`FAKETIME_SHARED=${mark}`).flatMap(lookAt)) {
      if (!told.has(found.file)) tell(found);
      told.add(found.file);
    }
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** What is loaded before a program's own libraries is there before the C library is. */
const C_LIBRARY = /\/libc[.-]/;
const FAKETIME = 'libfaketime';

function lookAt(pid: number): Unscaled[] {
  const maps = procText(`${pid}/maps`);
  const file = procTarget(`${pid}/exe`);
  if (maps === '' || file === undefined) return [];
  const fault = preloadFault(file, '/');
  const isWithout = C_LIBRARY.test(maps) && !maps.includes(FAKETIME);
  if (fault === undefined && !isWithout) return [];
  return [{ pid, file, why: fault ?? `${file} has not loaded ${FAKETIME}`, isClient: isLeader(pid) }];
}

/** The run starts each program as the leader of a group of its own. */
function isLeader(pid: number): boolean {
  // `PID (NAME) STATE PARENT GROUP …`, and a name may hold spaces and brackets.
  const [, , group] = procText(`${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(group) === pid;
}
