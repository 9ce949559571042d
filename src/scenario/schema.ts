import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import type { Fault } from '../../mock-server/faults/fault.ts';
import type { Executor } from '../load/executor.ts';
import { autocannonLoad } from './autocannon-code.ts';
import { codeFields, codeProblems, timesOf } from './client-code.ts';
import { modelFields } from './client-schema.ts';
import { duration, keysOf } from './fields.ts';
import { gatewaySchema } from './gateway-schema.ts';
import { executorSchema } from './load-schema.ts';
import { providerSchema } from './provider-schema.ts';
import { resolveClient } from './resolve-client.ts';
import type { ClientCode, Scenario, ThresholdSetting } from './scenario.ts';
import { timeField, timeIn } from './time.ts';

const threshold = z.union(
  [
    z.string().transform((expression) => ({ expression, abortOnFail: false, delayAbortEvalUs: 0 })),
    keysOf({
      threshold: z.string(),
      abortOnFail: z.boolean().default(false).describe('End the run as soon as it fails.'),
      delayAbortEval: duration('Not before this long into the run.').default(0),
    }).transform(({ threshold: expression, abortOnFail, delayAbortEval: delayAbortEvalUs }) => ({
      expression,
      abortOnFail,
      delayAbortEvalUs,
    })),
  ],
  { error: "must be an expression such as 'p(95)<20s', or { threshold, abortOnFail, delayAbortEval }" },
);

const call = keysOf({
  model: z.string().min(1).default('gpt-4o-mini').describe('The model that calls ask for.'),
  prompt: z
    .string()
    .optional()
    .describe('The prompt; `{id}` becomes the number of the call. Random words when left out.'),
  maxTokens: z.int().min(1).optional().describe('The most tokens an answer may have.'),
  stream: z.boolean().default(false).describe('Whether calls ask for a stream.'),
});

const severity = z.enum(['error', 'warn', 'off']);

/** Which settings a verdict has, only the verdicts know: `check-scenario.ts` reads them. */
const verdict = z.union(
  [
    severity,
    z.looseObject({ severity: severity.optional().describe('How much it counts.') }).meta({
      additionalProperties: {
        anyOf: [{ type: ['number', 'string', 'boolean'] }, { type: 'array', items: { type: ['number', 'string'] } }],
      },
    }),
  ],
  { error: 'must be error, warn or off, or { severity, and settings of the verdict }' },
);

/** The shape of a scenario file. */
const fileSchema = keysOf({
  $schema: z.string().optional().describe('For editors.'),
  name: z
    .string()
    .regex(/^[\w][\w.-]*$/, { error: 'must be letters, digits, dots, dashes: it names the report folder' })
    .describe('Names the run and its report folder.'),
  about: z.string().optional().describe('What one learns from it.'),
  seed: z.int().min(0).default(1).describe('Everything random follows from it.'),
  time: timeField,
  provider: providerSchema.prefault({}).describe('The simulated API.'),
  gateway: gatewaySchema
    .optional()
    .describe('A program between the clients and the provider: nginx, Envoy, a proxy of your own. In wall time only.'),
  client: keysOf({
    ...codeFields,
    ...modelFields,
    env: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
      .default({})
      .describe("Variables of the client's environment."),
  })
    .superRefine((raw, context) => {
      for (const { key, message } of codeProblems(raw)) context.addIssue({ code: 'custom', path: [key], message });
    })
    .describe('The code under test.'),
  call: call.prefault({}).describe('What each call asks for.'),
  load: z.array(executorSchema).min(1).optional().describe('Executors, which run side by side.'),
  thresholds: z
    .record(z.string(), z.union([threshold.transform((only) => [only]), z.array(threshold).min(1)]))
    .default({})
    .describe('Bounds on metrics, as in k6: `call_failed: [rate<0.01]`.'),
  verdicts: z
    .record(z.string(), verdict)
    .default({})
    .describe('How much each verdict counts: error fails the run, warn is shown, off is not computed; and its bounds.'),
}).refine(hasLoad, { path: ['load'], error: 'is required', when: () => true });

/** What brings its own load needs none. Asked beside other problems, so that all of them are told at once. */
function hasLoad(raw: unknown): boolean {
  const { load, client } = (raw ?? {}) as { load?: unknown; client?: { autocannon?: unknown } };
  return load !== undefined || client?.autocannon !== undefined;
}

/** The file format, resolved. Its output still has the client's path as written; `load-scenario.ts` makes it absolute. */
export const scenarioSchema = fileSchema.transform(
  ({ $schema: _, provider, thresholds, about, gateway, ...rest }, context): Scenario => {
    const { maxTokens, prompt, ...asked } = rest.call;
    const client = resolveClient(rest.client, provider.dialect);
    const { kind, begins, speed } = timeIn(rest.time);
    const time = kind ?? usualTime(client.code, gateway !== undefined);
    reportTime(time, client.code, context);
    if (gateway) reportGateway(time, context);
    if (time === 'model') reportBodyFaults(provider.faults, context);
    const load = loadOf(rest, context);
    return {
      ...rest,
      ...(about !== undefined && { about }),
      ...(gateway && { gateway }),
      time,
      ...(speed !== undefined && { speed }),
      startUs: Temporal.Instant.from(begins).epochMilliseconds * 1000,
      client,
      load,
      call: { ...asked, ...(prompt !== undefined && { prompt }), ...(maxTokens !== undefined && { maxTokens }) },
      provider: { ...provider, seed: rest.seed },
      thresholds: Object.entries(thresholds).flatMap(([metric, settings]) =>
        settings.map((setting): ThresholdSetting => ({ metric, ...setting })),
      ),
    };
  },
);

/** What a modelled client can meet: it has no bodies, and waits for no answer that never comes. */
const MODEL_FAULTS = ['status', 'refuse', 'reset', 'slow'];

function reportBodyFaults(faults: readonly Fault[], context: z.RefinementCtx): void {
  for (const [index, { does }] of faults.entries()) {
    if (MODEL_FAULTS.includes(does.kind)) continue;
    const message = `${does.kind} happens to bodies, and a model has none`;
    const hint = `run it in virtual or wall time, or use one of ${MODEL_FAULTS.join(', ')}`;
    context.addIssue({ code: 'custom', path: ['provider', 'faults', index, 'kind'], message, params: { hint } });
  }
}

/** What is written, or what the client brings: never both. */
function loadOf(
  { load, client }: Pick<z.output<typeof fileSchema>, 'load' | 'client'>,
  context: z.RefinementCtx,
): readonly Executor[] {
  const { autocannon } = client;
  if (load !== undefined && autocannon !== undefined) {
    const hint = 'say it with connections, rate, duration and amount of autocannon';
    const message = 'is written beside autocannon, which brings its own';
    context.addIssue({ code: 'custom', path: ['load'], message, params: { hint } });
  }
  return load ?? (autocannon ? autocannonLoad(autocannon) : []);
}

/** Where nothing is said, the kind of client decides; a gateway needs the machine's own. */
function usualTime(code: ClientCode, hasGateway: boolean): Scenario['time'] {
  return hasGateway && code.kind !== 'none' ? 'wall' : timesOf(code)[0];
}

function reportTime(time: Scenario['time'], code: ClientCode, context: z.RefinementCtx): void {
  const times = timesOf(code);
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
      ? 'use virtual: its clock jumps, which is faster than any other'
      : 'virtual time is for modules: only inside its own process can a clock jump';
  context.addIssue({ code: 'custom', path: ['time'], message, params: { hint } });
}

function reportGateway(time: Scenario['time'], context: z.RefinementCtx): void {
  if (time === 'wall') return;
  const message = `is a program of its own, whose clock goes on as the machine's does; this run is in ${time} time`;
  const hint =
    'time: wall, with a client that is a module or a command; or a limit in its place, such as leaky-bucket for nginx';
  context.addIssue({ code: 'custom', path: ['gateway'], message, params: { hint } });
}

/** The shape of a scenario file, for scenarios that are modules. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
