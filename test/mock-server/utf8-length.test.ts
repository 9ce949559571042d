import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8Length } from '../../mock-server/utf8-length.ts';
import { chat, provider, START_US } from './openai-provider.ts';

it('counts the bytes that Node sends, also for lone surrogates', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })), (whole, units) => {
      for (const text of [whole, String.fromCharCode(...units)]) expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    }),
  );
});

it('a view has the bytes of the body, not its UTF-16 units', () => {
  const request = chat({ messages: [{ role: 'user', content: '日本の都市について教えてください🗾' }] });
  const { view } = provider().receive(request, START_US);
  expect(view.bodyBytes).toBe(Buffer.byteLength(request.body));
  expect(view.bodyBytes).toBeGreaterThan(request.body.length);
});
