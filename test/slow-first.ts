import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, so that none of them starts last and goes on alone. The order does not matter. */
const SLOW = [
  'fire/fire',
  'package',
  'exec',
  'command-line',
  'leftovers',
  'check',
  'check-command-line',
  'endings',
  'article-nginx',
  'article-python',
  'article-locust',
  'src/run/virtual-waits',
  'raw-load',
  'truth/truth',
  'commands',
  'cases',
];

/** Starts slow files first. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): boolean =>
      SLOW.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
