import { AzureOpenAI, OpenAI } from 'openai';
import { describe, expect, it } from 'vitest';
import { ONE_PER_SECOND, serve, WEATHER } from './serve.ts';

const HI = [{ role: 'user' as const, content: 'hi' }];
const model = 'gpt-4o-mini';
const tool = {
  type: 'function' as const,
  function: { name: WEATHER.name, description: WEATHER.description, parameters: WEATHER.schema as never },
};

async function client(settings: Parameters<typeof serve>[0] = {}) {
  const served = await serve(settings);
  return { ...served, openai: new OpenAI({ baseURL: `${served.url}/v1`, apiKey: 'sk-test' }) };
}

describe('openai: chat completions', () => {
  it('n answers, cut at max_completion_tokens', async () => {
    const { openai } = await client();
    const answer = await openai.chat.completions.create({ model, messages: HI, n: 2, max_completion_tokens: 3 });
    expect(answer.choices.map(({ finish_reason, index }) => [index, finish_reason])).toEqual([
      [0, 'length'],
      [1, 'length'],
    ]);
    expect(answer.usage?.completion_tokens).toBe(6);
    expect(answer.model).toBe('gpt-4o-mini-2024-07-18');
  });

  it('stream, joined by the SDK', async () => {
    const { openai } = await client({ answer: { fixed: 'one two three' } });
    const stream = openai.chat.completions.stream({ model, messages: HI, stream_options: { include_usage: true } });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe('one two three');
    expect(final.usage?.total_tokens).toBe(4);
  });

  it('tool call with valid arguments; its result is answered with text', async () => {
    const { openai } = await client();
    const first = await openai.chat.completions.create({ model, messages: HI, tools: [tool] });
    const call = first.choices[0]!.message.tool_calls![0]!;
    expect(first.choices[0]!.finish_reason).toBe('tool_calls');
    if (call.type !== 'function') throw new Error('not a function');
    expect(JSON.parse(call.function.arguments)).toEqual({ city: expect.any(String), days: expect.any(Number) });
    const messages = [
      ...HI,
      first.choices[0]!.message,
      { role: 'tool' as const, tool_call_id: call.id, content: 'sunny' },
    ];
    const second = await openai.chat.completions.create({ model, messages, tools: [tool] });
    expect(second.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.stringMatching(/\w/) },
    });
  });

  it('tool call in a stream', async () => {
    const { openai } = await client();
    const stream = openai.chat.completions.stream({ model, messages: HI, tools: [tool] });
    const final = await stream.finalChatCompletion();
    const call = final.choices[0]!.message.tool_calls![0]!;
    expect(JSON.parse((call as { function: { arguments: string } }).function.arguments).days).toBeGreaterThan(0);
  });

  it('structured output', async () => {
    const { openai } = await client();
    const answer = await openai.chat.completions.create({
      model,
      messages: HI,
      response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: WEATHER.schema as never } },
    });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({
      city: expect.any(String),
      days: expect.any(Number),
    });
  });

  it('retries a 429', async () => {
    const { openai, statuses } = await client({ limits: ONE_PER_SECOND });
    await openai.chat.completions.create({ model, messages: HI });
    await openai.chat.completions.create({ model, messages: HI });
    expect(statuses()).toEqual([200, 429, 200]);
  });
});

describe('openai: responses', () => {
  it('answer, and a follow-up with previous_response_id', async () => {
    const { openai } = await client({ answer: 'echo' });
    const first = await openai.responses.create({ model, input: 'remember the milk' });
    expect(first.output_text).toBe('remember the milk');
    const second = await openai.responses.create({ model, input: 'and?', previous_response_id: first.id });
    expect(second.usage!.input_tokens).toBeGreaterThan(first.usage!.input_tokens);
    await expect(openai.responses.create({ model, input: 'x', previous_response_id: 'resp_no' })).rejects.toMatchObject(
      {
        status: 400,
        code: 'previous_response_not_found',
      },
    );
  });

  it('stream, joined by the SDK', async () => {
    const { openai } = await client({ answer: { fixed: 'one two three' } });
    const final = await openai.responses.stream({ model, input: 'hi' }).finalResponse();
    expect(final.output_text).toBe('one two three');
  });

  it('tool call, as a body and as a stream', async () => {
    const { openai } = await client();
    const tools = [
      { type: 'function' as const, name: WEATHER.name, strict: true, parameters: WEATHER.schema as never },
    ];
    const whole = await openai.responses.create({ model, input: 'hi', tools });
    const streamed = await openai.responses.stream({ model, input: 'hi', tools }).finalResponse();
    for (const { output } of [whole, streamed]) {
      const [item] = output;
      if (item?.type !== 'function_call') throw new Error('not a call');
      expect(JSON.parse(item.arguments)).toMatchObject({ city: expect.any(String) });
    }
  });

  it('retries a 429', async () => {
    const { openai, statuses } = await client({ limits: ONE_PER_SECOND });
    await openai.responses.create({ model, input: 'hi' });
    await openai.responses.create({ model, input: 'hi' });
    expect(statuses()).toEqual([200, 429, 200]);
  });
});

describe('openai: the other endpoints', () => {
  it('completions, embeddings, models, moderations, images', async () => {
    const { openai } = await client();
    const completion = await openai.completions.create({
      model: 'gpt-3.5-turbo-instruct',
      prompt: 'Say',
      max_tokens: 2,
    });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'length', text: expect.stringMatching(/\w+ \w+/) });
    const { data } = await openai.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1536, 1536]);
    const names = [];
    for await (const { id } of openai.models.list()) names.push(id);
    expect(names).toContain(model);
    const { results } = await openai.moderations.create({ input: 'I will hurt you' });
    expect(results[0]?.categories['harassment/threatening']).toBe(true);
    const image = await openai.images.generate({ model: 'gpt-image-1', prompt: 'a dot', n: 2 });
    expect(image.data).toHaveLength(2);
  });

  it('similar texts have similar vectors', async () => {
    const { openai } = await client();
    const input = [
      'the invoice of march has not been paid yet',
      'the invoice of april has not been paid yet',
      'kittens chase butterflies across sunny meadows',
    ];
    const { data } = await openai.embeddings.create({ model: 'text-embedding-3-large', input });
    const [march, april, kittens] = data.map(({ embedding }) => embedding);
    const cosine = (a: number[], b: number[]): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
    expect(cosine(march!, april!)).toBeGreaterThan(0.8);
    expect(cosine(march!, kittens!)).toBeLessThan(0.2);
    expect(cosine(march!, march!)).toBeCloseTo(1, 5);
  });
});

describe('Azure', () => {
  async function azure(settings: Parameters<typeof serve>[0] = {}) {
    const served = await serve({ dialect: 'azure', estimator: 'sum', ...settings });
    const options = { endpoint: served.url, apiKey: 'key', apiVersion: '2024-10-21' };
    return { ...served, openai: new AzureOpenAI(options) };
  }

  it('answer and stream of a deployment', async () => {
    const { openai, exchanges } = await azure();
    const answer = await openai.chat.completions.create({ model: 'my-deployment', messages: HI });
    expect(answer.choices[0]?.message.content).toMatch(/\w/);
    const stream = openai.chat.completions.stream({ model: 'my-deployment', messages: HI });
    expect((await stream.finalChatCompletion()).choices[0]?.finish_reason).toBe('stop');
    expect(exchanges[0]?.view).toMatchObject({ model: 'my-deployment', endpoint: 'chat.completions' });
  });

  it('tool call', async () => {
    const { openai } = await azure();
    const first = await openai.chat.completions.create({ model: 'my-deployment', messages: HI, tools: [tool] });
    expect(first.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
  });

  it('retries a 429, whose error has only a code and a message', async () => {
    const { openai, statuses } = await azure({ limits: ONE_PER_SECOND });
    await openai.chat.completions.create({ model: 'my-deployment', messages: HI });
    await openai.chat.completions.create({ model: 'my-deployment', messages: HI });
    expect(statuses()).toEqual([200, 429, 200]);
  });

  it('the v1 path', async () => {
    const { url } = await azure();
    const openai = new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: 'key' });
    const answer = await openai.responses.create({ model: 'my-deployment', input: 'hi' });
    expect(answer.output_text).toMatch(/\w/);
  });
});
