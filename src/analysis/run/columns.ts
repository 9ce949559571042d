/** Columns are stored in chunks: they grow without copying, and an empty column takes no memory. */
const CHUNK_BITS = 14;
const CHUNK_ROWS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_ROWS - 1;

/** Represents 0 in integer chunks, where a raw 0 marks an empty row. */
const INTEGER_ZERO = -(2 ** 31);

/** A sparse column of numbers. Chunks of integers below 2³¹ take 4 bytes a row, other chunks 8. */
export class NumberColumn {
  readonly #chunks: (Int32Array | Float64Array | undefined)[] = [];

  put(row: number, value: number | undefined): void {
    if (value === undefined) return;
    const index = row >> CHUNK_BITS;
    const isInteger = (value | 0) === value && value !== INTEGER_ZERO;
    while (this.#chunks.length <= index) this.#chunks.push(undefined);
    let chunk = this.#chunks[index];
    if (!chunk) chunk = this.#chunks[index] = isInteger ? new Int32Array(CHUNK_ROWS) : new Float64Array(CHUNK_ROWS);
    else if (!isInteger && chunk instanceof Int32Array) chunk = this.#chunks[index] = widen(chunk);
    if (chunk instanceof Int32Array) chunk[row & CHUNK_MASK] = value === 0 ? INTEGER_ZERO : value;
    else chunk[row & CHUNK_MASK] = value === 0 ? Number.NaN : value;
  }

  /** Returns undefined for an empty row. */
  at(row: number): number | undefined {
    const chunk = this.#chunks[row >> CHUNK_BITS];
    if (chunk === undefined) return undefined;
    const value = chunk[row & CHUNK_MASK]!;
    if (value === 0) return undefined;
    if (value === INTEGER_ZERO) return chunk instanceof Int32Array ? 0 : value;
    return Number.isNaN(value) ? 0 : value;
  }
}

function widen(chunk: Int32Array): Float64Array {
  return Float64Array.from(chunk, (value) => (value === INTEGER_ZERO ? Number.NaN : value));
}

/** A sparse column of few distinct values; objects count as distinct. Each value is stored once; a row takes 1, 2 or 4 bytes. */
export class CodedColumn<Value extends string | boolean | object> {
  readonly #chunks: (Uint8Array | Uint16Array | Uint32Array | undefined)[] = [];
  /** Code 0 marks an empty row. */
  readonly #values: (Value | undefined)[] = [undefined];
  readonly #codeOf = new Map<Value, number>();
  /** Values often repeat the last two, and comparing strings is faster than a map lookup. */
  #last: Value | undefined;
  #lastCode = 0;
  #previous: Value | undefined;
  #previousCode = 0;

  put(row: number, value: Value | undefined): void {
    if (value === undefined) return;
    const code =
      value === this.#last ? this.#lastCode : value === this.#previous ? this.#previousCode : this.#code(value);
    const index = row >> CHUNK_BITS;
    while (this.#chunks.length <= index) this.#chunks.push(undefined);
    let chunk = this.#chunks[index];
    if (!chunk || code >= 2 ** (8 * chunk.BYTES_PER_ELEMENT)) chunk = this.#chunks[index] = allocateChunk(code, chunk);
    chunk[row & CHUNK_MASK] = code;
  }

  #code(value: Value): number {
    let code = this.#codeOf.get(value);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codeOf.set(value, code);
    }
    this.#previous = this.#last;
    this.#previousCode = this.#lastCode;
    this.#last = value;
    this.#lastCode = code;
    return code;
  }

  at(row: number): Value | undefined {
    const chunk = this.#chunks[row >> CHUNK_BITS];
    return chunk && this.#values[chunk[row & CHUNK_MASK]!];
  }
}

function allocateChunk(code: number, old: ArrayLike<number> = []): Uint8Array | Uint16Array | Uint32Array {
  const chunk =
    code < 2 ** 8
      ? new Uint8Array(CHUNK_ROWS)
      : code < 2 ** 16
        ? new Uint16Array(CHUNK_ROWS)
        : new Uint32Array(CHUNK_ROWS);
  chunk.set(old);
  return chunk;
}
