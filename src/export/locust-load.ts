import { describeLoad } from '../load/describe.ts';
import type { Executor, ExecutorOf, Stage, WaitTime } from '../load/executor.ts';
import { planOf } from '../load/plan-of.ts';
import { comment, seconds, tuple } from './python.ts';

/** One load as a Python class, and its number of users. */
export interface LoadClass {
  readonly lines: readonly string[];
  readonly users: number;
}

/** Assumed maximum duration of a call: an open load needs enough users for the calls in flight. */
const MAX_CALL_S = 30;

/** Returns the user class of one load. `position` is 1-based. */
export function loadClass(executor: Executor, position: number): LoadClass {
  const users = countUsers(executor);
  const { endUs } = planOf(executor);
  return {
    users,
    lines: [
      `class ${createClassName(executor.name, position)}(Caller):`,
      ...comment(describeLoad(executor), 90).map((line) => `    ${line}`),
      `    fixed_count = ${users}`,
      `    starts_at, ends_at = ${seconds(executor.startUs)}, ${seconds(endUs)}`,
      `    wait_time = ${'wait' in executor ? waitExpression(executor.wait) : 'constant(0)'}`,
      ...executorLines(executor).map((line) => (line === '' ? '' : `    ${line}`)),
    ],
  };
}

/** Returns a unique class name: the position, then letters and digits of the load's name. */
function createClassName(name: string | undefined, position: number): string {
  const words = (name ?? '').split(/[^A-Za-z0-9]+/).filter(Boolean);
  return `Load${position}${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}`;
}

function countUsers(executor: Executor): number {
  const plan = planOf(executor);
  if (plan.kind === 'closed') return plan.maxVus;
  const maxRate = 'ratePerSecond' in executor ? executor.ratePerSecond : highestRate(executor as Ramp);
  return Math.max(1, Math.min(plan.maxVus, Math.ceil(maxRate * MAX_CALL_S)));
}

type Ramp = ExecutorOf<'ramping-arrival-rate'>;

const highestRate = ({ startRatePerSecond, stages }: Ramp): number =>
  stages.reduce((highest, { target }) => Math.max(highest, target), startRatePerSecond);

function waitExpression(wait: WaitTime): string {
  switch (wait.kind) {
    case 'none':
      return 'constant(0)';
    case 'between':
      return `between(${seconds(wait.minUs)}, ${seconds(wait.maxUs)})`;
    case 'constant':
      return `constant(${seconds(wait.waitUs)})`;
    case 'constant-pacing':
      return `constant_pacing(${seconds(wait.periodUs)})`;
  }
}

/** Returns the lines specific to an executor: when its next iteration may start. */
function executorLines(executor: Executor): string[] {
  switch (executor.executor) {
    case 'constant-vus':
      return [];
    case 'ramping-vus':
      return [
        `stages = ${stagesLiteral(executor.stages)}`,
        '',
        'def wait_for_turn(self):',
        `    while vus_at(elapsed() - self.starts_at, ${executor.startVus}, self.stages) < self.vu:`,
        '        self.leave_if_over()',
        '        time.sleep(0.02)',
      ];
    case 'per-vu-iterations':
      return [
        '',
        'def wait_for_turn(self):',
        '    self.iterations += 1',
        `    if self.iterations > ${executor.iterations}:`,
        '        self.leave()',
      ];
    case 'shared-iterations':
      return [
        '',
        'def wait_for_turn(self):',
        `    if next(self.taken) >= ${executor.iterations}:`,
        '        self.leave()',
      ];
    case 'constant-arrival-rate': {
      const { ratePerSecond, durationUs } = executor;
      return arrivalLines(executor, ratePerSecond, [{ durationUs, target: ratePerSecond }]);
    }
    case 'ramping-arrival-rate':
      return arrivalLines(executor, executor.startRatePerSecond, executor.stages);
  }
}

function arrivalLines({ arrivals }: Pick<Ramp, 'arrivals'>, from: number, stages: readonly Stage[]): string[] {
  const draw = arrivals === 'poisson' ? 'lambda: random.expovariate(1)' : 'None';
  return [
    '',
    '@staticmethod',
    'def arrivals():',
    `    return arrival_times(${from}, ${stagesLiteral(stages)}, ${draw})`,
    '',
    'def wait_for_turn(self):',
    '    due = next(self.due, None)',
    '    if due is None:',
    '        self.leave()',
    '    sleep_until(self.starts_at + due)',
  ];
}

function stagesLiteral(stages: readonly Stage[]): string {
  const pairs = stages.map(({ durationUs, target }) => tuple([seconds(durationUs), target]));
  return `[${pairs.join(', ')}]`;
}

/** Returns the Python functions that these loads need. */
export function loadLines(load: readonly Executor[]): string[] {
  const kinds = new Set(load.map(({ executor }) => executor));
  return [
    ...(kinds.has('ramping-vus') ? RAMP : []),
    ...(kinds.has('constant-arrival-rate') || kinds.has('ramping-arrival-rate') ? ARRIVALS : []),
  ];
}

const RAMP = `

def vus_at(second, level, stages):
    """VUs by linear interpolation between stages: a VU starts when the line reaches it and stops when it falls below."""
    for duration, target in stages:
        if second < duration:
            at = level + (target - level) * max(0, second) / duration
            return math.floor(at) if target > level else math.ceil(at)
        second, level = second - duration, target
    return 0
`.split('\n');

const ARRIVALS = `

def arrival_times(rate, stages, draw):
    """Seconds at which calls are due: when the integral of the rate reaches the next whole (or drawn) number."""
    target_sum, reached, started = (draw() if draw else 0), 0, 0
    for duration, target in stages:
        stage_sum = duration * (rate + target) / 2
        slope = (target - rate) / duration if duration else 0
        while target_sum < reached + stage_sum:
            more = target_sum - reached
            yield started + (2 * more / (rate + math.sqrt(max(0, rate * rate + 2 * slope * more))) if more else 0)
            target_sum += draw() if draw else 1
        rate, reached, started = target, reached + stage_sum, started + duration
`.split('\n');

/** Whether a load is an open load with arrival times. */
export const hasArrivals = ({ executor }: Executor): boolean => executor.endsWith('arrival-rate');
