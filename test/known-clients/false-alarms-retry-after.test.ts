import { testFalseAlarms } from './test-false-alarms.ts';

testFalseAlarms(({ policy }) => policy === 'Retry-After plus jitter');
