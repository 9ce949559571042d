import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUCKET = '{ name: requests, scope: organization, capacity: 5, refill: 5/s }';

/**
 * Writes a scenario with one limit and looping VUs whose client retries with full jitter; answers take 300 ms.
 * Returns its path.
 */
export function scenarioFile(
  vus: number,
  duration: string,
  limit = BUCKET,
  wait = 'wait: { between: [200ms, 500ms] }',
): string {
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), 'scenario.yaml');
  const module = fileURLToPath(new URL('../test/truth/clients/openai-node.ts', import.meta.url));
  writeFileSync(
    file,
    `name: bench
provider: { limits: [${limit}], latency: { firstToken: 300ms, perToken: 0s } }
client: { module: ${module}, model: full-jitter, retries: { max: forever, base: 1s, cap: 60s } }
load: [{ executor: constant-vus, vus: ${Math.max(1, vus)}, duration: ${duration}, ${wait} }]
`,
  );
  return file;
}
