/** Settings of property tests under mutation: the same draws for every mutant, without shrinking. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 1, endOnFailure: true });
