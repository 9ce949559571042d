import { innocentsHold } from './innocents-hold.ts';

innocentsHold(({ policy }) => policy === 'Retry-After and jitter on top');
