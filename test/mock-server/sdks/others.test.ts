import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI, Type } from '@google/genai';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { ONE_PER_SECOND, serve, WEATHER } from './serve.ts';

describe('ai and @ai-sdk/openai', () => {
  async function model(settings: Parameters<typeof serve>[0] = {}, api: 'chat' | 'responses' = 'responses') {
    const served = await serve(settings);
    const openai = createOpenAI({ baseURL: `${served.url}/v1`, apiKey: 'sk-test' });
    return { ...served, model: api === 'chat' ? openai.chat('gpt-4o-mini') : openai('gpt-4o-mini') };
  }
  const tools = { get_weather: tool({ inputSchema: jsonSchema(WEATHER.schema as never), execute: () => 'sunny' }) };

  it.each(['chat', 'responses'] as const)('%s: text and stream', async (api) => {
    const { model: languageModel } = await model({ answer: { fixed: 'one two three' } }, api);
    expect((await generateText({ model: languageModel, prompt: 'hi' })).text).toBe('one two three');
    const { textStream } = streamText({ model: languageModel, prompt: 'hi' });
    let text = '';
    for await (const piece of textStream) text += piece;
    expect(text).toBe('one two three');
  });

  it.each(['chat', 'responses'] as const)('%s: tool call', async (api) => {
    const { model: languageModel } = await model({}, api);
    const { toolCalls, toolResults } = await generateText({ model: languageModel, prompt: 'hi', tools });
    expect(toolCalls).toMatchObject([{ toolName: 'get_weather', input: { city: expect.any(String) } }]);
    expect(toolResults).toMatchObject([{ output: 'sunny' }]);
  });

  it('retries a 429', async () => {
    const { model: languageModel, statuses } = await model({ limits: ONE_PER_SECOND });
    await generateText({ model: languageModel, prompt: 'hi' });
    await generateText({ model: languageModel, prompt: 'hi' });
    expect(statuses()).toEqual([200, 429, 200]);
  });
});

describe('@langchain/openai', () => {
  async function chat(settings: Parameters<typeof serve>[0] = {}) {
    const served = await serve(settings);
    const configuration = { baseURL: `${served.url}/v1` };
    return { ...served, chat: new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'sk-test', configuration }) };
  }

  it('text and stream', async () => {
    const { chat: chatModel } = await chat({ answer: { fixed: 'one two three' } });
    expect((await chatModel.invoke('hi')).content).toBe('one two three');
    let text = '';
    for await (const piece of await chatModel.stream('hi')) text += String(piece.content);
    expect(text).toBe('one two three');
  });

  it('tool call', async () => {
    const { chat: chatModel } = await chat();
    const bound = chatModel.bindTools([
      { type: 'function', function: { name: WEATHER.name, parameters: WEATHER.schema as never } },
    ]);
    expect((await bound.invoke('hi')).tool_calls).toMatchObject([
      { name: 'get_weather', args: { days: expect.any(Number) } },
    ]);
  });

  it('retries a 429', async () => {
    const { chat: chatModel, statuses } = await chat({ limits: ONE_PER_SECOND });
    await chatModel.invoke('hi');
    await chatModel.invoke('hi');
    expect(statuses()).toEqual([200, 429, 200]);
  });
});

describe('@google/genai', () => {
  async function google(settings: Parameters<typeof serve>[0] = {}) {
    const served = await serve({ dialect: 'gemini', ...settings });
    const httpOptions = { baseUrl: served.url, retryOptions: { attempts: 3 } };
    return { ...served, models: new GoogleGenAI({ apiKey: 'key', httpOptions }).models };
  }
  const request = { model: 'gemini-3.8-flash', contents: 'hi' };

  it('text and stream', async () => {
    const { models } = await google({ answer: { fixed: 'one two three' } });
    const answer = await models.generateContent(request);
    expect(answer.text).toBe('one two three');
    expect(answer.usageMetadata).toMatchObject({ promptTokenCount: 1, candidatesTokenCount: 3 });
    let text = '';
    for await (const piece of await models.generateContentStream(request)) text += piece.text ?? '';
    expect(text).toBe('one two three');
  });

  it('tool call, structured output, token count, embeddings', async () => {
    const { models } = await google();
    const parameters = {
      type: Type.OBJECT,
      properties: { city: { type: Type.STRING }, days: { type: Type.INTEGER } },
      required: ['city', 'days'],
    };
    const called = await models.generateContent({
      ...request,
      config: { tools: [{ functionDeclarations: [{ name: WEATHER.name, parameters }] }] },
    });
    expect(called.functionCalls).toMatchObject([{ name: 'get_weather', args: { city: expect.any(String) } }]);
    const structured = await models.generateContent({
      ...request,
      config: { responseMimeType: 'application/json', responseSchema: parameters },
    });
    expect(JSON.parse(structured.text!)).toEqual({ city: expect.any(String), days: expect.any(Number) });
    expect(await models.countTokens(request)).toMatchObject({ totalTokens: 1 });
    const embedded = await models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
    expect(embedded.embeddings?.map(({ values }) => values?.length)).toEqual([3072, 3072]);
  });

  it('retries a 429', async () => {
    const { models, statuses } = await google({ limits: ONE_PER_SECOND });
    await models.generateContent(request);
    await models.generateContent(request);
    expect(statuses()).toEqual([200, 429, 200]);
  });
});
