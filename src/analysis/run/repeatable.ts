/** Returns whether equal scenario and seed give an identical journal: in modes independent of the machine's clock. */
export function isRepeatable(time: string): boolean {
  return time === 'virtual' || time === 'model';
}
