/** Never resolves in the time of a run. */
export default function endless(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 86_400_000));
}
