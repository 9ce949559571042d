import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LLMock } from '@copilotkit/aimock';
import { describe, expect, it } from 'vitest';
import { createProvider } from '../../../mock-server/provider.ts';
import { loadProvider } from '../../../src/scenario/load-provider.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import { chat, json, post, START_US, shortHash } from '../openai-provider.ts';

const answerTo = async (answer: string, ...bodies: object[]) => {
  const settings = await loadProvider(undefined, { 'provider.answer': answer, 'provider.latency.firstToken': '0s' }, 1);
  const tested = createProvider(settings, shortHash);
  return bodies.map((body) => json(tested.receive(chat(body), START_US)));
};
const user = (content: string): { messages: object[] } => ({ messages: [{ role: 'user', content }] });

describe('rules', () => {
  it('use the first matching rule, or lorem without a match', async () => {
    const rules =
      '{ rules: [{ match: { userMessage: hello }, response: { content: Hi! } }, { match: { model: gpt-4o }, response: { content: big } }] }';
    const [hello, big, other] = await answerTo(rules, user('oh hello'), { ...user('x'), model: 'gpt-4o' }, user('x'));
    expect(hello.choices[0].message.content).toBe('Hi!');
    expect(big.choices[0].message.content).toBe('big');
    expect(other.choices[0].message.content).toMatch(/^[A-Z]/);
  });

  it('answer in sequence: a refusal, an answer, then the fallback', async () => {
    const rules = `{ otherwise: { fixed: later }, rules: [
      { match: { userMessage: go, sequenceIndex: 0 }, response: { status: 429, retryAfter: 2, error: { message: wait, code: rate_limit_exceeded } } },
      { match: { userMessage: go, sequenceIndex: 1 }, response: { content: gone } } ] }`;
    const answers = await answerTo(rules, user('go'), user('go'), user('go'));
    expect(answers.map((body) => body.error?.message ?? body.choices[0].message.content)).toEqual([
      'wait',
      'gone',
      'later',
    ]);
  });

  it('match turns of a script and snapshots of a model', async () => {
    const rules = `{ rules: [
      { match: { turnIndex: 1 }, response: { content: second } },
      { match: { turnIndex: 0 }, response: { content: first } },
      { match: { turnIndex: 5 }, response: { content: never yet } } ] }`;
    const said = (count: number) => ({
      messages: [
        ...Array.from({ length: count }, () => ({ role: 'assistant', content: 'x' })),
        { role: 'user', content: 'go' },
      ],
    });
    const answers = await answerTo(rules, said(0), said(1), said(3));
    expect(answers.map(({ choices }) => choices[0].message.content)).toEqual(['first', 'second', 'second']);
    const model = '{ rules: [{ match: { model: gpt-4o }, response: { content: big } }] , otherwise: { fixed: small } }';
    const named = (name: string) => ({ ...user('x'), model: name });
    const by = await answerTo(model, named('gpt-4o'), named('gpt-4o-2024-08-06'), named('gpt-4o-mini'));
    expect(by.map(({ choices }) => choices[0].message.content)).toEqual(['big', 'big', 'small']);
  });

  it('match a prefill; a fixed answer continues one that begins it', async () => {
    const rules = `{ otherwise: { fixed: one two three }, rules: [
      { match: { prefill: true, model: gpt-4o }, response: { status: 400, error: { message: no prefill } } } ] }`;
    const prefilled = (content: string, model = 'gpt-4o-mini') => ({
      model,
      messages: [{ role: 'user', content: 'count' }, ...(content === '' ? [] : [{ role: 'assistant', content }])],
    });
    const said = await answerTo(
      rules,
      prefilled(''),
      prefilled('one'),
      prefilled('one two three'),
      prefilled('two'),
      prefilled('', 'gpt-4o'),
    );
    expect(said.map(({ choices }) => choices[0].message.content)).toEqual([
      'one two three',
      ' two three',
      'one two three',
      'one two three',
      'one two three',
    ]);
    const [rejected] = await answerTo(rules, prefilled('one', 'gpt-4o'));
    expect(rejected.error.message).toBe('no prefill');
  });

  it('return tool calls and match tool results', async () => {
    const rules = `{ rules: [
      { match: { toolName: paint, hasToolResult: false }, response: { toolCalls: [{ name: paint, id: call_1, arguments: { colour: blue } }] } },
      { match: { toolCallId: call_1, toolResultContains: done }, response: { content: It is blue. } } ] }`;
    const tools = [{ type: 'function', function: { name: 'paint', parameters: { type: 'object' } } }];
    const request = { ...user('paint it blue'), tools };
    const [called] = await answerTo(rules, request);
    const [call] = called.choices[0].message.tool_calls;
    expect(call).toEqual({
      id: 'call_1',
      type: 'function',
      function: { name: 'paint', arguments: '{"colour":"blue"}' },
    });
    const messages = [
      ...request.messages,
      called.choices[0].message,
      { role: 'tool', tool_call_id: 'call_1', content: 'done' },
    ];
    const [final] = await answerTo(rules, { messages, tools });
    expect(final.choices[0].message.content).toBe('It is blue.');
  });

  it('return a vector for an embedding', async () => {
    const answer = '{ rules: [{ match: { inputText: north }, response: { embedding: [1, 0, 0] } }] }';
    const settings = await loadProvider(undefined, { 'provider.answer': answer }, 1);
    const body = { model: 'text-embedding-3-small', input: ['go north', 'go south'], dimensions: 3 };
    const { data } = json(createProvider(settings, shortHash).receive(post('/v1/embeddings', body), START_US));
    expect(data[0].embedding).toEqual([1, 0, 0]);
    expect(data[1].embedding).not.toEqual([1, 0, 0]);
  });
});

describe('aimock’s fixture files', () => {
  const folder = fileURLToPath(new URL('../../../node_modules/@copilotkit/aimock/fixtures/', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.startsWith('example-') && name.endsWith('.json'));

  it('exist', () => {
    expect(files.length).toBeGreaterThan(2);
  });

  it.each(files)('%s: gives the same answers as aimock', async (name) => {
    const { fixtures } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      fixtures: { match: { userMessage?: string; toolName?: string } }[];
    };
    const mock = new LLMock({ port: 0 });
    mock.loadFixtureFile(join(folder, name));
    await mock.start();
    try {
      for (const { match } of fixtures) {
        if (match.userMessage === undefined && match.toolName === undefined) continue;
        const tools = [
          { type: 'function', function: { name: match.toolName ?? 'none', parameters: { type: 'object' } } },
        ];
        const body = { model: 'gpt-4o-mini', ...user(match.userMessage ?? 'please'), ...(match.toolName && { tools }) };
        const response = await fetch(`${mock.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
        const theirs = (await response.json()) as {
          choices: { message: { content: string; tool_calls?: object[] } }[];
        };
        const [ours] = await answerTo(`{ fixtures: ${join(folder, name)} }`, body);
        const said = ({ message }: (typeof theirs)['choices'][0]) => ({
          content: message.content ?? null,
          calls: (message.tool_calls ?? []).map((call) => (call as { function: object }).function),
        });
        expect(said(ours.choices[0])).toEqual(said(theirs.choices[0]!));
      }
    } finally {
      await mock.stop();
    }
  });

  it('are resolved relative to the scenario; errors name the line', async () => {
    const place = mkdtempSync(join(tmpdir(), 'quotalab-fixtures-'));
    writeFileSync(join(place, 'good.json'), '{ "fixtures": [{ "match": {}, "response": { "content": "yes" } }] }');
    writeFileSync(join(place, 'bad.json'), '{ "fixtures": ');
    const scenario = (name: string): string => {
      const file = join(place, 'scenario.yaml');
      const load = 'load: [{ executor: constant-vus, vus: 1, duration: 1s }]';
      writeFileSync(file, `name: x\nclient: { model: none }\n${load}\nprovider:\n  answer: { fixtures: ${name} }\n`);
      return file;
    };
    expect((await loadScenario(scenario('good.json'))).provider.answer).toMatchObject({
      rules: [{ response: { content: 'yes' } }],
    });
    for (const [name, message] of [
      ['bad.json', /bad.json is not valid JSON/],
      ['none.json', /none.json cannot be read/],
    ] as const) {
      await expect(loadScenario(scenario(name))).rejects.toMatchObject({
        code: 'scenario/invalid',
        problems: [{ path: 'provider.answer.fixtures', line: 5, message: expect.stringMatching(message) }],
      });
    }
  });
});
