import { describeLoad, type Executor, planOf } from '../load/executors.ts';
import type { LoadPlan, Stage } from '../load/plan.ts';
import type { WaitTime } from '../load/wait.ts';
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
  const plan = planOf(executor);
  const users = countUsers(plan);
  return {
    users,
    lines: [
      `class ${createClassName(executor.name, position)}(Caller):`,
      ...comment(describeLoad(executor), 90).map((line) => `    ${line}`),
      `    fixed_count = ${users}`,
      `    starts_at, ends_at = ${seconds(executor.startUs)}, ${seconds(plan.endUs)}`,
      `    wait_time = ${plan.kind === 'closed' ? waitExpression(plan.wait) : 'constant(0)'}`,
      ...turnLines(plan).map((line) => (line === '' ? '' : `    ${line}`)),
    ],
  };
}

/** Returns a unique class name: the position, then letters and digits of the load's name. */
function createClassName(name: string | undefined, position: number): string {
  const words = (name ?? '').split(/[^A-Za-z0-9]+/).filter(Boolean);
  return `Load${position}${words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')}`;
}

function countUsers(plan: LoadPlan): number {
  if (plan.kind === 'closed') return plan.maxVus;
  const maxRate = Math.max(
    ...plan.segments.map(({ fromPerSecond, toPerSecond }) => Math.max(fromPerSecond, toPerSecond)),
  );
  return Math.max(1, Math.min(plan.maxVus, Math.ceil(maxRate * MAX_CALL_S)));
}

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

/** Returns the lines that decide when the next iteration of a user may start. */
function turnLines(plan: LoadPlan): string[] {
  if (plan.kind === 'open') {
    const stages = plan.segments.map(({ durationUs, toPerSecond }) => ({ durationUs, target: toPerSecond }));
    const draw = plan.spread === 'poisson' ? 'lambda: random.expovariate(1)' : 'None';
    return [
      '',
      '@staticmethod',
      'def arrivals():',
      `    return arrival_times(${plan.segments[0]!.fromPerSecond}, ${stagesLiteral(stages)}, ${draw})`,
      '',
      'def wait_for_turn(self):',
      '    due = next(self.due, None)',
      '    if due is None:',
      '        self.leave()',
      '    sleep_until(self.starts_at + due)',
    ];
  }
  const { ramp, perVuIterations, sharedIterations } = plan;
  if (ramp) {
    return [
      `stages = ${stagesLiteral(ramp.stages)}`,
      '',
      'def wait_for_turn(self):',
      `    while vus_at(elapsed() - self.starts_at, ${ramp.startVus}, self.stages) < self.vu:`,
      '        self.leave_if_over()',
      '        time.sleep(0.02)',
    ];
  }
  if (perVuIterations !== undefined) {
    const lines = ['    self.iterations += 1', `    if self.iterations > ${perVuIterations}:`, '        self.leave()'];
    return ['', 'def wait_for_turn(self):', ...lines];
  }
  if (sharedIterations !== undefined) {
    return ['', 'def wait_for_turn(self):', `    if next(self.taken) >= ${sharedIterations}:`, '        self.leave()'];
  }
  return [];
}

function stagesLiteral(stages: readonly Stage[]): string {
  const pairs = stages.map(({ durationUs, target }) => tuple([seconds(durationUs), target]));
  return `[${pairs.join(', ')}]`;
}

/** Returns the Python functions that these loads need. */
export function loadLines(plans: readonly LoadPlan[]): string[] {
  return [
    ...(plans.some((plan) => plan.kind === 'closed' && plan.ramp) ? RAMP : []),
    ...(plans.some(({ kind }) => kind === 'open') ? ARRIVALS : []),
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
