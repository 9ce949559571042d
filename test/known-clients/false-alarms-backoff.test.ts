import { testFalseAlarms } from './test-false-alarms.ts';

testFalseAlarms(({ policy }) => policy === 'doubling, equal jitter');
