import { QuotaLabError } from '../../mock-server/error.ts';

type Readers = readonly (() => unknown)[];
type ReadResults<Of extends Readers> = { -readonly [Index in keyof Of]: Awaited<ReturnType<Of[Index]>> };

/**
 * Returns the results of all readers. A single `QuotaLabError` is rethrown as it is; several are thrown as one error,
 * `cli/bad-input`, with all their problems.
 */
export async function readAll<const Of extends Readers>(...readers: Of): Promise<ReadResults<Of>> {
  const settled = await Promise.allSettled(readers.map(async (read) => read()));
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const known = errors.filter((error) => error instanceof QuotaLabError);
  // Internal errors take precedence and keep their stack.
  if (errors.length > known.length) throw errors.find((error) => !(error instanceof QuotaLabError));
  if (known.length === 1) throw known[0];
  if (known.length > 1) {
    const problems = known.flatMap(({ message, code, problems: own }) => [
      { path: '', message: `${message} (${code})` },
      ...own,
    ]);
    throw new QuotaLabError('cli/bad-input', `${known.length} errors`, { problems });
  }
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as ReadResults<Of>;
}
