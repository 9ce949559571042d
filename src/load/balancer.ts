/** Which replica takes a call: the next in turn, the one with the fewest calls in flight, or always the same for a VU. */
export type Balance = 'round-robin' | 'least-busy' | 'sticky';

/** A replica that takes calls. */
interface Balanced {
  /** Its number, from 1. */
  readonly replica: number;
  readonly inFlight: { readonly size: number };
}

/** Picks the replica for the next call of a VU. `up`: those that take calls, at least one; `size`: the number of all. */
export type Balancer = <Replica extends Balanced>(up: readonly Replica[], vu: number, size: number) => Replica;

/** Creates the balancer of one client. */
export function createBalancer(balance: Balance = 'round-robin'): Balancer {
  let turn = 0;
  return (up, vu, size) => {
    switch (balance) {
      case 'sticky':
        return up.find(({ replica }) => replica === 1 + ((vu - 1) % size)) ?? up[(vu - 1) % up.length]!;
      case 'least-busy':
        return up.reduce((idlest, one) => (one.inFlight.size < idlest.inFlight.size ? one : idlest));
      case 'round-robin':
        return up[turn++ % up.length]!;
    }
  };
}
