import { z } from 'zod';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';

/** Placeholders filled in at the start of a run: `{port}` in command and env, `{{port}}` in the config template. */
const GATEWAY_PLACEHOLDERS = ['port', 'upstream', 'folder', 'config'] as const;

export type GatewayPlaceholder = (typeof GATEWAY_PLACEHOLDERS)[number];

const PORT_HINT = 'pass the port to listen on to the gateway: {port} in command or env, {{port}} in the config';

/** The `gateway:` block. Paths stay as written; `load-scenario.ts` makes them absolute. */
export const gatewaySchema = keysOf({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'The program and its arguments, started in the folder of this file. It must stay in the foreground. Placeholders: ' +
        '{port}, its port on 127.0.0.1; {upstream}, the host:port of the provider; {folder}, a temporary folder; ' +
        '{config}, the rendered config file.',
    ),
  config: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A template of its config, relative to this file, with {{port}}, {{upstream}} and {{folder}}. It is rendered into ' +
        'the temporary folder.',
    ),
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe('Environment variables; placeholders as in the command.'),
  headers: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .optional()
    .describe(
      'Headers added to every request to the gateway, for gateways that take the address of the provider from the request. ' +
        'Placeholder: {upstream}.',
    ),
  startTimeout: duration('How long it may take to listen.').prefault('30s'),
})
  .superRefine(({ command, config, env }, context) => {
    if (command.length === 0) return;
    const texts = [...command, ...Object.values(env)];
    const uses = (placeholder: GatewayPlaceholder): boolean => texts.some((text) => text.includes(`{${placeholder}}`));
    if (config === undefined && uses('config')) {
      context.addIssue({
        code: 'custom',
        path: ['config'],
        message: 'is required: command or env uses {config}',
      });
    } else if (config === undefined && !uses('port')) {
      context.addIssue({
        code: 'custom',
        path: ['command'],
        message: 'does not contain {port}',
        params: { hint: PORT_HINT },
      });
    }
  })
  .transform(({ startTimeout: startTimeoutUs, config, headers, ...rest }) => ({
    ...rest,
    ...(headers !== undefined && { headers }),
    ...(config !== undefined && { config: { file: config, written: config } }),
    startTimeoutUs,
    folder: '.',
  }));

/** Checks the text of a config template. Returns its problem, or undefined. */
export function templateProblem(
  text: string,
  command: readonly string[],
): { message: string; hint: string } | undefined {
  if (text.includes('{{port}}') || command.some((part) => part.includes('{port}'))) return undefined;
  return { message: 'does not contain {{port}}', hint: PORT_HINT };
}
