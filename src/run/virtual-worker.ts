import { QuotaLabError } from '../../mock-server/error.ts';
import { openProvider } from '../../mock-server/open-provider.ts';
import { RunnerLink } from './runner-link.ts';
import { VirtualThread } from './virtual-thread.ts';

const runner = new RunnerLink();
const settings = await runner.begun;
try {
  const provider = await openProvider(settings.scenario.provider);
  // Modules imported after the thread is created cannot reach the real clock, network or randomness.
  await new VirtualThread(settings, provider, runner).run();
} catch (error) {
  if (!(error instanceof QuotaLabError)) throw error;
  runner.fail(error);
}
runner.close();
