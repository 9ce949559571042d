/** Stands for what was hidden. */
export const HIDDEN = '…';

/**
 * Keys by the prefixes that their issuers give them. Sources: the issuers' documents and GitHub's list of secret scanning
 * patterns; the length is the least that rules out words of text.
 */
const PREFIXED =
  /(?<![A-Za-z0-9])(?:(?:sk|pk|rk)[-_](?:[\w-]{12,}|(?=[\w-]{0,12}[\dA-Z_])[\w-]{8,})|(?:gsk|xai|pplx|fw|hf|r8|npm|tvly|whsec|shpat|nvapi|csk|glpat|dop_v1)[-_][\w-]{12,}|gh[a-z]_\w{16,}|github_pat_\w{16,}|xox[a-z]-[\w-]{10,}|AIza[\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|ya29\.[\w-]{12,}|SG\.[\w-]{12,}\.[\w-]{12,}|eyJ[\w-]{6,2000}\.[\w-]{6,}(?:\.[\w-]*)?)/g;

/** `Bearer abc`, wherever it stands. */
const SCHEMED = /\b([Bb]earer|BEARER|Basic|Token|ApiKey|Digest)( +|%20)([\w.~+/=:-]{6,})/g;

/** The name and password of an address: `https://user:secret@host`, `user:secret@host`, `https://secret@host`. */
const IN_ADDRESS = /([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/?#@"'<>]{1,300})@/gi;
const USER_AND_PASSWORD = /(?<![\w/:.@-])([\w.-]{1,60}):([^\s/@:"',;]{3,200})@(?=[\w[])/g;
/** Excludes package specifiers such as `npm:openai@7`. */
const SPECIFIERS = new Set(['acct', 'docker', 'git', 'image', 'jsr', 'mailto', 'node', 'npm', 'pkg', 'sip', 'xmpp']);

const PRIVATE_KEY = /-----BEGIN ([A-Z ]{0,30})PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;

/** Hides what has the shape of a key, whatever its name. */
export function hideShapes(text: string): string {
  return text
    .replace(PRIVATE_KEY, HIDDEN)
    .replace(IN_ADDRESS, hideInAddress)
    .replace(USER_AND_PASSWORD, (all: string, user: string) => (SPECIFIERS.has(user) ? all : `${user}:${HIDDEN}@`))
    .replace(SCHEMED, (all: string, scheme: string, gap: string, value: string) =>
      looksRandom(value) ? `${scheme}${gap}${HIDDEN}` : all,
    )
    .replace(PREFIXED, HIDDEN);
}

function hideInAddress(all: string, scheme: string, user: string): string {
  const colon = user.indexOf(':');
  if (colon >= 0) return `${scheme}${user.slice(0, colon)}:${HIDDEN}@`;
  return looksRandom(user) && user.length >= 12 ? `${scheme}${HIDDEN}@` : all;
}

/** Words that look like a key, organization or account id, or are too random for plain text. */
const NOT_PLAIN_TEXT =
  /\b(?:(?:sk|pk|rk|gsk|xai|org|proj|user|key|req|AIza)[-_][\w*.-]{3,}[\w*]|(?=[\w*.+/=-]*\d)[\w*.+/=-]{15,}[\w*=])/gi;
const PRODUCT = /^[A-Za-z]+\/\d+(\.\d+)*$/;

/** Hides in the message of a foreign server everything that may identify an account: ids and all words that look random. */
export function hideIds(text: string): string {
  return text.replace(NOT_PLAIN_TEXT, (word) => (PRODUCT.test(word) ? word : HIDDEN));
}

/** Returns whether a word is no word of a language: it has digits or capitals within, or is very long. Numbers are not. */
export function looksRandom(text: string): boolean {
  if (text.length < 4 || /^[\d.,:]+$/.test(text)) return text.length >= 12 && !/[.,:]/.test(text);
  const start = text.slice(0, 100);
  const hasLetter = /[A-Za-z]/.test(start);
  return (
    text.length >= 20 || (hasLetter && /\d/.test(start)) || /[a-z].*[A-Z]/.test(start) || /^[A-Z]{4,}$/.test(start)
  );
}
