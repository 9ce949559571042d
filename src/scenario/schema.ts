import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';
import type { Executor } from '../load/executors.ts';
import { executorSchema } from '../load/schema.ts';
import { autocannonLoad } from './autocannon-code.ts';
import { codeFields, codeProblems, supportedTimes } from './client-code.ts';
import { modelFields } from './client-schema.ts';
import { gatewaySchema } from './gateway-schema.ts';
import { providerSchema } from './provider-schema.ts';
import { resolveClient } from './resolve-client.ts';
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

const clientBlock = keysOf({
  ...codeFields,
  ...modelFields,
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .prefault({})
    .describe('Environment variables of the client.'),
}).superRefine((raw, context) => {
  for (const { key, message } of codeProblems(raw)) context.addIssue({ code: 'custom', path: [key], message });
});

const client = z
  .union(
    [
      z
        .string()
        .min(1)
        .transform((module): z.input<typeof clientBlock> => ({ module }))
        .pipe(clientBlock),
      clientBlock,
    ],
    { error: 'must be a module such as ./client.ts, or { module, command, undici, autocannon or model }' },
  )
  .describe('The code under test: a module such as `./client.ts`, or a block for more settings and other clients.');

/** The shape of a scenario file. */
const fileSchema = keysOf({
  $schema: z.string().optional().describe('For editors.'),
  name: z
    .string()
    .regex(/^[\w][\w.-]*$/, { error: 'must be letters, digits, dots, dashes: it names the report folder' })
    .max(100)
    .describe('Names the run and its report folder.'),
  about: z.string().optional().describe('What the scenario shows.'),
  seed: z.int().min(0).default(1).describe('Seed of all randomness.'),
  time: timeField,
  provider: providerSchema.prefault({}).describe('The simulated API.'),
  gateway: gatewaySchema
    .optional()
    .describe('A program between the clients and the provider: nginx, Envoy, a custom proxy. In wall time only.'),
  client,
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
}).refine(hasLoad, { path: ['load'], error: 'is required', when: () => true });

/** Autocannon defines its own load. Checked alongside other problems, so that all are reported at once. */
function hasLoad(raw: unknown): boolean {
  const { load, client } = (raw ?? {}) as { load?: unknown; client?: { autocannon?: unknown } };
  return load !== undefined || client?.autocannon !== undefined;
}

/** The file format, resolved. Paths stay as written; `load-scenario.ts` makes them absolute. */
export const scenarioSchema = fileSchema.transform(
  ({ $schema: _, provider, thresholds, about, gateway, ...rest }, context): Scenario => {
    const { maxTokens, prompt, job, ...call } = rest.call;
    const client = resolveClient(rest.client, provider.dialect);
    const { kind, start, speed } = resolveTime(rest.time);
    const time = kind ?? defaultTime(client.code, gateway !== undefined);
    checkTime(time, client.code, context);
    if (gateway) checkGateway(time, context);
    const load = resolveLoad(rest, context);
    return {
      ...rest,
      ...(about !== undefined && { about }),
      ...(gateway && { gateway }),
      time,
      ...(speed !== undefined && { speed }),
      startUs: Temporal.Instant.from(start).epochMilliseconds * 1000,
      client,
      load,
      call: {
        ...call,
        ...(prompt !== undefined && { prompt }),
        ...(job !== undefined && { job }),
        ...(maxTokens !== undefined && { maxTokens }),
      },
      provider: { ...provider, seed: rest.seed },
      thresholds: Object.entries(thresholds).flatMap(([metric, settings]) =>
        settings.map((setting): ThresholdSetting => ({ metric, ...setting })),
      ),
    };
  },
);

/** The load of the scenario, or that of autocannon. Both together are a problem. */
function resolveLoad(
  { load, client }: Pick<z.output<typeof fileSchema>, 'load' | 'client'>,
  context: z.RefinementCtx,
): readonly Executor[] {
  const { autocannon } = client;
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

function checkTime(time: Scenario['time'], code: ClientCode, context: z.RefinementCtx): void {
  const times = supportedTimes(code);
  if (times.includes(time)) return;
  if (code.kind === 'none') {
    const key = time === 'scaled' ? 'command' : 'module';
    context.addIssue({ code: 'custom', path: ['client', key], message: `is required in ${time} time` });
    return;
  }
  const kind = code.kind === 'autocannon' ? code.kind : `a ${code.kind}`;
  const message = `cannot be ${time} for ${kind}, which runs in ${times.join(', ').replace(/, (\w+)$/, ' or $1')} time`;
  const hint =
    time === 'scaled' && code.kind === 'module'
      ? 'use virtual: its clock jumps, which is faster'
      : 'virtual time is for modules: the clock of another process cannot jump';
  context.addIssue({ code: 'custom', path: ['time'], message, params: { hint } });
}

function checkGateway(time: Scenario['time'], context: z.RefinementCtx): void {
  if (time === 'wall') return;
  const message = `is a separate process on the clock of the machine, and cannot run in ${time} time`;
  const hint = 'use time: wall with a module or a command; or replace it by a limit, such as leaky-bucket for nginx';
  context.addIssue({ code: 'custom', path: ['gateway'], message, params: { hint } });
}

/** The block of a client, for which a scenario may have the name of its module. */
export type ClientInput = z.input<typeof clientBlock>;

/** The input type of a scenario, for scenarios that are modules. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
