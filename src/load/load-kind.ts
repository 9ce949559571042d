/** Returns in what a path of a scenario scales its load; undefined for other settings. */
export function loadKind(path: string): 'users' | 'rate' | 'scale' | undefined {
  if (/^load\b.*\.(vus|startVUs)$/.test(path)) return 'users';
  if (/^load\b.*\.scale$/.test(path)) return 'scale';
  return /^load\b.*\.rate$/.test(path) ? 'rate' : undefined;
}
