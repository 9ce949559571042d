import { fileURLToPath } from 'node:url';
import { judgeRun, type VerdictId } from '../../../src/analysis/judging/judge-run.ts';
import type { Verdict } from '../../../src/analysis/judging/verdict.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { modelJournal } from '../../../src/run/model.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import { runToEnd } from '../../run-to-end.ts';
import type { DrawnCase } from './draw-case.ts';
import { modelOf } from './model-of.ts';
import { scenarioInput } from './world.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** A drawn case that has run, with every verdict on it. */
export interface JudgedCase {
  readonly drawn: DrawnCase;
  readonly run: Run;
  readonly verdicts: readonly Verdict<VerdictId>[];
}

/** Runs the code of a drawn client in virtual time. */
export async function runCase(drawn: DrawnCase): Promise<JudgedCase> {
  const scenario = await scenarioFrom(scenarioInput(drawn.world, drawn.client, drawn.seed), FOLDER);
  const run = readRun(await runToEnd(scenario, { keepSpareThread: true }));
  return { drawn, run, verdicts: judgeRun(run, scenario.verdicts) };
}

/** Runs the model of a drawn client; undefined if models cannot express it. */
export async function runModelCase(drawn: DrawnCase): Promise<JudgedCase | undefined> {
  const model = modelOf(drawn.client, drawn.world);
  if (!model) return undefined;
  const scenario = await scenarioFrom(scenarioInput(drawn.world, drawn.client, drawn.seed), FOLDER);
  const run = readRun(modelJournal({ ...scenario, client: { ...scenario.client, model } }, 'truth'));
  return { drawn, run, verdicts: judgeRun(run, scenario.verdicts) };
}

/** Whether a verdict speaks: it warns, fails, or would fail with a second seed. */
export function speaks({ status, wouldFail }: Verdict): boolean {
  return status === 'warn' || status === 'fail' || wouldFail === true;
}
