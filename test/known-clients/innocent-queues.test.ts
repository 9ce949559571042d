import { innocentsHold } from './innocents-hold.ts';

innocentsHold(({ policy }) => policy === 'one queue at the rate of the quota');
