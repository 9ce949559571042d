/** Exit codes of the process (design §8). */
export const EXIT = {
  passed: 0,
  toolFailed: 1,
  badInput: 2,
  /** A threshold or a verdict of severity `error` failed; the same code as k6. */
  failed: 99,
  interrupted: 130,
} as const;
