export type { Limit, Scope, Unit } from './admission/limit.ts';
export { type Problem, QuotaLabError } from './error.ts';
export type { Exchange } from './exchange.ts';
export type { AlgorithmSpec } from './limiter/algorithm.ts';
export { digest, type Listening, type ListenOptions, listen } from './listen.ts';
export { type BucketState, createProvider, type Provider } from './provider.ts';
export type { Frame, LimitSight, ProviderRequest, Reply, Sight } from './reply.ts';
export type { Answer, Duration, Latency, ProviderSettings, RetryAfterPolicy } from './settings.ts';
