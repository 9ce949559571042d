/** Every byte in hex. A lookup table is faster than formatting, and every reply formats several hashes. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Formats 32 bits as eight hex digits. */
export function hex8(bits: number): string {
  return HEX[bits >>> 24]! + HEX[(bits >>> 16) & 255] + HEX[(bits >>> 8) & 255] + HEX[bits & 255];
}
