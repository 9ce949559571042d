/** Property tests under mutation: the same draws for every mutant, and no search for the smallest failure. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 1, endOnFailure: true });
