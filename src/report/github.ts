import type { Check } from './checks.ts';

/** A place in a repository: a path from its root, and a 1-based line. */
export interface Place {
  readonly file: string;
  readonly line?: number;
}

/** GitHub shows ten annotations of a kind for each step: nine, and one that counts the rest. */
const MOST_OF_A_KIND = 9;

/** How much proof an annotation has room for; the summary has all of it. */
const EVIDENCE_SHOWN = 3;

interface Annotation {
  readonly place: Place | undefined;
  readonly title: string;
  readonly message: string;
  /** What stands for it where there is no room. */
  readonly short: string;
}

/**
 * Workflow commands that make GitHub show what fails the run as errors and what else is wrong as warnings, at the places
 * that `placeOf` knows.
 */
export function annotationLines(checks: readonly Check[], placeOf: (check: Check) => Place | undefined): string[] {
  const annotate = (check: Check): Annotation => ({
    place: placeOf(check),
    title: `${check.kind} ${check.name}`,
    message: messageOf(check),
    short: check.name,
  });
  const errors = checks.filter(({ failsRun }) => failsRun);
  const warnings = checks.filter(
    ({ failsRun, outcome }) => !failsRun && (outcome === 'failed' || outcome === 'warned'),
  );
  return [...ofKind('error', errors.map(annotate)), ...ofKind('warning', warnings.map(annotate))];
}

/** An error for each thing that was wrong with the input, or one for a run that failed otherwise. */
export function faultLines(
  { code, message }: { readonly code: string; readonly message: string },
  problems: readonly { readonly place: Place | undefined; readonly message: string }[],
): string[] {
  if (problems.length === 0) return ofKind('error', [{ place: undefined, title: code, message, short: code }]);
  return ofKind(
    'error',
    problems.map(({ place, message: problem }) => ({
      place,
      title: code,
      message: `${message}: ${problem}`,
      short: problem,
    })),
  );
}

function ofKind(kind: 'error' | 'warning', annotations: readonly Annotation[]): string[] {
  const rest = annotations.slice(MOST_OF_A_KIND).map(({ short }) => short);
  return [
    ...annotations
      .slice(0, MOST_OF_A_KIND)
      .map(({ place, title, message }) => command(kind, { ...place, title }, message)),
    ...(rest.length === 0 ? [] : [command(kind, { title: `${rest.length} more` }, rest.join(', '))]),
  ];
}

function messageOf({ outcome, message, evidence, advice }: Check): string {
  return [
    outcome === 'undecided' ? `inconclusive: ${message}` : message,
    ...evidence.slice(0, EVIDENCE_SHOWN),
    ...(advice === '' ? [] : [`→ ${advice}`]),
  ].join('\n');
}

/** `::error file=F,line=N,title=T::message`, escaped as GitHub's own toolkit does (actions/toolkit, core/src/command.ts). */
function command(kind: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const written = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${kind} ${written.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

const CUT = '\n*The rest is left out: GitHub takes no more for one step.*\n';

/** A text of whole lines that takes at most `bytes` in UTF-8; where lines had to go, its last says so. */
export function withinBytes(text: string, bytes: number): string {
  const size = (part: string): number => new TextEncoder().encode(part).length;
  if (size(text) <= bytes) return text;
  let room = bytes - size(CUT);
  if (room < 0) return '';
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    room -= size(line) + 1;
    if (room < 0) break;
    kept.push(`${line}\n`);
  }
  return kept.join('') + CUT;
}
