import { expect, it } from 'vitest';
import { limitNotes } from '../../../src/scenario/limit-notes.ts';
import { resolveProvider } from '../../../src/scenario/resolve-provider.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';

type Provider = NonNullable<ScenarioInput['provider']>;

const notes = (provider: Provider, maxTokens?: number) => limitNotes(resolveProvider(provider, 1), maxTokens);

it.each<[string, Provider, number | undefined, (string | RegExp)[]]>([
  ['a usual limit', { limits: 'openai/tier-1/gpt-4o' }, undefined, []],
  [
    'a shut quota',
    { limits: ['requests 0/min algorithm fixed-window'] },
    undefined,
    ['limit requests is shut: it admits nothing, at any time'],
  ],
  [
    'output that is reserved',
    { limits: ['output-tokens 8k/min'] },
    undefined,
    [/^limit output-tokens counts the output that a request reserves \(its maximum, or 16 tokens without one\)/],
  ],
  ['output that is settled', { limits: ['output-tokens 8k/min settle full'] }, undefined, []],
  ['output as Anthropic counts it', { dialect: 'anthropic', limits: ['output-tokens 8k/min'] }, undefined, []],
  [
    'a limit below what every request reserves',
    { limits: ['tokens 10/min'] },
    undefined,
    ['limit tokens holds 10 tokens; a request without a maximum reserves 16 and can never pass'],
  ],
  [
    'a limit below what the calls reserve',
    { limits: ['tokens 400/min'] },
    500,
    ['limit tokens holds 400 tokens; a call with maxTokens: 500 reserves 500 and can never pass'],
  ],
  ['a limit on growth', { limits: ['tokens 100/min algorithm ramp'] }, undefined, []],
  [
    'a limit on growth that can never begin to',
    { limits: ['tokens 10/min algorithm ramp'] },
    undefined,
    ['limit tokens holds 10 tokens; a request without a maximum reserves 16 and can never pass'],
  ],
])('%s', (_name, provider, maxTokens, expected) => {
  expect(notes(provider, maxTokens)).toEqual(
    expected.map((note) => (typeof note === 'string' ? note : expect.stringMatching(note))),
  );
});
