/** Generates docs/metrics.md from the metrics; `npm run metrics`. */
import { writeFileSync } from 'node:fs';
import { metricsPage } from './metrics-page.ts';

writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsPage());
