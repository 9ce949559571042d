/** What is known to help against what gateways say when they do not start: their words, and the way out. */
const KNOWN: readonly (readonly [words: RegExp, hint: (match: RegExpExecArray) => string])[] = [
  [
    /zero size shared memory zone "([^"]+)"/,
    ([, zone]) =>
      `limit_req names a zone that nothing defines; in http { }: limit_req_zone $binary_remote_addr zone=${zone}:10m rate=5r/s;`,
  ],
  [
    /bind\(\) to (\S+) failed \(98|EADDRINUSE[^\n]*?(\S*:\d+)|[Aa]ddress already in use/,
    ([, nginx, node]) =>
      `${nginx ?? node ?? 'a port'} is taken by another program; listen on 127.0.0.1:{{port}} alone, which is free`,
  ],
  [/bind\(\) to (\S+) failed \(13/, ([, address]) => `${address} is for root only; listen on 127.0.0.1:{{port}}`],
  [
    /"(\w+)" directive is not allowed here/,
    ([, directive]) => `${directive} stands outside its block: a configuration begins with events { } and http { }`,
  ],
];

/** What may help, or undefined. `config`: the template, as the scenario names it. */
export function hintFor(words: string, config: string | undefined): string | undefined {
  for (const [form, hint] of KNOWN) {
    const match = form.exec(words);
    if (match) return hint(match);
  }
  return config === undefined ? undefined : `its configuration is made from ${config}`;
}
