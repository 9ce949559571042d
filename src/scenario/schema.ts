import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';
import type { Executor } from '../load/executors.ts';
import { executorSchema } from '../load/schema.ts';
import { autocannonLoad } from './autocannon-code.ts';
import { supportedTimes } from './client-code.ts';
import { providersOf, type WithProviders } from './fleet.ts';
import { checkFleet } from './fleet-problems.ts';
import { gatewaySchema } from './gateway-schema.ts';
import { CLIENT_FORMS, type ClientInput, clientSchema, clientsSchema, providersSchema } from './named-blocks.ts';
import { providerSchema } from './provider-schema.ts';
import { resolveParts } from './resolve-parts.ts';
import type { ClientCode, Scenario, ThresholdSetting } from './scenario.ts';
import { resolveTime, timeField } from './time.ts';

const THRESHOLD_ERROR = "must be an expression such as 'p(95)<20s', or { threshold, abortOnFail, delayAbortEval }";

const threshold = z.union(
  [
    z.string().transform((expression) => ({ expression, abortOnFail: false, delayAbortEvalUs: 0 })),
    keysOf({
      threshold: z.string().describe('The bound, such as `p(95)<20s`.'),
      abortOnFail: z.boolean().default(false).describe('Ends the run as soon as the threshold fails.'),
      delayAbortEval: duration('Earliest time at which a failed threshold can end the run.').prefault('0s'),
    }).transform(({ threshold: expression, abortOnFail, delayAbortEval: delayAbortEvalUs }) => ({
      expression,
      abortOnFail,
      delayAbortEvalUs,
    })),
  ],
  { error: THRESHOLD_ERROR },
);

const call = keysOf({
  model: z.string().min(1).default('gpt-4o-mini').describe('The model that calls request.'),
  prompt: z
    .string()
    .optional()
    .describe('The prompt; `{id}` becomes the number of the call. Random words when omitted.'),
  job: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The job that a call belongs to, such as `user-{vu}`: calls of one job are tries of the same work. `{vu}`, `{iteration}` and ' +
        '`{id}` become those of the call. Every call is a job of its own when omitted.',
    ),
  maxTokens: z.int().min(1).optional().describe('Maximum tokens of an answer.'),
  stream: z.boolean().default(false).describe('Whether calls request a stream.'),
});

const severity = z.enum(['error', 'warn', 'off']);

/** The other settings depend on the verdict; `check-scenario.ts` checks them. */
const verdict = z
  .union(
    [
      severity,
      z
        .looseObject({
          severity: severity.optional().describe('error fails the run, warn is shown, off is not computed.'),
        })
        .meta({
          additionalProperties: {
            anyOf: [
              { type: ['number', 'string', 'boolean'] },
              { type: 'array', items: { type: ['number', 'string'] } },
            ],
          },
        }),
    ],
    { error: 'must be error, warn or off, or { severity, and settings of the verdict }' },
  )
  .describe('The severity, or a block with it and the settings of the verdict.');

/** The shape of a scenario file. */
const fileKeys = keysOf({
  $schema: z.string().optional().describe('For editors.'),
  name: z
    .string()
    .regex(/^[\w][\w.-]*$/, { error: 'must be letters, digits, dots, dashes: it names the report folder' })
    .max(100)
    .describe('Names the run and its report folder.'),
  about: z.string().optional().describe('What the scenario shows.'),
  seed: z.int().min(0).default(1).describe('Seed of all randomness.'),
  time: timeField,
  provider: providerSchema.optional().describe('The simulated API.'),
  providers: providersSchema.optional(),
  gateway: gatewaySchema
    .optional()
    .describe('A program between the clients and the provider: nginx, Envoy, a custom proxy. In wall time only.'),
  client: clientSchema.optional(),
  clients: clientsSchema.optional(),
  call: call.prefault({}).describe('The request that each call makes.'),
  load: z.array(executorSchema).min(1).optional().describe('Executors, which run in parallel.'),
  thresholds: z
    .record(
      z.string(),
      z.union([threshold.transform((only) => [only]), z.array(threshold).min(1)], {
        error: `${THRESHOLD_ERROR}, or a list of them`,
      }),
    )
    .default({})
    .describe('Pass/fail bounds on metrics, as in k6: `call_failed: rate<0.01`, or a list of bounds.'),
  verdicts: z
    .record(z.string(), verdict)
    .default({})
    .describe('Severity of each verdict (error fails the run, warn is shown, off is not computed) and its settings.'),
});

/** The file format as parsed, with checks of how its blocks go together. */
const fileSchema = fileKeys
  .refine(hasClient, { path: ['client'], error: `is required: ${CLIENT_FORMS}`, when: () => true })
  .refine(hasLoad, { path: ['load'], error: 'is required', when: () => true })
  .refine(isOneForm('client'), { path: ['clients'], error: 'cannot be combined with client', when: () => true })
  .refine(isOneForm('provider'), { path: ['providers'], error: 'cannot be combined with provider', when: () => true });

function hasClient(raw: unknown): boolean {
  const { client, clients } = (raw ?? {}) as { client?: unknown; clients?: unknown };
  return client !== undefined || clients !== undefined;
}

/** Whether a document has one of `client` and `clients`, or of `provider` and `providers`. */
function isOneForm(key: string): (raw: unknown) => boolean {
  return (raw) => {
    const keys = (raw ?? {}) as Readonly<Record<string, unknown>>;
    return keys[key] === undefined || keys[`${key}s`] === undefined;
  };
}

/** Autocannon defines its own load. Checked alongside other problems, so that all are reported at once. */
function hasLoad(raw: unknown): boolean {
  const { load, client } = (raw ?? {}) as { load?: unknown; client?: { autocannon?: unknown } };
  return load !== undefined || client?.autocannon !== undefined;
}

/** The file format, resolved. Paths stay as written; `load-scenario.ts` makes them absolute. */
export const scenarioSchema = fileSchema.transform(
  ({ $schema: _, thresholds, about, gateway, provider, providers, client, clients, ...rest }, context): Scenario => {
    const { maxTokens, prompt, job, ...call } = rest.call;
    const parts = resolveParts({ seed: rest.seed, provider: provider ?? DEFAULT_PROVIDER, providers, client, clients });
    const { code } = parts.client;
    const { kind, start, speed } = resolveTime(rest.time);
    const time = kind ?? defaultTime(code, gateway !== undefined);
    if (gateway) checkGateway(time, context);
    checkIdleTimeouts(parts, time, context);
    const load = resolveLoad(rest.load, client, context);
    checkFleet({ ...parts, time, load, ...(gateway && { gateway }) }, context);
    return {
      ...rest,
      ...(about !== undefined && { about }),
      ...(gateway && { gateway }),
      ...parts,
      time,
      ...(speed !== undefined && { speed }),
      startUs: Temporal.Instant.from(start).epochMilliseconds * 1000,
      load,
      call: {
        ...call,
        ...(prompt !== undefined && { prompt }),
        ...(job !== undefined && { job }),
        ...(maxTokens !== undefined && { maxTokens }),
      },
      thresholds: Object.entries(thresholds).flatMap(([metric, settings]) =>
        settings.map((setting): ThresholdSetting => ({ metric, ...setting })),
      ),
    };
  },
);

/** The provider of a scenario that says nothing of it. */
const DEFAULT_PROVIDER = providerSchema.parse({});

/** The load of the scenario, or that of autocannon. Both together are a problem. */
function resolveLoad(
  load: readonly Executor[] | undefined,
  client: z.output<typeof clientSchema> | undefined,
  context: z.RefinementCtx,
): readonly Executor[] {
  const autocannon = client?.autocannon;
  if (load !== undefined && autocannon !== undefined) {
    const hint = 'use connections, rate, duration and amount of autocannon';
    const message = 'cannot be combined with autocannon, which defines its own load';
    context.addIssue({ code: 'custom', path: ['load'], message, params: { hint } });
  }
  return load ?? (autocannon ? autocannonLoad(autocannon) : []);
}

/** The default depends on the kind of client; a gateway requires wall time. */
function defaultTime(code: ClientCode, hasGateway: boolean): Scenario['time'] {
  return hasGateway && code.kind !== 'none' ? 'wall' : supportedTimes(code)[0];
}

function checkGateway(time: Scenario['time'], context: z.RefinementCtx): void {
  if (time === 'wall') return;
  const message = `is a separate process on the clock of the machine, and cannot run in ${time} time`;
  const hint = 'use time: wall with a module or a command; or replace it by a limit, such as leaky-bucket for nginx';
  context.addIssue({ code: 'custom', path: ['gateway'], message, params: { hint } });
}

/** Only sockets have connections that can be idle. */
function checkIdleTimeouts(parts: WithProviders, time: Scenario['time'], context: z.RefinementCtx): void {
  if (time === 'wall' || time === 'scaled') return;
  for (const { name, settings } of providersOf(parts)) {
    if (settings.idleTimeoutUs === undefined) continue;
    const path = name === '' ? ['provider', 'idleTimeout'] : ['providers', name, 'idleTimeout'];
    const message = `has no effect in ${time} time, which has no connections`;
    const params = { hint: 'use time: wall; or a fault such as { kind: reset, rate: 2% }' };
    context.addIssue({ code: 'custom', path, message, params });
  }
}

export type { ClientInput };

/** The input type of a scenario, for scenarios that are modules. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
