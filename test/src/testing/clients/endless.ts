/** Never comes back. */
export default function endless(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 86_400_000));
}
