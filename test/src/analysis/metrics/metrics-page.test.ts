import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { metricsPage } from '../../../../scripts/metrics-page.ts';

it('docs/metrics.md is up to date (npm run metrics)', () => {
  expect(readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
});
