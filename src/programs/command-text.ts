/** Flags and variables whose values are secrets. */
const SECRET_NAME = /(api[-_]?key|token|secret|password|credential)/i;
/** Keys by how they look. */
const SECRET = /\b(?:sk|pk|rk|gsk|xai|AIza)[-_]?[\w-]{12,}/g;
const HIDDEN = '…';

/** A command as a person would type it, in one line, without what may be a key. */
export function commandText(command: readonly string[]): string {
  return withoutSecrets(command)
    .map((word) => quoted(word.replace(/\s+/g, ' ')))
    .join(' ');
}

/** A command whose words that may be keys are hidden, as it may be kept. */
export function withoutSecrets(command: readonly string[]): string[] {
  return command.map((word, index) => shown(word, command[index - 1]));
}

function shown(word: string, before: string | undefined): string {
  const [name, ...value] = word.split('=');
  if (value.length > 0 && SECRET_NAME.test(name!)) return `${name}=${HIDDEN}`;
  const follows = before?.startsWith('-') === true && !before.includes('=') && SECRET_NAME.test(before);
  return follows && !word.startsWith('-') ? HIDDEN : word.replace(SECRET, HIDDEN);
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./…{}-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
