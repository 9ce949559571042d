import { describe, expect, it } from 'vitest';
import { type KnownCall, OpenCalls, Senders } from '../../../src/attribution/open-calls.ts';

function openCall(id: number, startedUs: number): KnownCall {
  return {
    id,
    promptHash: 'prompt',
    startedUs,
    endedUs: Infinity,
    bodies: [],
    keys: [],
    lastAttempt: undefined,
    mayHaveUnmatchedAttempt: false,
  };
}

describe('OpenCalls', () => {
  it('openAt changes nothing, even if too many calls are open', () => {
    const calls = [openCall(1, 0), openCall(2, 10), openCall(3, 20)];
    const open = new OpenCalls(2);
    for (const call of calls) open.add(call);
    expect(open.openAt(30)).toEqual({ calls: calls.slice(0, 2), isComplete: false });
    expect(open.openAt(15)).toEqual({ calls: calls.slice(0, 2), isComplete: true });
    open.markUnmatched(calls);
    expect(calls.map(({ mayHaveUnmatchedAttempt }) => mayHaveUnmatchedAttempt)).toEqual([false, false, false]);
  });

  it('markUnmatched marks the open calls that started before the last clouded attempt', () => {
    const calls = [openCall(1, 0), openCall(2, 10), openCall(3, 20)];
    const open = new OpenCalls();
    for (const call of calls) open.add(call);
    open.markEnded(calls[0]!);
    open.markClouded(15);
    open.markUnmatched(calls);
    expect(calls.map(({ mayHaveUnmatchedAttempt }) => mayHaveUnmatchedAttempt)).toEqual([false, true, false]);
  });
});

describe('Senders', () => {
  it('forgetting a call that did not send the value keeps the one that did', () => {
    const [sender, stranger] = [openCall(1, 0), openCall(2, 0)];
    const senders = new Senders();
    senders.add('body', sender, 'tag');
    senders.forget('body', stranger);
    expect(senders.only('body')).toEqual({ call: sender, by: 'tag' });
    senders.forget('body', sender);
    expect(senders.only('body')).toBeUndefined();
  });
});
