import { z } from 'zod';
import { parseAmount, parseDuration, parsePerSecond, parseRate, type Reading } from './quantity.ts';

/** An object with these keys and no others; `problems.ts` takes the message of an unknown key as what is allowed. */
export function keysOf<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });
}

/** A text that is read into a value, whose reader says what is wrong. */
function readAs<Value>(parse: (text: string) => Reading<Value>): z.ZodType<Value, string> {
  return z.string().transform((text, context) => {
    const reading = parse(text);
    if ('value' in reading) return reading.value;
    context.addIssue({ code: 'custom', message: reading.wrong });
    return z.NEVER;
  });
}

const DURATION_EXAMPLES = { examples: ['250ms', '30s', '1m30s', '2h'] };

/** A duration in the file, whole microseconds in the value. */
export const duration = (about: string): z.ZodType<number, string | 0> =>
  z.union([readAs(parseDuration), z.literal(0)], { error: 'must be a duration such as 250ms, 30s, 1m30s or 2h' }).meta({
    description: about,
    ...DURATION_EXAMPLES,
  });

/** A duration that may be negative: whole microseconds in the value. */
export const signedDuration: z.ZodType<number, string | 0> = z.union(
  [
    readAs((text) => {
      const reading = parseDuration(text.replace(/^-/, ''));
      return 'value' in reading && text.startsWith('-') ? { value: -reading.value } : reading;
    }),
    z.literal(0),
  ],
  { error: 'must be a duration such as 30s or -30s' },
);

/** A rate in the file, amount and period in the value. */
export const rate = (about: string): z.ZodType<{ amount: number; periodUs: number }, string> =>
  readAs(parseRate).meta({ description: about, examples: ['5/s', '500/min', '90k/min', '10000/day', '3/20s'] });

/** A rate of arrivals in the file, arrivals a second in the value. */
export const perSecond: z.ZodType<number, string> = readAs(parsePerSecond).meta({
  examples: ['5/s', '7.5/s', '500/min'],
});

/** A whole number, or a text such as `90k`. */
export const amount = (about: string, least = 0): z.ZodType<number, string | number> =>
  z
    .union([readAs(parseAmount), z.int()], { error: 'must be a whole amount such as 500, 90k or 1.5M' })
    .refine((value) => value >= least, { error: `must be at least ${least}` })
    .meta({ description: about, examples: [500, '90k', '1.5M'] });
