import { z } from 'zod';

/** More would take for ever to plan again. */
const MAX_VUS = 1_000_000;

const time = z.number().min(0);
const count = z.int().min(0);
const vus = count.max(MAX_VUS);
const perSecond = z.number().min(0).max(1_000_000);

const wait = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('none') }),
  z.looseObject({ kind: z.literal('between'), minUs: time, maxUs: time }),
  z.looseObject({ kind: z.literal('constant'), waitUs: time }),
  z.looseObject({ kind: z.literal('constant-pacing'), periodUs: time }),
]);

/** Schemas of resolved settings, as journals hold them: times in microseconds, rates per second. */
export const recordedFields = {
  time,
  count,
  text: z.string(),
  texts: z.record(z.string(), z.string()),
  factor: z.number().positive(),
  /** What a run needs and a journal does not keep. */
  notRecorded: z.undefined().optional(),
  perSecond,
  vus,
  wait,
  stages: z.array(z.looseObject({ durationUs: time, target: z.number().min(0).max(MAX_VUS) })),
  arrivals: { arrivals: z.enum(['uniform', 'poisson']), maxVus: vus },
  iterations: { vus, iterations: count, maxDurationUs: time, wait },
  timing: { name: z.string().optional(), client: z.string().optional(), startUs: time, gracefulStopUs: time },
};

export type RecordedFields = typeof recordedFields;
