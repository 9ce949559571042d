import { expect, it } from 'vitest';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { assumedText, clientText, modelText } from '../../../src/report/client-text.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';

const LOAD: ScenarioInput['load'] = [{ executor: 'constant-vus', vus: 1, duration: '1s' }];

async function textsOf(clients: Pick<ScenarioInput, 'client' | 'clients'>): Promise<string[]> {
  const scenario = (await scenarioFrom({ name: 'x', load: LOAD, ...clients }, '/', {})) as Run['header']['scenario'];
  return [clientText({ scenario, time: 'virtual' }), modelText(scenario), assumedText(scenario)];
}

it('clients and models are listed with their names and replicas', async () => {
  expect(await textsOf({ client: { module: import.meta.filename, model: 'p-retry' } })).toEqual([
    import.meta.filename,
    'a model of p-retry',
    '',
  ]);
  const [code, models, assumed] = await textsOf({
    clients: {
      chat: { module: import.meta.filename, model: 'p-retry', replicas: 8 },
      batch: { module: import.meta.filename, replicas: { start: 1, stages: [{ duration: '1s', target: 3 }] } },
    },
  });
  expect(code).toBe(`chat: ${import.meta.filename} × 8, batch: ${import.meta.filename} × up to 3`);
  expect(models).toBe('models of chat: p-retry × 8, batch: openai-node × up to 3');
  expect(assumed).toBe(`, assumed for ${import.meta.filename} (set clients.batch.model to change it)`);
});
