import { expect, it } from 'vitest';
import { formatDuration } from '../../mock-server/duration.ts';

it.each([
  [0, '0s'],
  [250, '250us'],
  [120_000, '120ms'],
  [1_500_000, '1.5s'],
  [90_000_000, '1m30s'],
  [7_500_000_000, '2h5m'],
  [86_400_000_000, '1d'],
  [90_061_001_000, '1d1h1m1.001s'],
])('%d µs: %s', (us, text) => {
  expect(formatDuration(us)).toBe(text);
});
