import { QuotaLabError } from '../../mock-server/error.ts';

type Readings = readonly (() => unknown)[];
type Read<Of extends Readings> = { -readonly [Index in keyof Of]: Awaited<ReturnType<Of[Index]>> };

/**
 * What all of these give. Where several throw a `QuotaLabError`, all that they say is thrown as one, `cli/bad-input`; what
 * one alone says, as it is.
 */
export async function readAll<const Of extends Readings>(...readings: Of): Promise<Read<Of>> {
  const settled = await Promise.allSettled(readings.map(async (read) => read()));
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const known = errors.filter((error) => error instanceof QuotaLabError);
  // What is the tool's own fault goes first, with its stack.
  if (errors.length > known.length) throw errors.find((error) => !(error instanceof QuotaLabError));
  if (known.length === 1) throw known[0];
  if (known.length > 1) {
    const problems = known.flatMap(({ message, code, problems: own }) => [
      { path: '', message: `${message} (${code})` },
      ...own,
    ]);
    throw new QuotaLabError('cli/bad-input', `${known.length} things are wrong`, { problems });
  }
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as Read<Of>;
}
