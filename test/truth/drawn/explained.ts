/** Why a verdict misses a fault, or accuses a client without it, by `VERDICT, missed` and `VERDICT, accused`. */
export const EXPLAINED: Readonly<Record<string, string>> = {
  'swallows-rejection, missed':
    'the client hedges, and gave a cut stream as the answer; its other request, which it abandoned in mid-stream, looks like an answer that it had read far enough.',
  'fixed-interval, accused':
    'full jitter, and few calls with a third wait of their own: the draws of this seed hide the growth.',
  'does-not-recover, missed':
    'by chance the load before the outage was above 90 % of the quota, so that the verdict leaves open whose doing it is; it shows that no later call was answered.',
  'leaves-quota-unused, accused':
    'a window admits in steps: a queue that is 2 % slower than the quota is up to two calls behind it at one moment.',
  'bursts-at-window-boundary, accused':
    'calls that hold the only permit for about 20 or 30 s happen to end at the top of the minute; one run only warns.',
};
