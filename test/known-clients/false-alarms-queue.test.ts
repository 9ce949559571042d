import { testFalseAlarms } from './test-false-alarms.ts';

testFalseAlarms(({ policy }) => policy === 'one queue paced at the quota rate');
