import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import type { Provider } from '../../mock-server/provider.ts';
import { toolName } from '../experiment/package-root.ts';
import { createAttemptRecord } from '../journal/attempt-record.ts';
import { createHeader } from '../run/header.ts';
import { createRunRedactor, redactRecordsWith } from '../run/run-redactor.ts';
import { observedScenario } from '../scenario/observed-scenario.ts';
import { parseFaults, parseLimits } from '../scenario/parse-parts.ts';
import { openLivePage } from './live-page.ts';

/** The live page of a provider that serves until it is interrupted. */
export interface ServeLive {
  readonly url: string;
  add(exchange: Exchange): void;
  close(): Promise<void>;
}

const NOT_JOINED = { call: null, joinedBy: 'none' } as const;

/** Opens the live page of a provider. It shows what the provider gets as a journal; changed limits and a reset start a new one. */
export async function openServeLive(provider: Provider, nowUs: () => number): Promise<ServeLive> {
  const change =
    (act: (raw: unknown) => void) =>
    (raw: unknown): void => {
      act(raw);
      begin();
    };
  const live = await openLivePage({
    limits: change((raw) => provider.change({ limits: parseLimits(raw) }, nowUs())),
    faults: (raw) => provider.change({ faults: parseFaults(raw) }, nowUs()),
    reset: change(() => provider.reset(nowUs())),
  });
  let startedUs = 0;
  let attempts = 0;
  function begin(): void {
    startedUs = nowUs();
    attempts = 0;
    const scenario = observed(provider, startedUs);
    const header = createHeader(scenario, toolName(), startedUs, process.version);
    const program = { missing: ['caller'], variables: [] } as const;
    live.begin({ ...header, program }, redactRecordsWith(createRunRedactor(scenario)));
  }
  begin();
  return {
    url: live.url,
    add(exchange) {
      // One that was under way when a new journal began belongs to the old one.
      if (exchange.startUs < startedUs) return;
      const [id, runStartUs] = [++attempts, startedUs];
      live.pushExchange(exchange, runStartUs, () => createAttemptRecord(id, exchange, runStartUs, () => NOT_JOINED));
    },
    close: live.close,
  };
}

function observed({ settings }: Provider, startUs: number) {
  return observedScenario({
    name: `${DIALECTS[settings.dialect].title} mock`,
    client: 'programs that use this provider',
    startUs,
    provider: settings,
    call: { model: '', stream: false },
    checks: undefined,
  });
}
