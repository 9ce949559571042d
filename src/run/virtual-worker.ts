import { QuotaLabError } from '../../mock-server/error.ts';
import { openProvider } from '../../mock-server/open-provider.ts';
import { providersOf } from '../scenario/fleet.ts';
import { createRunRedactor } from './run-redactor.ts';
import { RunnerLink } from './runner-link.ts';
import { VirtualThread } from './virtual-thread.ts';

const runner = new RunnerLink();
const settings = await runner.begun;
try {
  const redactor = createRunRedactor(settings.scenario, settings.env);
  const learn = (key: string): void => {
    redactor.learn([key]);
    runner.send({ type: 'key', key });
  };
  const providers = await Promise.all(
    providersOf(settings.scenario).map(async (one) => ({
      name: one.name,
      provider: await openProvider(one.settings, learn),
    })),
  );
  // Modules imported after the thread is created cannot reach the real clock, network or randomness.
  await new VirtualThread(settings, providers, runner, redactor).run();
} catch (error) {
  if (!(error instanceof QuotaLabError)) throw error;
  runner.fail(error);
}
runner.close();
