/** A frame of a stack in a file, not in Node itself: its place. */
const FRAME = /^\s+at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/m;

/** Describes what code of the user has thrown, and the first place in its files; without the stack, which is also ours. */
export function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { stack = '', name, message } = thrown;
  // For a syntax error the stack starts with the place and the line.
  const [head = ''] = stack.split(/\n\s+at /, 1);
  const shown = head.includes(message) ? head : `${name}: ${message}`;
  const place = FRAME.exec(stack)?.[1];
  return place === undefined || shown.startsWith('file:') ? shown.trim() : `${shown.trim()} (at ${place})`;
}
