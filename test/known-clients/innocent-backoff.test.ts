import { innocentsHold } from './innocents-hold.ts';

innocentsHold(({ policy }) => policy === 'doubling, equal jitter');
