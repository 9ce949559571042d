import { hash } from 'node:crypto';

/** Returns a short one-way hash, for comparing secrets such as API keys: 64 bits of SHA-256 with a fixed prefix. */
export function digest(text: string): string {
  return hash('sha256', `quotalab\0${text}`, 'hex').slice(0, 16);
}
