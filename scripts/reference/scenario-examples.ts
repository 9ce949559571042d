import { CLIENT_AND_LOAD_EXAMPLES } from './client-and-load-examples.ts';

/** Examples of the scenario reference by section; a test loads each, and looks for a key of the section that none shows. */
export const SCENARIO_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'The file': [
    `
$schema: node_modules/quotalab/schema/scenario.schema.json
name: checkout
about: Does the checkout survive ten times its load?
seed: 7
time: { virtual: '2026-03-29T00:30:00Z' }      # or virtual, wall, model
provider: { limits: [requests 5/s burst 5] }
client: ./client.ts
call: { model: gpt-4o-mini }
load: [{ executor: constant-vus, vus: 20, duration: 2m }]
thresholds: { call_failed: rate<0.01 }
verdicts: { ignores-retry-after: error }
`,
    `
time: { scaled: 60 }                           # every clock sixty times as fast, for a command
client: { command: [python3, client.py] }
`,
    `
providers: { primary: { limits: [requests 5/s burst 5] }, backup: { dialect: anthropic } }
clients: { chat: { module: ./chat.ts, replicas: 4 }, batch: ./batch.ts }
`,
    `
time: wall
gateway: { command: [node, ./proxy.mjs], env: { PORT: '{port}' } }
`,
  ],
  provider: [
    `
time: wall
provider:
  idleTimeout: 5s
  limitHeaders: { x-ratelimit-reset-requests: { as: x-ratelimit-reset, literal: '42' } }
`,
    `
provider:
  dialect: azure
  limits: [requests 60/min, tokens 10k/min]
  faults: [{ at: 2m, for: 10s, status: 503 }]
  retryAfter: next-token
  dateSkew: [2s, -30s]
  shouldRetry: true
  headers: full
  limitHeaders: { x-ratelimit-reset-tokens: '42', x-ratelimit-limit-tokens: none }
  headersShow: tightest
  messageWait: exact
  quotaCodes: '2026'
  account: free
  latency: { firstToken: { p50: 300ms, p99: 900ms }, perToken: 12ms }
  answer: echo
  callTools: never
  answerTokens: 200
  tokenizer: o200k_base
  estimator: sum
  keys: { shop: sk-shop, support: sk-support }
  models: [our-fine-tune]
  organization: org-checkout
`,
    `
provider:
  limits: openai/tier-1/gpt-4o                 # a published tier; quotalab profiles lists them
  retryAfter: { literal: '1.5', literalMs: '1500' }
  latency: { firstToken: 1s, perToken: { p50: 10ms, p99: 40ms } }
call: { model: gpt-4o }
`,
  ],
  'provider.limits[]': [
    `
provider:
  limits:
    - { name: requests, unit: requests, scope: [key, model], refill: 500/min, chargeRejected: requests }
    - { name: tokens, unit: tokens, refill: 30k/min, settle: refund, models: [gpt-4o, gpt-4o-mini], pool: gpt-4o-family }
    - { name: spend, algorithm: calendar-quota, amount: 10k, per: month, says: project-spend }
`,
  ],
  'provider.limits[]: token-bucket, gcra, leaky-meter': [
    `
provider:
  limits:
    - { name: requests, algorithm: token-bucket, refill: 5/s, capacity: 20, initial: 0, maxDebt: 10 }
    - { name: tokens, unit: tokens, refill: 90k/min, burst: 10k }
`,
  ],
  'provider.limits[]: tick-bucket': [
    `
provider:
  limits: [{ algorithm: tick-bucket, refill: 60/min, capacity: 60 }]
`,
  ],
  'provider.limits[]: fixed-window': [
    `
provider:
  limits: [{ algorithm: fixed-window, amount: 500, window: 1m, anchor: clock, offset: 10s }]
`,
  ],
  'provider.limits[]: sliding-window-log, sliding-window-counter': [
    `
provider:
  limits: [{ algorithm: sliding-window-counter, amount: 500, window: 1m }]
`,
  ],
  'provider.limits[]: leaky-bucket': [
    `
provider:
  limits:
    - { name: api, algorithm: leaky-bucket, rate: 5/s, burst: 10, nodelay: true }
    - { name: search, algorithm: leaky-bucket, rate: 30/min, burst: 10, delay: 4 }
`,
  ],
  'provider.limits[]: leaky-queue': [
    `
provider:
  limits: [{ algorithm: leaky-queue, interval: 200ms, maxQueue: 50 }]
`,
  ],
  'provider.limits[]: calendar-quota': [
    `
provider:
  limits: [{ algorithm: calendar-quota, amount: 10k, per: day, timeZone: America/Los_Angeles, resetHour: 0 }]
`,
  ],
  'provider.limits[]: ramp': [
    `
provider:
  limits:
    - { name: growth, unit: input-tokens, algorithm: ramp, floor: 1M, growth: 50%, window: 15m }
`,
  ],
  'provider.limits[]: concurrency': [
    `
provider:
  limits: [{ name: open, algorithm: concurrency, amount: 8, scope: key }]
`,
  ],
  'provider.faults[]': [
    `
provider:
  faults:
    - { kind: status, at: 2m, for: 10s, status: 503 }
    - { kind: refuse, first: 3, says: slow-down, retryAfter: 30 }
    - { kind: hang, every: 50, by: 2m, match: { endpoint: chat.completions, model: gpt-4o, stream: true } }
    - { kind: truncate, rate: 1%, after: 40 tokens, match: { text: summarise, userAgent: OpenAI/JS } }
    - { kind: error-event, rate: 1%, code: rate_limit_exceeded }
    - { kind: content-type, rate: 0.5%, type: text/html }
`,
  ],
  'provider.answer': [
    `
provider:
  answer:
    rules:
      - match: { userMessage: weather, turnIndex: 0, toolName: get_weather }
        response: { toolCalls: [{ name: get_weather, arguments: { city: Oslo }, id: call_1 }] }
      - match: { toolCallId: call_1, toolResultContains: snow, hasToolResult: true }
        response: { blocks: [{ type: text, text: Snow. }, { type: toolCall, name: notify, arguments: '{}', id: call_2 }] }
      - match: { systemMessage: [JSON, only], responseFormat: json_schema, prefill: false }
        response: { content: { city: Oslo } }
      - match: { inputText: invoice, endpoint: embedding, model: text-embedding-3-small }
        response: { embedding: [0.1, 0.2, 0.3] }
      - match: { userMessage: quota, sequenceIndex: 0 }
        response: { status: 429, error: { message: Slow down., type: requests, code: rate_limit_exceeded }, retryAfter: 2 }
    otherwise: { fixed: I do not know. }
`,
    `
provider:
  answer: { fixed: The same text each time. }
`,
  ],
  client: [
    `
client: { module: ./assistant.ts#answer, args: [{ question: $prompt }], env: { LOG_LEVEL: error } }
`,
    `
client: { command: [python3, worker.py], protocol: worker, workers: 4 }
`,
    `
client:
  module: ./assistant.ts
  replicas: { start: 2, stages: [{ duration: 5m, target: 8 }] }
  balance: least-busy
  restarts: [{ at: 10m, replicas: all, rolling: 30s, drain: 10s, startup: 5s, resume: true }]
`,
  ],
  ...CLIENT_AND_LOAD_EXAMPLES,
};
