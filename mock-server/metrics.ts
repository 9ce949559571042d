import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Exchange } from './exchange.ts';
import type { Provider } from './provider.ts';

/** Prometheus metrics of a provider (`/metrics`). Labels have few values: never a key, a model or user text. */
export interface Metrics {
  readonly contentType: string;
  add(exchange: Exchange): void;
  text(): Promise<string>;
  reset(): void;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Creates the metrics; bucket gauges are computed at `nowUs()` on each scrape. */
export function createMetrics(provider: Provider, nowUs: () => number): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'quotalab_requests_total',
    help: 'Requests by endpoint, status and outcome of the reply.',
    labelNames: ['endpoint', 'status', 'outcome'],
    registers,
  });
  const refusals = new Counter({
    name: 'quotalab_refusals_total',
    help: 'Refused requests by reported limit.',
    labelNames: ['limit'],
    registers,
  });
  const faults = new Counter({
    name: 'quotalab_faults_total',
    help: 'Requests hit by an injected fault, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const tokens = new Counter({
    name: 'quotalab_tokens_total',
    help: 'Tokens of answered requests by kind: prompt or completion.',
    labelNames: ['kind'],
    registers,
  });
  const duration = new Histogram({
    name: 'quotalab_reply_duration_seconds',
    help: 'Time from request to last byte of the reply.',
    labelNames: ['endpoint'],
    buckets: SECONDS,
    registers,
  });
  addLimitGauges(registry, provider, nowUs);
  return {
    contentType: registry.contentType,
    add({ view, startUs, endUs, outcome }) {
      const { endpoint, status, deniedBy, fault, promptTokens, completionTokens } = view;
      requests.inc({ endpoint, status: String(status), outcome });
      duration.observe({ endpoint }, (endUs - startUs) / 1e6);
      if (deniedBy !== undefined) refusals.inc({ limit: deniedBy });
      if (fault !== undefined) faults.inc({ kind: fault });
      if (promptTokens !== undefined) tokens.inc({ kind: 'prompt' }, promptTokens);
      if (completionTokens !== undefined) tokens.inc({ kind: 'completion' }, completionTokens);
    },
    text: () => registry.metrics(),
    reset: () => registry.resetMetrics(),
  };
}

/** Aggregates the buckets of each limit, so that label counts do not grow with keys: number of buckets, and lowest level. */
function addLimitGauges(registry: Registry, provider: Provider, nowUs: () => number): void {
  const registers = [registry];
  new Gauge({
    name: 'quotalab_limit_buckets',
    help: 'Buckets of a limit that are in use.',
    labelNames: ['limit'],
    registers,
    collect() {
      this.reset();
      for (const { name } of provider.settings.limits) this.set({ limit: name }, 0);
      for (const { limit } of provider.buckets(nowUs())) this.inc({ limit });
    },
  });
  new Gauge({
    name: 'quotalab_limit_remaining_ratio',
    help: 'Remaining share of the emptiest bucket of a limit.',
    labelNames: ['limit'],
    registers,
    collect() {
      this.reset();
      const least = new Map(provider.settings.limits.map(({ name }) => [name, 1]));
      for (const { limit, remaining, amount } of provider.buckets(nowUs())) {
        least.set(limit, Math.min(least.get(limit) ?? 1, amount === 0 ? 0 : remaining / amount));
      }
      for (const [limit, ratio] of least) this.set({ limit }, ratio);
    },
  });
}
