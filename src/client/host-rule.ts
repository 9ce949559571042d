const LOOPBACK = /^(localhost|(::ffff:)?127(\.\d{1,3}){3}|::1|\[::1\])$/i;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** What the guard lets through. */
export interface HostRule {
  isAllowed(host: string): boolean;
  /** Adds an address that an allowed name has been resolved to. */
  allow(address: string): void;
  /** Tells the user, once per host. */
  report(host: string): void;
}

/** Allows this machine and the hosts that the user has named. `print` takes the reports; default: stderr. */
export function createHostRule(
  allowHosts: readonly string[],
  print: (text: string) => void = (text) => void process.stderr.write(text),
): HostRule {
  const allowed = new Set(allowHosts);
  const reported = new Set<string>();
  return {
    isAllowed: (host) => isLoopback(host) || allowed.has(host),
    allow: (address) => void allowed.add(address),
    report(host) {
      if (!reported.has(host)) print(`quotalab: ${foreignHostMessage(host)}\n`);
      reported.add(host);
    },
  };
}

/** The error message for a host that is neither this machine nor allowed by the user. */
export function foreignHostMessage(host: string): string {
  return `the client tried to reach ${host}, which is not this machine; does it read OPENAI_BASE_URL? (--allow-host ${host} allows it)`;
}
