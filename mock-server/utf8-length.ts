/** Returns the number of bytes of a text in UTF-8; a lone surrogate counts as U+FFFD. Pure, unlike `Buffer.byteLength`. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    // A surrogate pair has 4 bytes for its 2 code units.
    if (isSurrogate(code, 0xd800) && isSurrogate(text.charCodeAt(index + 1), 0xdc00)) index++;
  }
  return bytes;
}

/** Returns whether a code unit is a high (`from` 0xd800) or low (0xdc00) surrogate. */
function isSurrogate(code: number, from: number): boolean {
  return code >= from && code < from + 0x400;
}
