/**
 * Child process of `replicas.ts` that imports a client as several replicas: `node --expose-gc bench/replica-one.ts CLIENT`;
 * for each `import` that it receives, it imports one more and sends its memory by IPC.
 */
import { replicaUrl, separateReplicas } from '../src/client/replica-imports.ts';
import { allowTypeScriptImports } from '../src/client/typescript-imports.ts';

const client = process.argv[2]!;
process.env.OPENAI_API_KEY = 'sk-bench';
allowTypeScriptImports();
let replica = {};
separateReplicas(() => replica);

const held: unknown[] = [];
process.on('message', async () => {
  replica = {};
  const before = performance.now();
  held.push(await import(replicaUrl(client, `bench-${held.length}`)));
  const ms = performance.now() - before;
  gc!();
  process.send!({ bytes: process.memoryUsage().rss, ms });
});
