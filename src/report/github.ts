import type { Check } from './checks.ts';

/** A location in a repository: a path from its root, and a 1-based line. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
}

/** GitHub shows ten annotations per level and step; the tenth counts the rest. */
const MAX_ANNOTATIONS_PER_LEVEL = 9;

/** Evidence lines per annotation; the summary has all of them. */
const EVIDENCE_SHOWN = 3;

interface Annotation {
  readonly place: SourceLocation | undefined;
  readonly title: string;
  readonly message: string;
  /** Used in the annotation that counts the rest. */
  readonly short: string;
}

/**
 * Returns GitHub workflow commands: errors for checks that fail the run, warnings for other failed checks, at the locations
 * that `locate` returns.
 */
export function annotationLines(
  checks: readonly Check[],
  locate: (check: Check) => SourceLocation | undefined,
): string[] {
  const annotate = (check: Check): Annotation => ({
    place: locate(check),
    title: `${check.kind} ${check.name}`,
    message: messageOf(check),
    short: check.name,
  });
  const errors = checks.filter(({ failsRun }) => failsRun);
  const warnings = checks.filter(
    ({ failsRun, outcome }) => !failsRun && (outcome === 'failed' || outcome === 'warned'),
  );
  return [
    ...annotationsOfLevel('error', errors.map(annotate)),
    ...annotationsOfLevel('warning', warnings.map(annotate)),
  ];
}

/** Returns one error annotation per input problem, or a single one if the run failed otherwise. */
export function errorAnnotationLines(
  { code, message }: { readonly code: string; readonly message: string },
  problems: readonly { readonly place: SourceLocation | undefined; readonly message: string }[],
): string[] {
  if (problems.length === 0)
    return annotationsOfLevel('error', [{ place: undefined, title: code, message, short: code }]);
  return annotationsOfLevel(
    'error',
    problems.map(({ place, message: problem }) => ({
      place,
      title: code,
      message: `${message}: ${problem}`,
      short: problem,
    })),
  );
}

function annotationsOfLevel(kind: 'error' | 'warning', annotations: readonly Annotation[]): string[] {
  const rest = annotations.slice(MAX_ANNOTATIONS_PER_LEVEL).map(({ short }) => short);
  return [
    ...annotations
      .slice(0, MAX_ANNOTATIONS_PER_LEVEL)
      .map(({ place, title, message }) => command(kind, { ...place, title }, message)),
    ...(rest.length === 0 ? [] : [command(kind, { title: `${rest.length} more` }, rest.join(', '))]),
  ];
}

function messageOf({ outcome, message, evidence, advice }: Check): string {
  return [
    `${outcomePrefix(outcome)}${message}`,
    ...evidence.slice(0, EVIDENCE_SHOWN),
    ...(advice === '' ? [] : [`→ ${advice}`]),
  ].join('\n');
}

/** What precedes the message of a check that was not decided. */
export function outcomePrefix(outcome: Check['outcome']): string {
  if (outcome === 'undecided') return 'inconclusive: ';
  return outcome === 'not-applicable' ? 'did not arise: ' : '';
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

const TRUNCATION_NOTE = '\n*Truncated: GitHub limits the size of a step summary.*\n';

/** Truncates a text to whole lines of at most `bytes` in UTF-8. A truncated text ends with a note. */
export function truncateToBytes(text: string, bytes: number): string {
  const size = (part: string): number => new TextEncoder().encode(part).length;
  if (size(text) <= bytes) return text;
  let room = bytes - size(TRUNCATION_NOTE);
  if (room < 0) return '';
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    room -= size(line) + 1;
    if (room < 0) break;
    kept.push(`${line}\n`);
  }
  return kept.join('') + TRUNCATION_NOTE;
}
