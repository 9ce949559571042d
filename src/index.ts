/** QuotaLab as a library: run scenarios, judge them, and read journals. docs/api.md shows how. */
export type { Problem } from '../mock-server/error.ts';
export { QuotaLabError } from '../mock-server/error.ts';
export type { ErrorCode, ErrorOrigin } from '../mock-server/error-codes.ts';
export type { Provider } from '../mock-server/provider.ts';
export { analyse } from './analysis/analyse.ts';
export type { Analysis } from './analysis/analysis.ts';
export type { VerdictId } from './analysis/judging/judge-run.ts';
export type { Evidence, Verdict, VerdictStatus } from './analysis/judging/verdict.ts';
export type {
  CounterValues,
  GaugeValues,
  MetricValues,
  RateValues,
  TrendValues,
} from './analysis/metrics/metric-values.ts';
export type { Metric, MetricName } from './analysis/metrics/metrics.ts';
export type { ThresholdResult } from './analysis/metrics/thresholds.ts';
export { hasPassed, type Leniency } from './analysis/pass-rule.ts';
export { type ReadOptions, readRun } from './analysis/run/read-run.ts';
export type { Attempt, Call, Run } from './analysis/run/run-view.ts';
export type { CheckTable } from './check/check-table.ts';
export type { RowResult, RowVerdict } from './check/judge-row.ts';
export type { CallContext, ClientCall, ClientFunction } from './client/client.ts';
export { type CheckOptions, check } from './experiment/check.ts';
export type { CheckSource } from './experiment/check-client.ts';
export {
  type LoadScenarioOptions,
  loadCheckedScenario as loadScenario,
  type ScenarioSource,
} from './experiment/load-checked-scenario.ts';
export {
  type RunOptions,
  type RunResult,
  type RunSeedsOptions,
  run,
  runSeeds,
  type SeedsResult,
} from './experiment/run.ts';
export type { AttemptRecord, CallRecord } from './journal/call-records.ts';
export { readJournal } from './journal/journal-reader.ts';
export type { DroppedRecord, EndRecord, HeaderRecord, JournalRecord } from './journal/record.ts';
export type { SecondRecord } from './journal/second-record.ts';
export type { Progress } from './run/run-context.ts';
export { defineScenario } from './scenario/define-scenario.ts';
export { providerFrom } from './scenario/provider-from.ts';
export type { Scenario } from './scenario/scenario.ts';
export type { ScenarioInput } from './scenario/schema.ts';
