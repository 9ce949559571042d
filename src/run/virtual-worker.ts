import { openProvider } from '../../mock-server/open-provider.ts';
import { RunnerLink } from './runner-link.ts';
import { VirtualThread } from './virtual-thread.ts';

const runner = new RunnerLink();
const settings = await runner.begun;
// Modules imported after the thread is created cannot reach the real clock, network or randomness.
const thread = new VirtualThread(settings, await openProvider(settings.scenario.provider), runner);
await thread.run();
runner.close();
