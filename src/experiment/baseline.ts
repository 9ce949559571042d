import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import stringify from 'json-stringify-pretty-compact';
import { QuotaLabError } from '../../mock-server/error.ts';
import { ensureSameConditions } from '../comparison/compare.ts';
import { extractConditions } from '../comparison/conditions.ts';
import { createBaseline, type Measurement } from '../comparison/measurement.ts';
import { BASELINE_SCHEMA } from '../comparison/read-measurement.ts';
import { writeFiles } from '../files/write-files.ts';
import { redactScenario } from '../run/header.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { toolName } from './package-root.ts';
import { type ResultSource, readResult } from './read-result.ts';

/**
 * Reads the baseline of a scenario that is about to run. Throws `baseline/not-found`, `compare/not-comparable` if the
 * scenario has changed since the baseline was written, and what `readResult` throws.
 */
export async function readBaseline(file: string, scenario: Scenario): Promise<ResultSource> {
  if (!existsSync(file)) {
    const problems = [{ path: '', message: 'run once with --update-baseline to write it' }];
    throw new QuotaLabError('baseline/not-found', `baseline ${file} not found`, { problems });
  }
  const baseline = await readResult(file);
  ensureSameConditions(baseline.measurement, {
    conditions: extractConditions({ scenario: redactScenario(scenario) }),
    tool: toolName(),
  });
  return baseline;
}

/** Writes the baseline of a complete run. Returns false if the file already has this content. */
export function writeBaseline(file: string, measurement: Measurement): boolean {
  const text = baselineText(measurement);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  writeFiles(dirname(file), [[basename(file), text]]);
  return true;
}

/** One line per figure and verdict, so that a changed figure is a one-line diff. */
function baselineText(measurement: Measurement): string {
  const file = { $schema: BASELINE_SCHEMA, ...createBaseline(measurement) };
  return `${stringify(file, { maxLength: 120 })}\n`;
}
