/** What a load may ask for: above these, no machine brings it about, or no run of it ends. */
export const MAX_VUS = 100_000;
export const MAX_PER_SECOND = 1_000_000;
/** Ten million calls are hours of work and gigabytes of journal. */
export const MAX_CALLS = 10_000_000;
export const MAX_LOAD_US = 366 * 86_400 * 1e6;
