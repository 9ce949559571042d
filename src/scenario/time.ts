import { z } from 'zod';
import { keysOf } from './fields.ts';
import type { Scenario } from './scenario.ts';

/** A plausible date (`backoff.md` section 5): on a clock at epoch 0 clients show faults that production lacks. */
const START = '2026-01-01T00:00:00Z';

const MOST_SPEED = 1000;

const speed = z
  .number()
  .superRefine((factor, context) => {
    const why = speedFault(factor);
    if (why === undefined) return;
    context.addIssue({ code: 'custom', message: `must be a whole number from 2 to ${MOST_SPEED}: ${why}` });
  })
  .meta({ type: 'integer', minimum: 2, maximum: MOST_SPEED });

function speedFault(factor: number): string | undefined {
  if (factor < 2) return 'for real clocks, say time: wall';
  if (factor > MOST_SPEED) return "beyond it, the machine's own millisecond lasts longer than a second";
  // libfaketime reads the factor in the program's locale, and in some of these 2.5 is 2.
  return Number.isInteger(factor) ? undefined : 'programs of some languages read a fraction as another number';
}

/** `time:` as it stands in a file. */
export const timeField = z
  .union(
    [
      z.enum(['virtual', 'wall', 'model']),
      keysOf({ virtual: z.iso.datetime({ error: `must be a moment such as ${START}` }).describe('When it begins.') }),
      keysOf({ scaled: speed.describe('How many times as fast as real clocks.') }),
    ],
    { error: `must be one of virtual, wall, model, { virtual: ${START} } or { scaled: 60 }` },
  )
  .optional()
  .describe(
    'Virtual (the default): clocks jump from event to event, in process, from 2026-01-01 on. Wall: real clocks and ' +
      "sockets. Scaled: real sockets, and a command's clocks run so many times as fast as the machine's (libfaketime). " +
      "Model: no code of the client's, only what is said of it.",
  );

type TimeInput = z.output<typeof timeField>;

/** What a file says of time, but for the kind where it says none. */
export function timeIn(raw: TimeInput): { kind: Scenario['time'] | undefined; begins: string; speed?: number } {
  if (typeof raw !== 'object') return { kind: raw, begins: START };
  if ('virtual' in raw) return { kind: 'virtual', begins: raw.virtual };
  return { kind: 'scaled', begins: START, speed: raw.scaled };
}
