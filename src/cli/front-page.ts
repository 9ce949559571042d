import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { describeLimit } from '../report/describe-limit.ts';

interface FrontPage {
  readonly url: string;
  readonly settings: ProviderSettings;
  /** Address of the live page; absent for who may not know it. */
  readonly live: string | undefined;
}

/** Returns what a browser gets that opens the address of the mock: what this is, how to use it, and where the live page is. */
export function frontPage({ url, settings, live }: FrontPage): string {
  const { title, environment } = DIALECTS[settings.dialect];
  const variables = Object.entries(environment(url, 'sk-any')).map(([name, value]) => `export ${name}=${value}`);
  const limits = settings.limits.map((limit) => `<li>${escapeHtml(describeLimit(limit))}</li>`).join('');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>QuotaLab: ${escapeHtml(title)} mock</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}pre{padding:1rem;overflow:auto;border:1px solid #8886;border-radius:6px}</style>
<h1>${escapeHtml(title)} mock</h1>
<p>This is QuotaLab: a provider that answers like ${escapeHtml(title)}, with limits, and calls no model. It is no web site; point a program at it:</p>
<pre>${escapeHtml(variables.join('\n'))}</pre>
<h2>Limits</h2>
${limits === '' ? '<p>None. Add some with <code>--limit</code>.</p>' : `<ul>${limits}</ul>`}
<h2>What it does now</h2>
<p>${
    live === undefined
      ? 'Start it with <code>quotalab serve --ui</code>, and open the address that it prints, to watch it live.'
      : `<a href="${escapeHtml(live)}">The live page</a>: charts, buckets, recent attempts, verdicts, limits and faults by hand.`
  }</p>
<p><a href="/__quotalab/state">State as JSON</a> · <a href="/metrics">Prometheus metrics</a></p>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
