import { z } from 'zod';
import { type Parsed, parseAmount, parseDuration, parsePerSecond, parseRate } from './quantity.ts';

/** A strict object. The error of an unknown key lists the allowed keys, which `problems.ts` parses. */
export function keysOf<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });
}

/** Says that an issue is one of the value alone, and not of how it goes with others. */
export const OF_THE_VALUE = { ofValue: true };

/** A string that `parse` turns into a value; its error message becomes the issue. */
function parsedText<Value>(parse: (text: string) => Parsed<Value>): z.ZodType<Value, string> {
  return z.string().transform((text, context) => {
    const parsed = parse(text);
    if ('value' in parsed) return parsed.value;
    context.addIssue({ code: 'custom', message: parsed.error, params: OF_THE_VALUE });
    return z.NEVER;
  });
}

/** A duration: text in the file, whole microseconds in the value. */
export const duration = (about: string): z.ZodType<number, string | 0> =>
  z
    .union([parsedText(parseDuration), z.literal(0)], { error: 'must be a duration such as 250ms, 30s, 1m30s or 2h' })
    .meta({ title: 'duration', description: about });

/** A duration that may be negative: text in the file, whole microseconds in the value. */
export const signedDuration: z.ZodType<number, string | 0> = z
  .union(
    [
      parsedText((text) => {
        const parsed = parseDuration(text.replace(/^-/, ''));
        return 'value' in parsed && text.startsWith('-') ? { value: -parsed.value } : parsed;
      }),
      z.literal(0),
    ],
    { error: 'must be a duration such as 30s or -30s' },
  )
  .meta({ title: 'duration' });

/** A rate: text in the file, amount and period in the value. */
export const rate = (about: string): z.ZodType<{ amount: number; periodUs: number }, string> =>
  parsedText((text) => {
    const parsed = parseRate(text);
    const isNone = 'value' in parsed && parsed.value.amount === 0;
    if (!isNone) return parsed;
    return { error: `must admit at least one unit per period, not "${text}"; a fixed-window may admit none` };
  }).meta({ title: 'rate', description: about });

/** An arrival rate: text in the file, arrivals per second in the value. */
export const perSecond: z.ZodType<number, string> = parsedText(parsePerSecond).meta({ title: 'rate' });

/** A whole number from `min` to `max`, or text such as `90k`. */
export const amount = (about: string, min = 0, max = Infinity): z.ZodType<number, string | number> =>
  z
    .union([parsedText(parseAmount), z.int()], { error: 'must be a whole amount such as 500, 90k or 1.5M' })
    .refine((value) => value >= min, { error: `must be at least ${min}`, params: OF_THE_VALUE })
    .refine((value) => value <= max, { error: `must be at most ${max}`, params: OF_THE_VALUE })
    .meta({ title: 'amount', description: about });
