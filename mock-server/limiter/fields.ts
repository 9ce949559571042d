import { z } from 'zod';
import { amount, duration, rate } from '../setting-fields.ts';

/** Counting per window. */
const window = { amount: amount('Maximum per window.', 1), window: duration('Length of the window.') };

/** What algorithms declare their settings with: an argument, so that a limiter runs without zod. */
export const limiterFields = { z, amount, duration, rate, window };

export type LimiterFields = typeof limiterFields;
