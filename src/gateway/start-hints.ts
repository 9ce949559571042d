/** Known start failures of gateways: a pattern of their output, and a hint. */
const KNOWN_FAILURES: readonly (readonly [pattern: RegExp, hint: (match: RegExpExecArray) => string])[] = [
  [
    /zero size shared memory zone "([^"]+)"/,
    ([, zone]) =>
      `limit_req uses an undefined zone; add to http { }: limit_req_zone $binary_remote_addr zone=${zone}:10m rate=5r/s;`,
  ],
  [
    /bind\(\) to (\S+) failed \(98|EADDRINUSE[^\n]*?(\S*:\d+)|[Aa]ddress already in use/,
    ([, nginx, node]) => `${nginx ?? node ?? 'a port'} is in use by another program; listen only on 127.0.0.1:{{port}}`,
  ],
  [/bind\(\) to (\S+) failed \(13/, ([, address]) => `${address} needs root; listen on 127.0.0.1:{{port}}`],
  [
    /"(\w+)" directive is not allowed here/,
    ([, directive]) => `${directive} is outside its block: a configuration needs events { } and http { }`,
  ],
];

/** Returns a hint for a gateway's output, or undefined. `config`: the template's path in the scenario. */
export function findStartHint(output: string, config: string | undefined): string | undefined {
  for (const [pattern, hint] of KNOWN_FAILURES) {
    const match = pattern.exec(output);
    if (match) return hint(match);
  }
  return config === undefined ? undefined : `its configuration is generated from ${config}`;
}
