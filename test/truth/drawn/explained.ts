/** Why a verdict misses a fault, or accuses a client without it, by `VERDICT, missed` and `VERDICT, accused`. */
export const EXPLAINED: Readonly<Record<string, string>> = {};
