/** Asks a process that runs with `--inspect` what it holds, as its debugger would. */
export interface Inspector {
  /** Bytes of the heap and of array buffers, after collecting all garbage. */
  heapBytes(): Promise<number>;
  /** Until then, Node does not end. */
  close(): void;
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly result?: { readonly value?: number } };
}

/** `address`: the WebSocket URL that Node prints. */
export async function connectInspector(address: string): Promise<Inspector> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.onmessage = ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  };
  let last = 0;
  const call = (method: string, params: object = {}): Promise<Answer> => {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
  const expression = '(({ heapUsed, arrayBuffers }) => heapUsed + arrayBuffers)(process.memoryUsage())';
  return {
    async heapBytes() {
      await call('HeapProfiler.collectGarbage');
      const { result } = await call('Runtime.evaluate', { expression });
      return result!.result!.value!;
    },
    close: () => socket.close(),
  };
}
