import { findPreloadProblem } from '../programs/preload-problem.ts';
import { findProcesses, readProc, readProcLink } from '../programs/proc.ts';

/** In machine time. */
const POLL_INTERVAL_MS = 500;

/** A program of the run that uses real time instead of scaled time. */
export interface UnscaledProgram {
  readonly pid: number;
  readonly file: string;
  readonly reason: string;
  /** Whether the run started it directly, not another program. */
  readonly isClient: boolean;
}

/**
 * Periodically finds programs with `mark` as their clock (`FAKETIME_SHARED`) that do not read the time through libfaketime,
 * and reports each file once. Finds nothing without /proc. Returns a function that stops it.
 */
export function watchUnscaled(mark: string, onFound: (found: UnscaledProgram) => void): () => void {
  const reported = new Set<string>();
  const timer = setInterval(() => {
    for (const found of findProcesses(`FAKETIME_SHARED=${mark}`).flatMap(inspectProcess)) {
      if (!reported.has(found.file)) onFound(found);
      reported.add(found.file);
    }
  }, POLL_INTERVAL_MS);
  return () => clearInterval(timer);
}

/** Preloaded libraries are mapped before the C library; so once it is mapped, libfaketime must be too. */
const C_LIBRARY = /\/libc[.-]/;
const FAKETIME = 'libfaketime';

function inspectProcess(pid: number): UnscaledProgram[] {
  const maps = readProc(`${pid}/maps`);
  const file = readProcLink(`${pid}/exe`);
  if (maps === '' || file === undefined) return [];
  const problem = findPreloadProblem(file, '/');
  const isMissing = C_LIBRARY.test(maps) && !maps.includes(FAKETIME);
  if (problem === undefined && !isMissing) return [];
  return [{ pid, file, reason: problem ?? `${file} has not loaded ${FAKETIME}`, isClient: isLeader(pid) }];
}

/** The run starts each program as the leader of its own process group. */
function isLeader(pid: number): boolean {
  // `PID (NAME) STATE PARENT GROUP …`; the name may contain spaces and brackets.
  const [, , group] = readProc(`${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(group) === pid;
}
