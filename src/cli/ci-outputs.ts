import { statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { Verdict } from '../analysis/judging/verdict.ts';
import type { Leniency } from '../analysis/pass-rule.ts';
import type { Run } from '../analysis/run/run-view.ts';
import type { BaselineComparison } from '../check/check-baseline.ts';
import type { CheckTable } from '../check/check-table.ts';
import type { Comparison } from '../comparison/compare.ts';
import { appendText, ensureWritable, writeFiles } from '../files/write-files.ts';
import type { HeaderRecord } from '../journal/record.ts';
import { type Check, checksOf, type SeedThresholds } from '../report/checks.ts';
import { clientText } from '../report/client-text.ts';
import { comparisonChecks, figureChecks } from '../report/comparison-checks.ts';
import { formatMetric } from '../report/format.ts';
import { annotationLines, errorAnnotationLines, type SourceLocation, truncateToBytes } from '../report/github.ts';
import type { JunitError, JunitSuite } from '../report/junit.ts';
import { markdownSummary } from '../report/markdown.ts';
import { rowChecks } from '../report/row-checks.ts';
import { timeText } from '../report/time-text.ts';
import { formatError } from '../scenario/format-problems.ts';
import { tryReadSource } from '../scenario/load-scenario.ts';
import { valueAt } from '../scenario/path.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { exportLine } from './export-line.ts';

export interface CiFlags {
  readonly junit?: string;
  /** Undefined: enabled if GitHub Actions runs the command. */
  readonly github?: boolean;
  readonly json: boolean;
}

/** A run, or several seeds of a run, as reported to CI systems. */
export interface JudgedRun {
  readonly header: HeaderRecord;
  readonly endUs: number;
  readonly verdicts: readonly Verdict[];
  /** That no limit and no fault was tested. */
  readonly unchallenged?: string | null;
  readonly seeds: readonly SeedThresholds[];
  /** The comparison with the baseline. */
  readonly comparison?: Comparison;
  /** Why the run was incomplete. */
  readonly error?: Error;
}

/** Returns a single run as reported to CI systems. */
export function judgedRun({ header, endUs }: Run, { verdicts, thresholds, unchallenged }: Analysis): JudgedRun {
  return { header, endUs, verdicts, unchallenged, seeds: [{ seed: header.seed, thresholds }] };
}

export interface CiOutputs {
  /** `place`: the scenario and its file; undefined if only a journal is known. */
  writeRun(judged: JudgedRun, place?: { readonly file: string; readonly scenario: Scenario }): Promise<void>;
  /** Reports a comparison of two results. */
  writeComparison(comparison: Comparison, sides: { readonly base: string; readonly candidate: string }): Promise<void>;
  /** Reports the table of a battery; `client`: the file of the client, if it has one, and the export that is called. */
  writeTable(
    table: CheckTable,
    comparison: BaselineComparison | undefined,
    client: { readonly module: string; readonly exported?: string } | undefined,
  ): Promise<void>;
  /** Reports an error that prevented a result. `name`: the scenario, file or command. */
  writeError(name: string, error: unknown): Promise<void>;
}

/** GitHub's limit for the summary of one step. */
const STEP_SUMMARY_BYTES = 1024 * 1024;

export function addCiOptions(command: Command): Command {
  return command
    .option('--junit <file>', 'write verdicts and thresholds as JUnit XML')
    .option('--github', 'write GitHub annotations and a step summary (default on GitHub Actions)')
    .option('--no-github', 'disable GitHub output');
}

/** Creates the outputs selected by flags and environment. Throws `report/not-writable`. */
export function createCiOutputs(flags: CiFlags, leniency: Leniency = {}): CiOutputs {
  const { junit, github = process.env.GITHUB_ACTIONS === 'true' } = flags;
  if (junit !== undefined) ensureWritableFile(junit);
  return {
    async writeRun(judged, place) {
      const { error } = judged;
      const checks = collectChecks(judged, leniency);
      if (junit !== undefined) await writeJunit(junit, runSuite(judged), checks, error);
      if (!github) return;
      const lines = annotationLines(checks, await createPlaceFinder(place));
      writeCommands(error ? [...lines, ...errorAnnotations(error)] : lines, flags.json);
      const head = { name: judged.header.scenario.name, facts: describeRun(judged) };
      appendStepSummary(markdownSummary({ ...head, ...(error && { error: describeError(error).message }) }, checks));
    },
    async writeComparison(comparison, { base, candidate }) {
      const checks = comparisonChecks(comparison);
      const name = comparison.scenario;
      if (junit !== undefined) await writeJunit(junit, untimedSuite(name, { base, candidate }), checks);
      if (!github) return;
      const lines = annotationLines(checks, () => undefined);
      writeCommands(lines, flags.json);
      appendStepSummary(markdownSummary({ name, facts: `${candidate} compared with ${base}.` }, checks));
    },
    async writeTable(table, comparison, file) {
      const checks = rowChecks(table.rows, comparison);
      const { client, dialect, time, seed } = table;
      const properties = { client, dialect, time, seed: String(seed) };
      if (junit !== undefined) await writeJunit(junit, untimedSuite('check', properties), checks);
      if (!github) return;
      const place = file && placeInRepository(file.module, exportLine(file.module, file.exported));
      writeCommands(
        annotationLines(checks, () => place),
        flags.json,
      );
      const facts = `Client ${client}, ${dialect}, ${time} time, seed ${seed}.`;
      appendStepSummary(markdownSummary({ name: 'quotalab check', facts }, checks));
    },
    async writeError(name, error) {
      const { message, text } = describeError(error);
      if (junit !== undefined) await writeJunit(junit, untimedSuite(name), [], error);
      if (!github) return;
      writeCommands(errorAnnotations(error), flags.json);
      appendStepSummary(markdownSummary({ name, facts: text, error: message }, []));
    },
  };
}

/** Throws `report/not-writable` if the file cannot be written. */
function ensureWritableFile(file: string): void {
  ensureWritable(dirname(resolve(file)));
  if (!statSync(file, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new QuotaLabError('report/not-writable', `cannot write JUnit XML to ${file}: it is a folder`);
}

function collectChecks({ verdicts, seeds, comparison }: JudgedRun, leniency: Leniency): Check[] {
  return [...checksOf(verdicts, seeds, leniency), ...(comparison ? figureChecks(comparison) : [])];
}

/** Loads the XML builder only on demand. */
async function writeJunit(file: string, suite: JunitSuite, checks: readonly Check[], error?: unknown): Promise<void> {
  const { junitXml } = await import('../report/junit.ts');
  const xml = junitXml(suite, checks, error === undefined ? undefined : describeError(error));
  writeFiles(dirname(resolve(file)), [[basename(file), xml]]);
}

function describeError(error: unknown): JunitError {
  const { text } = createRedactor();
  if (error instanceof QuotaLabError)
    return { code: error.code, message: text(error.message), text: text(formatError(error)) };
  if (!(error instanceof Error)) return { code: 'unexpected', message: text(String(error)), text: '' };
  return { code: 'unexpected', message: text(error.message), text: text(error.stack ?? '') };
}

function runSuite({ header, endUs, seeds }: JudgedRun): JunitSuite {
  const { scenario, time, tool, generated } = header;
  return {
    name: scenario.name,
    startedAt: generated.at,
    durationUs: endUs,
    properties: { tool, time, seed: formatSeeds(seeds), client: clientText(header) },
  };
}

/** Creates a suite without run times: it starts now and has zero duration. */
function untimedSuite(name: string, properties: JunitSuite['properties'] = {}): JunitSuite {
  return { name, startedAt: new Date().toISOString(), durationUs: 0, properties };
}

function describeRun({ header, endUs, seeds, unchallenged }: JudgedRun): string {
  const seed = `seed${seeds.length > 1 ? 's' : ''} ${formatSeeds(seeds)}`;
  return `Client ${clientText(header)}, ${seed}, ${formatMetric(endUs)} of ${timeText(header)}.${unchallenged ? ` ${unchallenged}` : ''}`;
}

function formatSeeds(seeds: JudgedRun['seeds']): string {
  return seeds.map(({ seed }) => seed).join(', ');
}

/** Finds where a check is set in the scenario; one that is not set is placed at the function that makes the calls. */
async function createPlaceFinder(
  place: Parameters<CiOutputs['writeRun']>[1],
): Promise<(check: Check) => SourceLocation | undefined> {
  if (!place) return () => undefined;
  const { file, scenario } = place;
  const source = await tryReadSource(file);
  const { code } = scenario.client;
  return ({ path }) => {
    const isSet = source !== undefined && valueAt(source.raw, path.slice(0, 2)) !== undefined;
    if (!isSet && code.kind === 'module') return placeInRepository(code.module, exportLine(code.module, code.exported));
    return placeInRepository(file, source?.lineOf(isSet ? path : ['client']) ?? 1);
  };
}

/** GitHub takes paths relative to the repository root; undefined for a file outside it. */
function placeInRepository(file: string, line: number | undefined): SourceLocation | undefined {
  const path = relative(process.env.GITHUB_WORKSPACE ?? '.', resolve(file));
  return path.startsWith('..') ? undefined : { file: path, ...(line !== undefined && { line }) };
}

function errorAnnotations(error: unknown): string[] {
  const problems = error instanceof QuotaLabError ? createRedactor().value(error.problems) : [];
  return errorAnnotationLines(
    describeError(error),
    problems.map(({ file, line, path, message, hint }) => ({
      place: file === undefined ? undefined : placeInRepository(file, line),
      message: `${path === '' ? '' : `${path} `}${message}${hint === undefined ? '' : ` (${hint})`}`,
    })),
  );
}

/** Writes workflow commands; to stderr if stdout carries JSON, since GitHub reads both. */
function writeCommands(lines: readonly string[], json: boolean): void {
  (json ? process.stderr : process.stdout).write(lines.map((line) => `${line}\n`).join(''));
}

function appendStepSummary(markdown: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  const usedBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  appendText(file, truncateToBytes(markdown, STEP_SUMMARY_BYTES - usedBytes));
}
