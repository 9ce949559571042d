import type { MetricDefinition } from '../src/analysis/metrics/metric-definition.ts';
import { METRICS } from '../src/analysis/metrics/metrics.ts';
import { TAGS } from '../src/analysis/run/selection.ts';

const HEAD = `# Metrics

Every run computes these metrics; \`thresholds\` compare them with bounds, in the grammar of k6:

\`\`\`yaml
thresholds:
  call_duration: p(95)<20s
  call_failed{status:429}: rate<1%          # of all calls, those that ended with this status
  time_between_tokens: { threshold: p(95)<80ms, abortOnFail: true }
\`\`\`

A *trend* has \`avg\`, \`min\`, \`med\`, \`max\` and \`p(n)\`; a *rate* has \`rate\`; a *counter* has \`count\` and \`rate\` (per second); a
*gauge* has \`value\`. Tags in braces select what is measured: of the calls their \`result\`, the \`status\`, \`code\` or name
(\`error\`) of the error that they ended with, and their \`load\`; of the attempts \`limit\` (the one that refused), \`status\`, \`model\`
and \`ending\`. Tags marked * do not narrow what a rate is a share of, only what counts.

| metric | type | what it measures | tags |
|---|---|---|---|
`;

/** Returns docs/metrics.md: every metric with its type, meaning and tags. */
export function metricsPage(): string {
  const rows = Object.entries(METRICS as Readonly<Record<string, MetricDefinition>>).map(([name, definition]) => {
    const hitTags = definition.type === 'rate' ? (definition.hitTags ?? []) : [];
    const tags = Object.keys(TAGS[definition.of]).map((tag) => (hitTags.includes(tag) ? `${tag}*` : tag));
    return `| \`${name}\` | ${definition.type} | ${definition.about} | ${tags.join(', ') || 'none'} |\n`;
  });
  return HEAD + rows.join('');
}
