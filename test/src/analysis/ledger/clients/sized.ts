/** The first call is larger than the limit, and fails as soon as the provider says so. */
import { ask } from './ask.ts';

export default function sized({ id }: { id: number }): Promise<string> {
  return ask(id === 1 ? 'x'.repeat(40_000) : 'hello');
}
