import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Problem, QuotaLabError } from '../../../mock-server/error.ts';
import { checkScenario } from '../../../src/analysis/check-scenario.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import type { Overrides } from '../../../src/scenario/overrides.ts';
import { formatPath, isWithin, type Path, parsePath } from '../../../src/scenario/path.ts';
import type { Mistake, WrongScenario } from './mistakes.ts';
import { writeYaml } from './written.ts';

/** What came of one wrong scenario. */
export interface Judged {
  readonly text: string;
  readonly mistakes: readonly Mistake[];
  readonly problems: readonly Problem[];
  /** Mistakes that no problem names. */
  readonly unnamed: readonly Mistake[];
  /** Mistakes whose problem has another line, or neither says what is allowed nor hints. */
  readonly badlyNamed: readonly string[];
  /** Problems that come from no mistake. */
  readonly madeUp: readonly Problem[];
  readonly cpuMs: number;
}

/** Loads a scenario as commands do. Returns its problems, and the processor time that took. */
export async function problemsOf(
  file: string,
  overrides: Overrides = {},
): Promise<{ readonly problems: readonly Problem[]; readonly cpuMs: number }> {
  const before = process.cpuUsage();
  const error = await loadScenario(file, { overrides, check: checkScenario }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  const { user, system } = process.cpuUsage(before);
  if (error !== undefined && !(error instanceof QuotaLabError)) throw error;
  return { problems: error?.problems ?? [], cpuMs: (user + system) / 1000 };
}

/** Writes a wrong scenario into a folder, loads it and compares what is reported with the mistakes in it. */
export async function judgeWrong(folder: string, { document, mistakes }: WrongScenario): Promise<Judged> {
  const { text, lineOf } = writeYaml(document);
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, text);
  const { problems, cpuMs } = await problemsOf(file);
  const named = mistakes.map((mistake) => ({ mistake, problem: problems.find((one) => names(one, mistake)) }));
  return {
    text,
    mistakes,
    problems,
    unnamed: named.flatMap(({ mistake, problem }) => (problem ? [] : [mistake])),
    badlyNamed: named.flatMap(({ mistake, problem }) => {
      if (!problem) return [];
      const line = lineOf(parsePath(problem.path));
      const wrongLine = problem.line === line ? [] : [`${problem.path}: line ${problem.line}, not ${line}`];
      return [...wrongLine, ...(isHelpful(problem) ? [] : [`${mistake.kind} ${problem.path}: ${problem.message}`])];
    }),
    madeUp: problems.filter((problem) => !mistakes.some((mistake) => concerns(problem, mistake))),
    cpuMs,
  };
}

/** Whether a problem names a mistake: at its place or below it, or at its block with the key or the value in its message. */
function names({ path, message }: Problem, { path: place, what, kind }: Mistake): boolean {
  if (isWithin(parsePath(path), place)) return true;
  const isBlock = formatPath(parsePath(path)) === formatPath(place.slice(0, -1));
  const word = kind === 'missing-key' ? String(place.at(-1)) : what;
  return isBlock && word.length > 3 && message.includes(word);
}

/** Whether a problem may come from a mistake: it is at its place, or in the same block. */
function concerns(problem: Problem, mistake: Mistake): boolean {
  const path: Path = parsePath(problem.path);
  return names(problem, mistake) || isWithin(path, mistake.path.slice(0, -1));
}

/** Whether a message says what is allowed, or its hint what was meant. */
export function isHelpful({ message, hint }: Problem): boolean {
  return (
    hint !== undefined ||
    /must|at most|allowed here|is required|unknown (metric|verdict)|has no settings?\b|unknown (value|key)|there is no file|is a list|no keys/.test(
      message,
    )
  );
}
