import { z } from 'zod';
import { keysOf } from '../../mock-server/setting-fields.ts';
import type { Scenario } from './scenario.ts';

/** A plausible date (`backoff.md` section 5): a clock at epoch 0 triggers client bugs that production never shows. */
const DEFAULT_START = '2026-01-01T00:00:00Z';

const MAX_SPEED = 1000;

const speed = z
  .number()
  .superRefine((factor, context) => {
    const reason = speedProblem(factor);
    if (reason === undefined) return;
    context.addIssue({ code: 'custom', message: `must be a whole number from 2 to ${MAX_SPEED}: ${reason}` });
  })
  .meta({ type: 'integer', minimum: 2, maximum: MAX_SPEED });

function speedProblem(factor: number): string | undefined {
  if (factor < 2) return 'for real clocks, use time: wall';
  if (factor > MAX_SPEED) return 'above it, 1 ms of real time is more than 1 s for the program';
  // libfaketime parses the factor in the locale of the program, and some locales read 2.5 as 2.
  return Number.isInteger(factor) ? undefined : 'in some locales, programs misread fractions';
}

/** The `time:` field. */
export const timeField = z
  .union(
    [
      z.enum(['virtual', 'wall', 'model']),
      keysOf({ virtual: z.iso.datetime({ error: `must be a time such as ${DEFAULT_START}` }).describe('Start time.') }),
      keysOf({ scaled: speed.describe('Factor by which clocks run faster than real time.') }),
    ],
    { error: `must be one of virtual, wall, model, { virtual: ${DEFAULT_START} } or { scaled: 60 }` },
  )
  .optional()
  .describe(
    'Virtual (the default): clocks jump from event to event, in process, from 2026-01-01 on. Wall: real clocks and ' +
      'sockets. Scaled: real sockets; the clocks of a command run faster by this factor (libfaketime). ' +
      'Model: simulates the model of the client, not its code.',
  );

type TimeInput = z.output<typeof timeField>;

/** Splits the field into kind (undefined if not set), start and speed. */
export function resolveTime(raw: TimeInput): { kind: Scenario['time'] | undefined; start: string; speed?: number } {
  if (typeof raw !== 'object') return { kind: raw, start: DEFAULT_START };
  if ('virtual' in raw) return { kind: 'virtual', start: raw.virtual };
  return { kind: 'scaled', start: DEFAULT_START, speed: raw.scaled };
}
