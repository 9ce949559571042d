/** What the process's exit code says (design §8). */
export const EXIT = {
  passed: 0,
  toolFailed: 1,
  badInput: 2,
  /** A threshold or a verdict of severity `error` failed: k6's habit. */
  failed: 99,
  interrupted: 130,
} as const;
