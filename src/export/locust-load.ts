import { describeLoad } from '../load/describe.ts';
import type { Executor, ExecutorOf, Stage, WaitTime } from '../load/executor.ts';
import { planOf } from '../load/plan-of.ts';
import { comment, seconds, tuple } from './python.ts';

/** One load as Python: its class, and how many users that has. */
export interface LoadClass {
  readonly lines: readonly string[];
  readonly users: number;
}

/** Arrivals that find all users busy are late; so many seconds of a call are reckoned with. */
const LONGEST_CALL_S = 30;

/** The class of users that makes one load; `place` counts them from 1. */
export function loadClass(executor: Executor, place: number): LoadClass {
  const users = usersOf(executor);
  const { endUs } = planOf(executor);
  return {
    users,
    lines: [
      `class ${classNameOf(executor.name, place)}(Caller):`,
      ...comment(describeLoad(executor), 90).map((line) => `    ${line}`),
      `    fixed_count = ${users}`,
      `    begins, ends = ${seconds(executor.startUs)}, ${seconds(endUs)}`,
      `    wait_time = ${'wait' in executor ? waitOf(executor.wait) : 'constant(0)'}`,
      ...ownLines(executor).map((line) => (line === '' ? '' : `    ${line}`)),
    ],
  };
}

/** Letters and digits of the load's name, and its place, so that no two are alike. */
function classNameOf(name: string | undefined, place: number): string {
  const words = (name ?? '').split(/[^A-Za-z0-9]+/).filter(Boolean);
  return `Load${place}${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}`;
}

function usersOf(executor: Executor): number {
  const plan = planOf(executor);
  if (plan.kind === 'closed') return plan.maxVus;
  const fastest = 'ratePerSecond' in executor ? executor.ratePerSecond : highestRate(executor as Ramp);
  return Math.max(1, Math.min(plan.maxVus, Math.ceil(fastest * LONGEST_CALL_S)));
}

type Ramp = ExecutorOf<'ramping-arrival-rate'>;

const highestRate = ({ startRatePerSecond, stages }: Ramp): number =>
  stages.reduce((most, { target }) => Math.max(most, target), startRatePerSecond);

function waitOf(wait: WaitTime): string {
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

/** What this kind of load has beside its time and its users: when the next iteration may begin. */
function ownLines(executor: Executor): string[] {
  switch (executor.executor) {
    case 'constant-vus':
      return [];
    case 'ramping-vus':
      return [
        `stages = ${stagesOf(executor.stages)}`,
        '',
        'def my_turn(self):',
        `    while vus_at(elapsed() - self.begins, ${executor.startVus}, self.stages) < self.vu:`,
        '        self.unless_over()',
        '        time.sleep(0.02)',
      ];
    case 'per-vu-iterations':
      return [
        '',
        'def my_turn(self):',
        '    self.made += 1',
        `    if self.made > ${executor.iterations}:`,
        '        self.leave()',
      ];
    case 'shared-iterations':
      return ['', 'def my_turn(self):', `    if next(self.taken) >= ${executor.iterations}:`, '        self.leave()'];
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
    `    return arrivals_of(${from}, ${stagesOf(stages)}, ${draw})`,
    '',
    'def my_turn(self):',
    '    due = next(self.due, None)',
    '    if due is None:',
    '        self.leave()',
    '    sleep_until(self.begins + due)',
  ];
}

function stagesOf(stages: readonly Stage[]): string {
  const pairs = stages.map(({ durationUs, target }) => tuple([seconds(durationUs), target]));
  return `[${pairs.join(', ')}]`;
}

/** What any of these classes needs; functions that none needs are left out. */
export function loadLines(load: readonly Executor[]): string[] {
  const kinds = new Set(load.map(({ executor }) => executor));
  return [
    ...(kinds.has('ramping-vus') ? RAMP : []),
    ...(kinds.has('constant-arrival-rate') || kinds.has('ramping-arrival-rate') ? ARRIVALS : []),
  ];
}

const RAMP = `

def vus_at(second, level, stages):
    """VUs on the straight lines from stage to stage: one begins when a line has reached it, and ends when it falls below."""
    for duration, target in stages:
        if second < duration:
            at = level + (target - level) * max(0, second) / duration
            return math.floor(at) if target > level else math.ceil(at)
        second, level = second - duration, target
    return 0
`.split('\n');

const ARRIVALS = `

def arrivals_of(rate, stages, draw):
    """Seconds at which calls are due: when the sum of the rate has reached the next whole number, or the next one drawn."""
    wanted, reached, begun = (draw() if draw else 0), 0, 0
    for duration, target in stages:
        holds = duration * (rate + target) / 2
        slope = (target - rate) / duration if duration else 0
        while wanted < reached + holds:
            more = wanted - reached
            yield begun + (2 * more / (rate + math.sqrt(max(0, rate * rate + 2 * slope * more))) if more else 0)
            wanted += draw() if draw else 1
        rate, reached, begun = target, reached + holds, begun + duration
`.split('\n');

/** Whether any of these loads keeps times of arrival. */
export const isOpen = ({ executor }: Executor): boolean => executor.endsWith('arrival-rate');
