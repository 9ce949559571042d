import { z } from 'zod';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';
import type { FleetSettings, ReplicaStep, Restart } from './fleet-settings.ts';

/** Each replica has its own copy of every module, 6 MB with the openai SDK. */
const MAX_REPLICAS = 100;

const replicaCount = z.int().min(1).max(MAX_REPLICAS);

const replicas = z
  .union(
    [
      replicaCount.transform((count): readonly ReplicaStep[] => [{ atUs: 0, count }]),
      keysOf({
        start: replicaCount.default(1).describe('Replicas at the start.'),
        stages: z
          .array(
            keysOf({
              duration: duration('Length of the stage.'),
              target: replicaCount.describe('Replicas at its end.'),
            }),
          )
          .min(1)
          .describe('Linear ramps from the previous number to `target`.'),
      }).transform(({ start, stages }) => replicaSteps(start, stages)),
    ],
    { error: 'must be a number of replicas, or { start: 2, stages: [{ duration: 5m, target: 8 }] }' },
  )
  .describe('Instances of the client, each with all the state that a process has of its own: a number, or stages.');

const restart = keysOf({
  at: duration('Start of the restart, counted from the start of the run.'),
  replicas: z
    .union([replicaCount, z.literal('all')], { error: 'must be a number of replicas, or all' })
    .default('all')
    .describe('How many replicas restart, beginning with the first.'),
  rolling: duration('Time from one replica to the next; all at once when omitted.').prefault('0s'),
  drain: duration('How long calls in flight may continue; they are cut at once when omitted.').prefault('0s'),
  startup: duration('Time until the new replica takes calls.').prefault('0s'),
  resume: z
    .boolean()
    .default(false)
    .describe('Whether the new replica makes the calls that were cut once more, as the same job.'),
});

/** The keys of a client that make it a fleet. */
export const fleetFields = {
  replicas: replicas.optional(),
  balance: z
    .enum(['round-robin', 'least-busy', 'sticky'])
    .optional()
    .describe(
      'Which replica takes a call: the next in turn (the default), the one with the fewest calls in flight, or always the same for a VU.',
    ),
  restarts: z.array(restart).optional().describe('Deploys and crashes: replicas end, and new ones take their place.'),
};

export type FleetInput = { readonly [Key in keyof typeof fleetFields]?: z.output<(typeof fleetFields)[Key]> };

/** Returns the fleet of a client; undefined for a client of one process that lives as long as the run. */
export function resolveFleet({ replicas: steps, balance, restarts }: FleetInput): FleetSettings | undefined {
  const isSingle = steps === undefined || (steps.length === 1 && steps[0]!.count === 1);
  if (isSingle && restarts === undefined) return undefined;
  return {
    steps: steps ?? [{ atUs: 0, count: 1 }],
    balance: balance ?? 'round-robin',
    restarts: (restarts ?? []).map(
      ({ at, rolling, drain, startup, resume, ...rest }): Restart => ({
        ...rest,
        atUs: at,
        rollingUs: rolling,
        drainUs: drain,
        startupUs: startup,
        resumes: resume,
      }),
    ),
  };
}

/** Finds keys that have no effect. */
export function fleetProblems({ replicas: steps, balance, restarts }: FleetInput): readonly {
  readonly key: string;
  readonly message: string;
}[] {
  const most = Math.max(1, ...(steps ?? []).map(({ count }) => count));
  const problems: { key: string; message: string }[] = [];
  if (balance !== undefined && most === 1) problems.push({ key: 'balance', message: 'requires several replicas' });
  const tooMany = restarts?.find((one) => one.replicas !== 'all' && one.replicas > most);
  if (tooMany) problems.push({ key: 'restarts', message: `restarts ${tooMany.replicas} replicas of ${most}` });
  return problems;
}

/** The number of replicas changes by one at a time, evenly over each stage. */
function replicaSteps(start: number, stages: readonly { duration: number; target: number }[]): ReplicaStep[] {
  const steps: ReplicaStep[] = [{ atUs: 0, count: start }];
  let fromUs = 0;
  let count = start;
  for (const { duration: durationUs, target } of stages) {
    const changes = Math.abs(target - count);
    const direction = Math.sign(target - count);
    for (let change = 1; change <= changes; change++) {
      count += direction;
      steps.push({ atUs: fromUs + Math.round((durationUs * change) / changes), count });
    }
    fromUs += durationUs;
  }
  return steps;
}
