/** Every byte in hex: cheaper than printing numbers, and every reply needs some. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Eight hex digits of 32 bits. */
export function hex8(bits: number): string {
  return HEX[bits >>> 24]! + HEX[(bits >>> 16) & 255] + HEX[(bits >>> 8) & 255] + HEX[bits & 255];
}
