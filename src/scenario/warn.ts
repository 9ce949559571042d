const told = new Set<string>();

/** Warns of a setting that has no effect, once per process. The command line prints it; other programs get Node's warning. */
export function warn(message: string): void {
  if (told.has(message)) return;
  told.add(message);
  process.emitWarning(message, 'QuotaLabWarning');
}
