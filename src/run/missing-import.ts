import { QuotaLabError } from '../../mock-server/error.ts';
import type { CallRecord } from '../journal/call-records.ts';
import { findMissingPackage } from '../programs/missing-package.ts';

/**
 * Returns `client/missing-packages` if calls failed because an import did: what else they did is no behaviour of the client.
 * Undefined if none did.
 */
export function missingPackagesError(calls: readonly Pick<CallRecord, 'error'>[]): QuotaLabError | undefined {
  const found = calls.flatMap(({ error }) => (error && findMissingPackage(error.message)) ?? []);
  if (found.length === 0) return undefined;
  const byName = Map.groupBy(found, ({ name }) => name);
  const names = [...byName.keys()].sort();
  const message = `${found.length} of ${calls.length} calls failed, since the client imports what is not installed: ${names.join(', ')}`;
  return new QuotaLabError('client/missing-packages', message, {
    problems: names.map((name) => {
      const { length: count, 0: first } = byName.get(name)!;
      const failed = `${count} ${count === 1 ? 'call' : 'calls'} failed`;
      return { path: 'client', message: `imports ${name}: ${failed}`, hint: first!.install };
    }),
  });
}
