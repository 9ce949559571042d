import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import { planOf } from '../load/plan-of.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isOpen, loadClass, loadLines } from './locust-load.ts';
import { requestLines } from './locust-request.ts';
import { thresholdLines } from './locust-thresholds.ts';
import { comment, literal, oneLine, seconds } from './python.ts';

export interface LocustOptions {
  /** Whether a 429, which has a row of its own in Locust's statistics, counts there as a failure. */
  readonly refused: 'success' | 'failure';
  /** The scenario as the command line named it. */
  readonly source: string;
}

/**
 * A Locust file that makes a scenario's load: its executors, waits and calls, in the words of its dialect, on Locust 2.12
 * and later. What Locust has no place for (the client's own code, faults, verdicts, some thresholds) is said at its top.
 */
export function locustFile(scenario: Scenario, options: LocustOptions): string {
  const { load, provider, call } = scenario;
  const classes = load.map((executor, index) => loadClass(executor, index + 1));
  const users = classes.reduce((sum, one) => sum + one.users, 0);
  const thresholds = thresholdLines(scenario.thresholds);
  const overUs = load.reduce((last, executor) => Math.max(last, planOf(executor).hardEndUs), 0);
  const lines = [
    ...headLines(scenario, options, thresholds.left),
    ...IMPORTS,
    '',
    ...requestLines(provider.dialect, call),
    '',
    '',
    `NAME = ${literal(dialectOf(provider).mainEndpoint)}`,
    '# Refusals have a row of their own, so that their short times do not make the answers look fast.',
    'REFUSED = f"{NAME}: refused (429)"',
    `REFUSED_FAILS = ${literal(options.refused === 'failure')}`,
    `USERS = ${users}`,
    `# The last call in flight is waited for until then; loads end before. Seconds.`,
    `OVER = ${seconds(overUs)}`,
    ...FRAME,
    ...loadLines(load),
    ...classes.flatMap((one) => ['', '', ...one.lines]),
    ...SHAPE,
    ...thresholds.lines,
  ];
  return `${lines.join('\n').replace(/\n{4,}/g, '\n\n\n')}\n`;
}

function headLines(
  { name, about, load, provider, client, thresholds }: Scenario,
  { source }: LocustOptions,
  left: Scenario['thresholds'],
): string[] {
  const code = client.code.kind === 'none' ? '' : ` (${client.written})`;
  const notCarried = [
    `Not carried over: the client's code${code} with its retries, since each call here is one request; verdicts`,
    ...(provider.limits.length > 0 || provider.faults.length > 0
      ? ["limits and faults, which are the provider's: the command above has them"]
      : []),
    ...left.map(({ metric, expression }) => `the threshold ${metric}: ${expression}`),
  ];
  const open = load.some(isOpen)
    ? ['An arrival that finds all users busy is late here; quotalab drops it, and counts that.']
    : [];
  return [
    ...comment(`The load of ${name} as a Locust file, made by \`quotalab export locust ${source}\`.`),
    ...(about === undefined ? [] : comment(about)),
    '#',
    `#   npx quotalab serve --scenario ${oneLine(source)}`,
    '#   python3 -m locust --headless --locustfile THIS_FILE.py',
    '#',
    ...comment(`${notCarried.join('; ')}.`),
    ...comment(
      'It keeps its own number of users and its own time, so it takes no --users, --spawn-rate or --run-time, ' +
        'and it counts by itself: run one process.',
    ),
    ...open.flatMap((text) => comment(text)),
    ...(thresholds.length > left.length
      ? comment('Thresholds are judged over what Locust keeps: percentiles are rounded to two digits.')
      : []),
  ];
}

const IMPORTS = `import itertools
import math
import os
import random
import sys
import time
import urllib.parse

from locust import HttpUser, LoadTestShape, between, constant, constant_pacing, events, task
from locust.exception import StopUser`.split('\n');

const FRAME = `

if urllib.parse.urlsplit(BASE_URL).hostname not in ("127.0.0.1", "localhost", "::1"):
    # A real provider costs money, and may take load for an attack.
    sys.exit(f"{BASE_URL} is not this machine: unset it, and pass the address as --host if you mean it")


class Clock:
    zero = 0.0


def elapsed():
    return time.monotonic() - Clock.zero


def sleep_until(second):
    time.sleep(max(0, second - elapsed()))


class Caller(HttpUser):
    abstract = True
    host = BASE_URL
    begins, ends = 0, 0
    made = 0

    @staticmethod
    def arrivals():
        return iter(())

    def on_start(self):
        # A proxy variable of the machine must not send loopback traffic away.
        self.client.trust_env = False
        self.vu = next(type(self).vus)
        sleep_until(self.begins)

    def leave(self):
        Caller.left += 1
        raise StopUser()

    def unless_over(self):
        if elapsed() >= self.ends:
            self.leave()

    def my_turn(self):
        """Returns when this user's next call may begin; leaves when there is none."""

    @task
    def call(self):
        self.unless_over()
        self.my_turn()
        prompt = prompt_of(next(Caller.calls))
        with self.client.post(PATH, json=body(prompt), headers=HEADERS, name=NAME, catch_response=True) as response:
            if response.status_code == 429:
                response.request_meta["name"] = REFUSED
                response.failure("refused") if REFUSED_FAILS else response.success()`.split('\n');

const SHAPE = `

class Run(LoadTestShape):
    """All users at once; each begins and ends when its load says."""

    def reset_time(self):
        """Comes before each test."""
        super().reset_time()
        Clock.zero = time.monotonic()
        Caller.left, Caller.calls = 0, itertools.count(1)
        for load in Caller.__subclasses__():
            load.vus, load.taken, load.due = itertools.count(1), itertools.count(), load.arrivals()

    def tick(self):
        over = elapsed() > OVER or Caller.left == USERS
        return None if over else (USERS, USERS)`.split('\n');
