/** Examples of `client` and `load`, by section of the page. */
export const CLIENT_AND_LOAD_EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'client.undici': [
    `
client:
  undici:
    retries: agent
    maxRetries: 5
    minTimeout: 500ms
    maxTimeout: 30s
    timeoutFactor: 2
    retryAfter: true
    methods: [POST]
    statusCodes: [429, 503]
`,
  ],
  'client.autocannon': [
    `
client:
  autocannon:
    connections: 20
    rate: 1000/s
    duration: 30s
    pipelining: 1
    timeout: 10s
    reconnectRate: 500
    bailout: 100
    workers: 2
    records: seconds
`,
    `
client: { autocannon: { amount: 5000 } }
`,
  ],
  'client: its model': [
    `
client:
  model: openai-node
  concurrency: 8
  timeout: 30s
  deadline: 2m
  retries:
    max: 5
    statuses: [429, 5xx]
    connection: true
    base: 500ms
    factor: 2
    cap: 8s
    jitter: { times: [0.75, 1] }
    retryAfter: { reads: milliseconds, as: floor, jittered: true, longest: 1m, beyond: stop }
  budget: { share: 0.1, reserve: 10 }
  pace: { rate: 5/s, burst: 5 }
  breaker: { failures: 5, open: 30s }
  aimd: { start: 20, most: 200, increase: 1, decrease: 0.9 }
`,
    `
client:
  model: fixed
  retries: { max: forever, jitter: { plus: 100ms }, retryAfter: obeyed }
  budget: { capacity: 500, cost: 5, earns: 1, refunds: true, least: 0 }
  pace: cubic
`,
    `
client:
  model: full-jitter
  retries: { jitter: { from: 1s } }
`,
  ],
  call: [
    `
call: { model: gpt-4o, prompt: 'Summarise ticket {id}.', job: 'ticket-{vu}', maxTokens: 200, stream: true }
`,
  ],
  'load[]': [
    `
load:
  - { name: shop, executor: constant-vus, vus: 20, duration: 5m, wait: { between: [200ms, 500ms] } }
  - { name: batch, executor: constant-vus, vus: 2, duration: 1m, wait: { constant: 1s }, startTime: 2m }
  - { name: cron, executor: constant-vus, vus: 1, duration: 5m, wait: { pacing: 10s }, gracefulStop: 1m }
`,
    `
clients: { chat: ./chat.ts, batch: ./batch.ts }
load:
  - { name: chat, client: chat, executor: constant-vus, vus: 20, duration: 5m }
  - { name: batch, client: batch, executor: constant-vus, vus: 2, duration: 5m }
`,
  ],
  'load[]: constant-vus': ['load: [{ executor: constant-vus, vus: 20, duration: 5m }]'],
  'load[]: ramping-vus': [
    `
load:
  - executor: ramping-vus
    startVUs: 1
    stages: [{ duration: 1m, target: 50 }, { duration: 5m, target: 50 }, { duration: 30s, target: 0 }]
`,
  ],
  'load[]: per-vu-iterations': ['load: [{ executor: per-vu-iterations, vus: 8, iterations: 25, maxDuration: 10m }]'],
  'load[]: shared-iterations': ['load: [{ executor: shared-iterations, vus: 8, iterations: 200, maxDuration: 10m }]'],
  'load[]: constant-arrival-rate': [
    'load: [{ executor: constant-arrival-rate, rate: 6/s, duration: 1m, arrivals: poisson, maxVUs: 200 }]',
  ],
  'load[]: trace': [
    `
load:
  - executor: trace
    file: ./tuesday.csv
    columns: { time: started, promptTokens: in, completionTokens: out, model: deployment }
    models: { our-gpt-4o: gpt-4o }
    from: 9h
    to: 17h
    speed: 2
    scale: 1.5
    loop: 3
    maxVUs: 500
`,
  ],
  'load[]: ramping-arrival-rate': [
    `
load:
  - executor: ramping-arrival-rate
    startRate: 1/s
    stages: [{ duration: 5m, target: 20/s }]
    arrivals: poisson
    maxVUs: 500
`,
  ],
  gateway: [
    `
time: wall
gateway:
  command: [nginx, -p, '{folder}', -c, '{config}', -e, stderr, -g, 'daemon off;']
  config: ./nginx.conf
  env: { TZ: UTC }
  headers: { x-upstream: 'http://{upstream}/v1' }
  startTimeout: 10s
`,
  ],
  thresholds: [
    `
thresholds:
  call_failed: rate<0.01
  call_duration: ['p(95)<20s', 'p(99)<1m']
  goodput: { threshold: value>4, abortOnFail: true, delayAbortEval: 30s }
`,
  ],
  verdicts: [
    `
verdicts:
  ignores-retry-after: error
  over-waits: off
  amplifies-load: { severity: error, fail: 2 }
`,
  ],
};
