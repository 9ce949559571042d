/** Returns in what a path of a scenario scales its load; undefined for other settings. */
export function loadKind(path: string): 'users' | 'rate' | undefined {
  if (/^load\b.*\.(vus|startVUs)$/.test(path)) return 'users';
  return /^load\b.*\.rate$/.test(path) ? 'rate' : undefined;
}
