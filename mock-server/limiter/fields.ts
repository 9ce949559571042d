import { z } from 'zod';
import { amount, duration, rate } from '../setting-fields.ts';

/** The settings of algorithms that count per window. */
const window = { amount: amount('Maximum per window; 0 admits nothing.'), window: duration('Length of the window.') };

/** The setting of how much is left at first. */
const initial = amount('Units left at the start; all when omitted.').optional();

/** The field builders that algorithms receive to declare their settings, so that limiters do not import zod. */
export const limiterFields = { z, amount, duration, rate, window, initial };

export type LimiterFields = typeof limiterFields;
