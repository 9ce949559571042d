import { digest } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { RunnerLink } from './runner-link.ts';
import { VirtualThread } from './virtual-thread.ts';

const runner = new RunnerLink();
const settings = await runner.begun;
const { provider } = settings.scenario;
// Modules imported after the thread is created cannot reach the real clock, network or randomness.
const thread = new VirtualThread(settings, createProvider(provider, digest, await loadTokenizer(provider)), runner);
await thread.run();
runner.close();
