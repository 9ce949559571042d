/** Flags and variables whose values are secrets. */
const SECRET_NAME = /(api[-_]?key|token|secret|password|credential)/i;
/** Values that look like API keys. */
const SECRET = /\b(?:sk|pk|rk|gsk|xai|AIza)[-_]?[\w-]{12,}/g;
const HIDDEN = '…';

/** Formats a command as one shell line, with possible secrets hidden. */
export function formatCommand(command: readonly string[]): string {
  return hideSecrets(command)
    .map((word) => quote(word.replace(/\s+/g, ' ')))
    .join(' ');
}

/** Returns the command with possible secrets hidden, safe to store. */
export function hideSecrets(command: readonly string[]): string[] {
  return command.map((word, index) => hideSecret(word, command[index - 1]));
}

function hideSecret(word: string, before: string | undefined): string {
  const [name, ...value] = word.split('=');
  if (value.length > 0 && SECRET_NAME.test(name!)) return `${name}=${HIDDEN}`;
  const follows = before?.startsWith('-') === true && !before.includes('=') && SECRET_NAME.test(before);
  return follows && !word.startsWith('-') ? HIDDEN : word.replace(SECRET, HIDDEN);
}

const quote = (word: string): string =>
  /^[\w@%+=:,./…{}-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
