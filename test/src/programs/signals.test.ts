import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { onSignals } from '../../../src/programs/signals.ts';

it('takes a signal that arrives twice at once as one, and one that follows later as another', async () => {
  const received: string[] = [];
  const stop = onSignals(['SIGTERM', 'SIGHUP'], (signal) => received.push(signal));
  try {
    // The terminal closes: the process group gets SIGHUP, and the wrapper forwards its own.
    process.emit('SIGHUP', 'SIGHUP');
    process.emit('SIGHUP', 'SIGHUP');
    expect(received).toEqual(['SIGHUP']);
    process.emit('SIGTERM', 'SIGTERM');
    expect(received).toEqual(['SIGHUP', 'SIGTERM']);
    await sleep(350);
    process.emit('SIGHUP', 'SIGHUP');
    expect(received).toEqual(['SIGHUP', 'SIGTERM', 'SIGHUP']);
  } finally {
    stop();
  }
  expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGHUP')]).toEqual([0, 0]);
});
