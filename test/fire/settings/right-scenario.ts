import {
  amount,
  anyName,
  arrivalRate,
  type Draws,
  duration,
  flag,
  int,
  loadDuration,
  name,
  oneOf,
  rate,
  share,
  text,
} from './draws.ts';
import { block, leaf, list, type Node, openBlock } from './node.ts';

const MAX_VUS = 100_000;

/** Draws a right scenario, in all of its forms; `client.ts` must lie beside it. */
export function drawScenario(draws: Draws): Node {
  const named = draws.chance(0.5);
  return block(
    {
      name: name(draws, 'alpha', 'beta-2'),
      about: draws.maybe(() => text(draws)),
      seed: draws.maybe(() => int(draws, 0, 99)),
      time: draws.maybe(() => oneOf(draws, 'virtual', 'wall')),
      client: drawClient(draws),
      call: draws.maybe(() => drawCall(draws)),
      provider: draws.maybe(() => drawProvider(draws)),
      load: list(
        ...Array.from({ length: draws.whole(1, 3) }, (_, index) => drawLoad(draws, named ? `load${index}` : undefined)),
      ),
      thresholds: draws.maybe(() => drawThresholds(draws)),
      verdicts: draws.maybe(() => drawVerdicts(draws)),
    },
    'name',
    'client',
    'load',
  );
}

function drawClient(draws: Draws): Node {
  const module = leaf('./client.ts', './missing.ts', 7, []);
  if (draws.chance(0.3)) return module;
  const model = draws.maybe(() => oneOf(draws, 'openai-node', 'ai-sdk', 'none'));
  // A model alone is a client as well.
  const required = model ? [] : ['module'];
  return block(
    {
      module,
      model,
      timeout: draws.maybe(() => duration(draws)),
      concurrency: draws.maybe(() => int(draws, 1, 20)),
      retries: draws.maybe(() =>
        block({
          max: int(draws, 0, 9),
          base: draws.maybe(() => duration(draws)),
          jitter: draws.maybe(() => oneOf(draws, 'none', 'full', 'equal')),
          connection: draws.maybe(() => flag(draws)),
        }),
      ),
      breaker: draws.maybe(() => block({ failures: int(draws, 1, 9), open: duration(draws) }, 'failures', 'open')),
      env: draws.maybe(() => openBlock({ MODE: leaf('fast', [], { wild: 1 }) })),
    },
    ...required,
  );
}

function drawCall(draws: Draws): Node {
  return block({
    model: draws.maybe(() => text(draws, 'gpt-4o', 'gpt-4o-mini')),
    prompt: draws.maybe(() => text(draws)),
    job: draws.maybe(() => text(draws, 'user-{vu}')),
    maxTokens: draws.maybe(() => int(draws, 1, 100)),
    stream: flag(draws),
  });
}

function drawProvider(draws: Draws): Node {
  return block({
    dialect: draws.maybe(() => oneOf(draws, 'openai', 'anthropic', 'gemini')),
    limits: draws.maybe(() =>
      list(...Array.from({ length: draws.whole(1, 3) }, (_, at) => drawLimit(draws, `limit${at}`))),
    ),
    faults: draws.maybe(() => drawFaults(draws)),
    retryAfter: draws.maybe(() => oneOf(draws, 'ceil-seconds', 'http-date', 'none')),
    latency: draws.maybe(() => block({ firstToken: duration(draws), perToken: draws.maybe(() => duration(draws)) })),
    headers: draws.maybe(() => oneOf(draws, 'full', 'none')),
    answerTokens: draws.maybe(() => amount(draws, 1, 90)),
    answer: draws.maybe(() => drawAnswer(draws)),
  });
}

function drawLimit(draws: Draws, limitName: string): Node {
  const common = {
    name: anyName(limitName),
    scope: draws.maybe(() => oneOf(draws, 'key', 'organization', 'model')),
    unit: draws.maybe(() => oneOf(draws, 'requests', 'tokens', 'input-tokens')),
    chargeRejected: draws.maybe(() => oneOf(draws, 'none', 'all')),
  };
  switch (draws.pick(['text', 'token-bucket', 'fixed-window', 'concurrency'])) {
    case 'text':
      return leaf(`requests 5/s burst 5 name ${limitName}`, 'requests fast', 'requests 5/s brust 5', 'request 5/s', 7);
    case 'token-bucket':
      return block({ ...common, refill: rate(draws), capacity: draws.maybe(() => amount(draws, 1, 9)) }, 'refill');
    case 'fixed-window':
      return block(
        { ...common, algorithm: oneOf(draws, 'fixed-window'), amount: amount(draws, 1, 9), window: duration(draws) },
        'amount',
        'window',
      );
    default:
      return block(
        { name: common.name, scope: common.scope, algorithm: oneOf(draws, 'concurrency'), amount: amount(draws, 1, 9) },
        'amount',
      );
  }
}

function drawFaults(draws: Draws): Node {
  const count = draws.whole(1, 3);
  return list(...Array.from({ length: count }, () => drawFault(draws, count > 1)));
}

/** One of several faults hits only some requests: otherwise it could hide another, which is a problem. */
function drawFault(draws: Draws, isOneOfSeveral: boolean): Node {
  const first = (): Node => int(draws, 1, 9);
  const when = {
    at: draws.maybe(() => duration(draws)),
    for: draws.maybe(() => duration(draws)),
    first: isOneOfSeveral ? first() : draws.maybe(first),
    rate: draws.maybe(() => share(draws)),
    match: draws.maybe(() => block({ model: text(draws), stream: draws.maybe(() => flag(draws)) })),
  };
  switch (draws.pick(['status', 'slow', 'refuse'])) {
    case 'status':
      return block({ ...when, status: leaf(503, 200, 700, 'x', []) });
    case 'slow':
      return block({ kind: oneOf(draws, 'slow', 'hang'), ...when, by: duration(draws) });
    default:
      return block({ kind: oneOf(draws, 'refuse'), ...when, says: oneOf(draws, 'slow-down', 'rate-limit') });
  }
}

function drawAnswer(draws: Draws): Node {
  if (draws.chance(0.3)) return oneOf(draws, 'lorem', 'echo');
  const rule = (): Node =>
    block(
      {
        match: draws.maybe(() => block({ userMessage: text(draws), turnIndex: draws.maybe(() => int(draws, 0, 3)) })),
        response: draws.chance(0.5)
          ? block({ content: leaf('alpha', 5, true, null) }, 'content')
          : block(
              {
                error: block({ message: text(draws) }, 'message'),
                status: draws.maybe(() => int(draws, 400, 599, 599)),
              },
              'error',
            ),
      },
      'response',
    );
  return block({ rules: list(...Array.from({ length: draws.whole(1, 2) }, rule)) });
}

function drawLoad(draws: Draws, loadName: string | undefined): Node {
  const common = {
    name: loadName === undefined ? undefined : leaf(loadName, 'x'.repeat(300), 'no/slash', 7, []),
    startTime: draws.maybe(() => duration(draws)),
    gracefulStop: draws.maybe(() => duration(draws)),
  };
  const wait = draws.maybe(() =>
    draws.chance(0.5) ? block({ constant: duration(draws) }, 'constant') : block({ pacing: duration(draws) }, 'pacing'),
  );
  const vus = (): Node => int(draws, 1, 9, MAX_VUS);
  switch (draws.pick(['vus', 'iterations', 'rate', 'stages'])) {
    case 'vus':
      return block(
        { executor: oneOf(draws, 'constant-vus'), ...common, vus: vus(), duration: loadDuration(draws), wait },
        'executor',
        'vus',
        'duration',
      );
    case 'iterations':
      return block(
        {
          executor: oneOf(draws, 'shared-iterations', 'per-vu-iterations'),
          ...common,
          vus: draws.maybe(vus),
          iterations: int(draws, 1, 9, 10_000_000),
          wait,
        },
        'executor',
        'iterations',
      );
    case 'rate':
      return block(
        {
          executor: oneOf(draws, 'constant-arrival-rate'),
          ...common,
          rate: arrivalRate(draws),
          duration: loadDuration(draws),
          arrivals: draws.maybe(() => oneOf(draws, 'uniform', 'poisson')),
          maxVUs: draws.maybe(vus),
        },
        'executor',
        'rate',
        'duration',
      );
    default: {
      const stage = (): Node =>
        block({ duration: duration(draws), target: int(draws, 0, 9, MAX_VUS) }, 'duration', 'target');
      return block(
        {
          executor: oneOf(draws, 'ramping-vus'),
          ...common,
          startVUs: draws.maybe(() => int(draws, 0, 9, MAX_VUS)),
          stages: list(stage(), stage()),
        },
        'executor',
        'stages',
      );
    }
  }
}

function drawThresholds(draws: Draws): Node {
  const expression = (right: string): Node => leaf(right, `${right}${right}`, 'nonsense', 7);
  return block({
    call_duration: list(expression('p(95)<20s'), expression('avg<3s')),
    call_failed: draws.maybe(() =>
      list(
        block(
          { threshold: expression('rate<0.01'), abortOnFail: flag(draws), delayAbortEval: duration(draws) },
          'threshold',
        ),
      ),
    ),
  });
}

function drawVerdicts(draws: Draws): Node {
  const severity = (): Node => oneOf(draws, 'error', 'warn', 'off');
  return block({
    'no-jitter': severity(),
    'gives-up-early': draws.maybe(() =>
      block({ severity: severity(), patience: leaf('30s', 'long', []), fail: leaf('10%', '120%', 'x') }),
    ),
    'amplifies-load': draws.maybe(severity),
  });
}
