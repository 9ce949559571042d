import { z } from 'zod';
import { amount, duration, rate } from '../setting-fields.ts';

/** The settings of algorithms that count per window. */
const window = { amount: amount('Maximum per window.', 1), window: duration('Length of the window.') };

/** The field builders that algorithms receive to declare their settings, so that limiters do not import zod. */
export const limiterFields = { z, amount, duration, rate, window };

export type LimiterFields = typeof limiterFields;
