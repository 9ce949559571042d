import { parseArgs } from 'node:util';
import { DIALECT_NAMES, type DialectName } from '../../mock-server/dialects/dialects.ts';
import { digest } from '../../mock-server/digest.ts';
import { createProvider, type Provider } from '../../mock-server/provider.ts';
import { randomFor } from '../../mock-server/random.ts';
import { hasPublishedSchema, readPublishedSchema } from '../mock-server/dialects/openai/published-schema.ts';
import { drawSettings } from './requests/draw-provider.ts';
import { type DrawnRequest, drawRequest, type Kind } from './requests/draw-request.ts';
import { judgeReply, type Published } from './requests/judge-reply.ts';
import { createDice, type Dice } from './requests/wild-values.ts';

/** What came of random requests to one dialect. */
export interface RequestTally {
  readonly requests: number;
  readonly providers: number;
  readonly kinds: Record<Kind, number>;
  /** Replies by hundreds of their status, those of faults apart. */
  readonly answered: number;
  readonly rateLimited: number;
  readonly rejected: number;
  readonly faults: number;
  readonly streams: number;
  readonly wrong: number;
  readonly examples: readonly string[];
}

const REQUESTS_PER_PROVIDER = 100;
const OPEN_REQUESTS = 4;
const EXAMPLES = 5;
const START_US = 1_767_225_600_000_000;

/** Sends `count` random requests to random providers of a dialect, and looks at every reply. */
export function tryRequests(dialect: DialectName, count: number, seed: number): RequestTally {
  const dice = createDice(randomFor(seed, `requests ${dialect}`));
  const published = publishedFor(dialect);
  const kinds = { valid: 0, nearly: 0, wild: 0 };
  const examples: string[] = [];
  const tally = {
    requests: 0,
    providers: 0,
    kinds,
    answered: 0,
    rateLimited: 0,
    rejected: 0,
    faults: 0,
    streams: 0,
    wrong: 0,
    examples,
  };
  while (tally.requests < count) {
    tally.providers++;
    const session = openSession(dialect, dice);
    for (let left = Math.min(REQUESTS_PER_PROVIDER, count - tally.requests); left > 0; left--) {
      tally.requests++;
      const drawn = drawRequest(dialect, dice);
      kinds[drawn.kind]++;
      const { problems, status, fault, stream } = session.send(drawn, (reply) => judgeReply(drawn, reply, published));
      if (fault) tally.faults++;
      else if (status === 429) tally.rateLimited++;
      else if (status < 300) tally.answered++;
      else tally.rejected++;
      if (stream && status === 200) tally.streams++;
      if (problems.length === 0) continue;
      tally.wrong++;
      if (examples.length < EXAMPLES) examples.push(describe(drawn, problems));
    }
  }
  return tally;
}

function publishedFor(dialect: DialectName): Published {
  if (!hasPublishedSchema || (dialect !== 'openai' && dialect !== 'azure')) return {};
  const schema = readPublishedSchema();
  return { answers: schema, ...(dialect === 'openai' && { errors: schema }) };
}

const describe = ({ kind, request }: DrawnRequest, problems: readonly string[]): string =>
  `${kind} ${request.method} ${request.target} ${request.body.slice(0, 500)}\n  ${problems.map((problem) => problem.slice(0, 600)).join('\n  ')}`;

interface Sent {
  readonly problems: readonly string[];
  readonly status: number;
  readonly fault: boolean;
  readonly stream: boolean;
}

/** A provider with time that goes on, and a few replies that have not ended. */
function openSession(dialect: DialectName, dice: Dice) {
  const provider: Provider = createProvider(drawSettings(dialect, dice), digest);
  let nowUs = START_US + dice.below(1e12);
  const open: number[] = [];
  return {
    send({ request }: DrawnRequest, judge: (reply: ReturnType<Provider['receive']>) => string[]): Sent {
      nowUs += dice.below(dice.chance(0.1) ? 5_000_000 : 50_000);
      try {
        const reply = provider.receive(request, nowUs);
        open.push(reply.id);
        if (open.length > OPEN_REQUESTS) provider.finish(open.shift()!, nowUs);
        const { fault, stream } = reply.view;
        const problems = judge(reply);
        for (const { bucket, remaining, amount } of dice.chance(0.01) ? provider.buckets(nowUs) : []) {
          if (remaining < 0 || remaining > amount) problems.push(`${bucket}: ${remaining} of ${amount} are left`);
        }
        return { problems, status: reply.status, fault: fault !== undefined, stream };
      } catch (error) {
        return { problems: [(error as Error).stack ?? String(error)], status: 500, fault: false, stream: false };
      }
    },
  };
}

/** `npm run fire -- requests --count 1000000 --seed 1 --only gemini`: random requests to each dialect, in process. */
export async function requests(flags: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: flags,
    options: {
      count: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [...DIALECT_NAMES] },
    },
  });
  let held = true;
  for (const dialect of values.only as DialectName[]) {
    const startMs = performance.now();
    const { kinds, examples, ...counts } = tryRequests(dialect, Number(values.count), Number(values.seed));
    for (const example of examples) process.stdout.write(`${dialect}: ${example}\n`);
    const seconds = Math.round((performance.now() - startMs) / 1000);
    process.stdout.write(
      `${dialect}: ${counts.requests} requests (${kinds.valid} valid, ${kinds.nearly} nearly, ${kinds.wild} wild) to ` +
        `${counts.providers} providers in ${seconds} s: ${counts.answered} answered (${counts.streams} streams), ` +
        `${counts.rateLimited} refused by limits, ${counts.rejected} rejected, ${counts.faults} faults; ${counts.wrong} wrong\n`,
    );
    held &&= counts.wrong === 0 && counts.answered > 0 && counts.rateLimited > 0 && counts.rejected > 0;
  }
  return held;
}
