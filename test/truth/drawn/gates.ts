import { setTimeout as sleep } from 'node:timers/promises';
import type { Ending, Gate } from './client-value.ts';

/** What a call meets before each attempt. */
export interface StartedGate {
  /** Resolves when the call may begin; throws if the gate refuses it locally. */
  enterCall(vu: number): Promise<void>;
  /** Resolves when an attempt may be sent; throws if the gate refuses it locally. */
  enterAttempt(vu: number): Promise<void>;
  endAttempt(vu: number, ending: Ending): void;
  endCall(): void;
}

const OPEN: StartedGate = {
  enterCall: async () => undefined,
  enterAttempt: async () => undefined,
  endAttempt: () => undefined,
  endCall: () => undefined,
};

/** Starts a gate, which all calls of a process share. */
export function startGate(gate: Gate): StartedGate {
  switch (gate.kind) {
    case 'none':
      return OPEN;
    case 'queue':
      return startQueue(gate);
    case 'favours-first':
      return startFavouring(gate);
    case 'permits':
      return startPermits(gate);
    case 'breaker':
      return startBreaker(gate);
    case 'cool-down':
      return startCoolDown(gate);
    case 'top-of-minute':
      return { ...OPEN, enterAttempt: () => sleep(60_000 - (Date.now() % 60_000)) };
  }
}

function startQueue({ burst, everyMs }: Extract<Gate, { kind: 'queue' }>): StartedGate {
  let nextMs = 0;
  return {
    ...OPEN,
    async enterAttempt() {
      const nowMs = Date.now();
      nextMs = Math.max(nextMs, nowMs - (burst - 1) * everyMs) + everyMs;
      const waitMs = nextMs - everyMs - nowMs;
      if (waitMs > 0) await sleep(Math.ceil(waitMs));
    },
  };
}

function startFavouring({ everyMs }: Extract<Gate, { kind: 'favours-first' }>): StartedGate {
  const waiting: { readonly vu: number; readonly go: () => void }[] = [];
  let busy = false;
  const serve = (): void => {
    busy = waiting.length > 0;
    if (!busy) return;
    waiting.sort((a, b) => a.vu - b.vu);
    waiting.shift()!.go();
    setTimeout(serve, everyMs);
  };
  return {
    ...OPEN,
    enterAttempt: (vu) =>
      new Promise((go) => {
        waiting.push({ vu, go });
        if (!busy) serve();
      }),
  };
}

function startPermits({ count, over }: Extract<Gate, { kind: 'permits' }>): StartedGate {
  let free = count;
  const waiting: (() => void)[] = [];
  const take = async (): Promise<void> => {
    if (free > 0) free--;
    else await new Promise<void>((go) => waiting.push(go));
  };
  const give = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return over === 'call'
    ? { ...OPEN, enterCall: take, endCall: give }
    : { ...OPEN, enterAttempt: take, endAttempt: give };
}

/** A gate's own refusal: nothing was sent. */
export class LocalRefusal extends Error {
  override readonly name = 'LocalRefusal';
}

function startBreaker({ failures, openMs, per }: Extract<Gate, { kind: 'breaker' }>): StartedGate {
  const states = new Map<number, { failed: number; untilMs: number }>();
  const stateOf = (vu: number): { failed: number; untilMs: number } => {
    const key = per === 'all' ? 0 : vu;
    const state = states.get(key) ?? { failed: 0, untilMs: 0 };
    states.set(key, state);
    return state;
  };
  return {
    ...OPEN,
    async enterAttempt(vu) {
      const { failed, untilMs } = stateOf(vu);
      if (failed >= failures && Date.now() < untilMs) throw new LocalRefusal('the circuit is open');
    },
    endAttempt(vu, ending) {
      const state = stateOf(vu);
      if (ending === 'answered') state.failed = 0;
      else if (++state.failed >= failures) state.untilMs = openMs === null ? Infinity : Date.now() + openMs;
    },
  };
}

function startCoolDown({ coolMs }: Extract<Gate, { kind: 'cool-down' }>): StartedGate {
  let untilMs = 0;
  return {
    ...OPEN,
    async enterCall() {
      if (Date.now() < untilMs) throw new LocalRefusal('every deployment is cooling down');
    },
    endAttempt(_vu, ending) {
      if (ending === 'refused') untilMs = Date.now() + coolMs;
    },
  };
}
