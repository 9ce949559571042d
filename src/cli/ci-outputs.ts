import { appendFileSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Leniency } from '../analysis/analyse.ts';
import type { Verdict } from '../analysis/judging/verdict.ts';
import type { Comparison } from '../comparison/compare.ts';
import type { HeaderRecord } from '../journal/record.ts';
import { type Check, checksOf, type SeedThresholds } from '../report/checks.ts';
import { comparisonChecks, figureChecks } from '../report/comparison-checks.ts';
import { formatMetric } from '../report/format.ts';
import { annotationLines, faultLines, type Place, withinBytes } from '../report/github.ts';
import type { JunitFault, JunitSuite } from '../report/junit.ts';
import { markdownSummary } from '../report/markdown.ts';
import { timeText } from '../report/time-text.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import { formatError } from '../scenario/format-problems.ts';
import { sourceOf } from '../scenario/load-scenario.ts';
import { valueAt } from '../scenario/path.ts';
import type { Scenario } from '../scenario/scenario.ts';

export interface CiFlags {
  readonly junit?: string;
  /** Undefined: where GitHub Actions runs it. */
  readonly github?: boolean;
  readonly json: boolean;
}

/** What CI systems are told of a run, or of several seeds of one. */
export interface Judged {
  readonly header: HeaderRecord;
  readonly endUs: number;
  /** One of each kind. */
  readonly verdicts: readonly Verdict[];
  readonly seeds: readonly SeedThresholds[];
  /** With the baseline that it was held against. */
  readonly comparison?: Comparison;
  /** Why it did not go its whole way. */
  readonly fault?: Error;
}

export interface CiOutputs {
  /** `place`: the scenario's file and what it says; undefined where only a journal is known. */
  tell(judged: Judged, place?: { readonly file: string; readonly scenario: Scenario }): Promise<void>;
  /** Tells a comparison of two results. */
  tellComparison(comparison: Comparison, sides: { readonly base: string; readonly candidate: string }): Promise<void>;
  /** Tells that there is no result. `name`: what was to be run. */
  tellFault(name: string, fault: unknown): Promise<void>;
}

/** What GitHub takes for the summary of one step. */
const STEP_SUMMARY_BYTES = 1024 * 1024;

export function addCiOptions(command: Command): Command {
  return command
    .option('--junit <file>', 'write verdicts and thresholds as JUnit XML')
    .option('--github', 'annotations and step summary of GitHub Actions (there the default)')
    .option('--no-github', 'neither of them');
}

/** The outputs that flags and environment ask for. Throws `report/not-writable` before anything runs. */
export function ciOutputs(flags: CiFlags, leniency: Leniency = {}): CiOutputs {
  const { junit, github = process.env.GITHUB_ACTIONS === 'true' } = flags;
  if (junit !== undefined) ensureFile(junit);
  return {
    async tell(judged, place) {
      const { fault } = judged;
      const checks = checksIn(judged, leniency);
      if (junit !== undefined) await writeJunit(junit, suiteOf(judged), checks, fault);
      if (!github) return;
      const lines = annotationLines(checks, await placesOf(place));
      writeCommands(fault ? [...lines, ...faultAnnotations(fault)] : lines, flags.json);
      const head = { name: judged.header.scenario.name, facts: factsOf(judged) };
      appendStepSummary(markdownSummary({ ...head, ...(fault && { fault: fault.message }) }, checks));
    },
    async tellComparison(comparison, { base, candidate }) {
      const checks = comparisonChecks(comparison);
      const name = comparison.scenario;
      if (junit !== undefined) await writeJunit(junit, suiteNow(name, { base, candidate }), checks);
      if (!github) return;
      const lines = annotationLines(checks, () => undefined);
      writeCommands(lines, flags.json);
      appendStepSummary(markdownSummary({ name, facts: `${candidate} compared with ${base}.` }, checks));
    },
    async tellFault(name, fault) {
      const { message, text } = faultOf(fault);
      if (junit !== undefined) await writeJunit(junit, suiteNow(name), [], fault);
      if (!github) return;
      writeCommands(faultAnnotations(fault), flags.json);
      appendStepSummary(markdownSummary({ name, facts: text, fault: message }, []));
    },
  };
}

/** Throws `report/not-writable` for a place where no file can be put. */
function ensureFile(file: string): void {
  ensureWritable(dirname(resolve(file)));
  if (!statSync(file, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new QuotaLabError('report/not-writable', `cannot write JUnit XML to ${file}: it is a folder`);
}

function checksIn({ verdicts, seeds, comparison }: Judged, leniency: Leniency): Check[] {
  return [...checksOf(verdicts, seeds, leniency), ...(comparison ? figureChecks(comparison) : [])];
}

/** The XML builder is loaded by those who want XML. */
async function writeJunit(file: string, suite: JunitSuite, checks: readonly Check[], fault?: unknown): Promise<void> {
  const { junitXml } = await import('../report/junit.ts');
  const xml = junitXml(suite, checks, fault === undefined ? undefined : faultOf(fault));
  writeFiles(dirname(resolve(file)), [[basename(file), xml]]);
}

function faultOf(fault: unknown): JunitFault {
  if (fault instanceof QuotaLabError) return { code: fault.code, message: fault.message, text: formatError(fault) };
  if (!(fault instanceof Error)) return { code: 'unexpected', message: String(fault), text: '' };
  return { code: 'unexpected', message: fault.message, text: fault.stack ?? '' };
}

function suiteOf({ header, endUs, seeds }: Judged): JunitSuite {
  const { scenario, time, tool, generated } = header;
  return {
    name: scenario.name,
    startedAt: generated.at,
    durationUs: endUs,
    properties: { tool, time, seed: seedsIn(seeds), client: clientOf(header) },
  };
}

/** Of what has no clock of its own. */
function suiteNow(name: string, properties: JunitSuite['properties'] = {}): JunitSuite {
  return { name, startedAt: new Date().toISOString(), durationUs: 0, properties };
}

function factsOf({ header, endUs, seeds }: Judged): string {
  const seed = `seed${seeds.length > 1 ? 's' : ''} ${seedsIn(seeds)}`;
  return `Client ${clientOf(header)}, ${seed}, ${formatMetric(endUs)} of ${timeText(header)}.`;
}

function seedsIn(seeds: Judged['seeds']): string {
  return seeds.map(({ seed }) => seed).join(', ');
}

function clientOf({ scenario, time }: HeaderRecord): string {
  return time === 'model' ? `a model of ${scenario.client.model.name}` : scenario.client.written;
}

/** Where a check is set in the scenario; one that is not, and is about the client, stands at the client. */
async function placesOf(place: Parameters<CiOutputs['tell']>[1]): Promise<(check: Check) => Place | undefined> {
  if (!place) return () => undefined;
  const { file, scenario } = place;
  const source = await sourceOf(file);
  const { code } = scenario.client;
  return ({ path }) => {
    const isSet = source !== undefined && valueAt(source.raw, path.slice(0, 2)) !== undefined;
    if (!isSet && code.kind === 'module') return placeIn(code.module, 1);
    return placeIn(file, (isSet ? source.lineOf(path) : undefined) ?? 1);
  };
}

/** GitHub knows files by their path from the repository's root; one outside it has no place. */
function placeIn(file: string, line: number | undefined): Place | undefined {
  const path = relative(process.env.GITHUB_WORKSPACE ?? '.', resolve(file));
  return path.startsWith('..') ? undefined : { file: path, ...(line !== undefined && { line }) };
}

function faultAnnotations(fault: unknown): string[] {
  const problems = fault instanceof QuotaLabError ? fault.problems : [];
  return faultLines(
    faultOf(fault),
    problems.map(({ file, line, path, message, hint }) => ({
      place: file === undefined ? undefined : placeIn(file, line),
      message: `${path === '' ? '' : `${path} `}${message}${hint === undefined ? '' : ` (${hint})`}`,
    })),
  );
}

/** GitHub reads both streams; one that carries JSON is left alone. */
function writeCommands(lines: readonly string[], json: boolean): void {
  (json ? process.stderr : process.stdout).write(lines.map((line) => `${line}\n`).join(''));
}

function appendStepSummary(markdown: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  const taken = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  appendFileSync(file, withinBytes(markdown, STEP_SUMMARY_BYTES - taken));
}
