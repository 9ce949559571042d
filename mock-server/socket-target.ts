/** Parses the target of `connect(options)`, `connect(port, host)` or Node's normalized form, as Node does; undefined for a local socket. */
export function parseConnectTarget(args: readonly unknown[]): { host: string; port: number } | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: string; port?: number | string; path?: string };
    // An empty path counts as none.
    return path ? undefined : { host: host || 'localhost', port: Number(port) };
  }
  // A text that is no number is the path of a local socket.
  if (typeof first === 'string' && !(Number(first) >= 0)) return undefined;
  return { host: typeof second === 'string' && second !== '' ? second : 'localhost', port: Number(first) };
}
