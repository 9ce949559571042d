/** Whether the same scenario and seed give the same bytes: in the times in which the machine's own clock has no say. */
export function isRepeatable(time: string): boolean {
  return time === 'virtual' || time === 'model';
}
