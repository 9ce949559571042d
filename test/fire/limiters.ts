import { parseArgs } from 'node:util';
import { ALGORITHMS, type AlgorithmName } from '../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../mock-server/limiter/create-limiter.ts';
import type { Decision } from '../../mock-server/limiter/limiter.ts';
import { randomFor } from '../../mock-server/random.ts';
import { judge, judgeReset } from './limiters/compare.ts';
import { createDraw, type Drawn } from './limiters/draw-limiter.ts';
import type { Model } from './limiters/model.ts';

/** What came of random requests to the limiters of one algorithm. */
export interface LimiterTally {
  readonly algorithm: AlgorithmName;
  readonly requests: number;
  readonly limiters: number;
  readonly denied: number;
  /** Denied for ever: above the capacity. */
  readonly never: number;
  /** Denied and charged all the same. */
  readonly charged: number;
  /** Requests whose decision is not the model's, with what was asked and how it differs; the first few. */
  readonly wrong: number;
  readonly examples: readonly string[];
}

const REQUESTS_PER_LIMITER = 16;
const EXAMPLES = 3;
/** The first of January 2026, and the year that starts there. */
const START_US = 1_767_225_600_000_000;
const YEAR_US = 365 * 86_400_000_000;
const LATEST_US = START_US + 75 * YEAR_US;

type Draw = ReturnType<typeof createDraw>;

/** Compares `count` decisions of random limiters of an algorithm with those of an exact model. */
export function tryLimiters(algorithm: AlgorithmName, count: number, seed: number): LimiterTally {
  const draw = createDraw(randomFor(seed, `limiters ${algorithm}`));
  const tally = {
    algorithm,
    requests: 0,
    limiters: 0,
    denied: 0,
    never: 0,
    charged: 0,
    wrong: 0,
    examples: [] as string[],
  };
  while (tally.requests < count) {
    tally.limiters++;
    const drawn = draw.draw(algorithm);
    for (const { decision, charged, problems, asked } of play(
      drawn,
      draw,
      Math.min(REQUESTS_PER_LIMITER, count - tally.requests),
    )) {
      tally.requests++;
      tally.denied += Number(!decision.admit);
      tally.never += Number(decision.retryAfterUs === Number.POSITIVE_INFINITY);
      tally.charged += Number(!decision.admit && charged);
      if (problems.length === 0) continue;
      tally.wrong++;
      if (tally.examples.length < EXAMPLES)
        tally.examples.push(`${JSON.stringify(drawn.spec)} ${asked}: ${problems.join('; ')}`);
      // Whatever follows would differ too.
      break;
    }
  }
  return tally;
}

interface Played {
  readonly decision: Decision;
  readonly charged: boolean;
  readonly problems: readonly string[];
  /** All requests to this limiter so far, as microseconds since its start and cost. */
  readonly asked: string;
}

/** Sends requests to one limiter and to its model: both charge what is admitted, and at times what is refused. */
function* play({ spec, model: modelFrom, ...times }: Drawn, draw: Draw, count: number): Generator<Played> {
  const startUs = START_US + draw.below(YEAR_US);
  const limiter = createLimiter(spec);
  const model = modelFrom(BigInt(startUs));
  const holds: number[] = [];
  const chargesRefused = draw.chance(0.3);
  let state = limiter.initial(startUs);
  let nowUs = startUs;
  let asked = '';
  let waitUs = 0;
  for (let id = 1; id <= count; id++) {
    nowUs = Math.min(LATEST_US, Math.max(1, nowUs + drawStep(draw, times, waitUs)));
    if (model.release && holds.length > 0 && draw.chance(0.3)) {
      state = limiter.settle(state, nowUs, { id: holds.shift()!, chargedAtUs: nowUs, charged: 1, actual: 0 });
      model.release();
    }
    const cost = drawCost(draw, model, nowUs);
    const decision = limiter.check(state, nowUs, cost);
    const charges = cost > 0 && (decision.admit || (chargesRefused && !model.release));
    asked += ` ${nowUs - startUs}:${cost}${decision.admit ? '' : charges ? '!' : '-'}`;
    const before = judge(model, decision, BigInt(nowUs), BigInt(cost));
    const reset = () => judgeReset(model, decision.resetUs, BigInt(nowUs));
    // Where only the end of the request makes room, a decision does not know of it yet; what is refused counts later.
    const early = model.release || !decision.admit ? reset() : [];
    if (charges) {
      const endsUs = draw.chance(0.2) ? undefined : nowUs + draw.below(times.wholeUs);
      state = limiter.charge(state, nowUs, cost, model.release && { id, ...(endsUs !== undefined && { endsUs }) });
      model.charge(BigInt(nowUs), BigInt(cost), endsUs === undefined ? undefined : BigInt(endsUs));
      holds.push(id);
    }
    const late = model.release || !decision.admit ? [] : reset();
    waitUs = Number.isFinite(decision.retryAfterUs) ? decision.retryAfterUs : decision.resetUs;
    yield { decision, charged: charges, problems: [...before, ...early, ...late], asked };
  }
}

/** Most requests come at once, or about when they were told to, or when everything has come back; some clocks go back. */
function drawStep(draw: Draw, { unitUs, wholeUs }: Pick<Drawn, 'unitUs' | 'wholeUs'>, waitUs: number): number {
  const steps = [
    () => 0,
    () => draw.below(4),
    () => waitUs + draw.below(3) - 1,
    () => waitUs,
    () => draw.below(2 * unitUs + 2),
    () => draw.below(wholeUs + 2),
    () => draw.below(3 * wholeUs + 2),
    () => -draw.below(draw.oneOf([2, 1000, 1_000_000, 120_000_000])),
  ];
  return steps[draw.below(steps.length)]!();
}

/** Costs around what is left, so that many are refused by a little. */
function drawCost(draw: Draw, model: Model, nowUs: number): number {
  const capacity = Number(model.capacity);
  const atUs = model.clamp(BigInt(nowUs));
  const left = Number(model.left(atUs, atUs) / model.partsPerUnit);
  const costs = [
    () => 1,
    () => 1,
    () => draw.below(3),
    () => 1 + draw.below(capacity),
    () => Math.max(1, left + draw.below(3) - 1),
    () => (draw.chance(0.3) ? capacity + 1 + draw.below(2) : 1),
  ];
  return costs[draw.below(costs.length)]!();
}

/** `npm run fire -- limiters --count 1000000 --seed 1 --only gcra`: each algorithm against an exact model of its own. */
export async function limiters(flags: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: flags,
    options: {
      count: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: Object.keys(ALGORITHMS) },
    },
  });
  let held = true;
  for (const algorithm of values.only as AlgorithmName[]) {
    const tally = tryLimiters(algorithm, Number(values.count), Number(values.seed));
    for (const example of tally.examples) process.stdout.write(`${algorithm}: ${example}\n`);
    const { requests, denied, never, charged, wrong } = tally;
    process.stdout.write(
      `${algorithm.padEnd(22)} ${requests} requests to ${tally.limiters} limiters: ${requests - denied} admitted, ` +
        `${denied} denied (${never} for ever, ${charged} charged), ${wrong} unlike the model\n`,
    );
    held &&= wrong === 0 && denied > 0;
  }
  return held;
}
