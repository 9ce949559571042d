/** Rows are kept in chunks: a column grows without being copied, and one into which nothing is put takes no memory. */
const CHUNK_BITS = 14;
const CHUNK_ROWS = 1 << CHUNK_BITS;
const IN_CHUNK = CHUNK_ROWS - 1;

/** What stands for 0 among whole numbers, since a zero in a chunk means that nothing was put there. */
const WHOLE_ZERO = -(2 ** 31);

/** Numbers by row, none in some. Whole numbers below 2³¹ take 4 bytes a row, chunks with others 8. */
export class NumberColumn {
  readonly #chunks: (Int32Array | Float64Array | undefined)[] = [];

  put(row: number, value: number | undefined): void {
    if (value === undefined) return;
    const place = row >> CHUNK_BITS;
    const whole = (value | 0) === value && value !== WHOLE_ZERO;
    while (this.#chunks.length <= place) this.#chunks.push(undefined);
    let chunk = this.#chunks[place];
    if (!chunk) chunk = this.#chunks[place] = whole ? new Int32Array(CHUNK_ROWS) : new Float64Array(CHUNK_ROWS);
    else if (!whole && chunk instanceof Int32Array) chunk = this.#chunks[place] = widened(chunk);
    if (chunk instanceof Int32Array) chunk[row & IN_CHUNK] = value === 0 ? WHOLE_ZERO : value;
    else chunk[row & IN_CHUNK] = value === 0 ? Number.NaN : value;
  }

  /** Undefined where nothing was put. */
  at(row: number): number | undefined {
    const chunk = this.#chunks[row >> CHUNK_BITS];
    if (chunk === undefined) return undefined;
    const value = chunk[row & IN_CHUNK]!;
    if (value === 0) return undefined;
    if (value === WHOLE_ZERO) return chunk instanceof Int32Array ? 0 : value;
    return Number.isNaN(value) ? 0 : value;
  }
}

function widened(chunk: Int32Array): Float64Array {
  return Float64Array.from(chunk, (value) => (value === WHOLE_ZERO ? Number.NaN : value));
}

/** Values by row, none in some, of which many are equal: each is kept once, and a row takes 1, 2 or 4 bytes. */
export class CodedColumn<Value extends string | boolean> {
  readonly #chunks: (Uint8Array | Uint16Array | Uint32Array | undefined)[] = [];
  /** Code 0 is for nothing. */
  readonly #values: (Value | undefined)[] = [undefined];
  readonly #codeOf = new Map<Value, number>();
  /** The next value is often the last one or that before it, and it is quicker to compare strings than to look one up. */
  #last: Value | undefined;
  #lastCode = 0;
  #before: Value | undefined;
  #beforeCode = 0;

  put(row: number, value: Value | undefined): void {
    if (value === undefined) return;
    const code = value === this.#last ? this.#lastCode : value === this.#before ? this.#beforeCode : this.#code(value);
    const place = row >> CHUNK_BITS;
    while (this.#chunks.length <= place) this.#chunks.push(undefined);
    let chunk = this.#chunks[place];
    if (!chunk || code >= 2 ** (8 * chunk.BYTES_PER_ELEMENT)) chunk = this.#chunks[place] = roomFor(code, chunk);
    chunk[row & IN_CHUNK] = code;
  }

  #code(value: Value): number {
    let code = this.#codeOf.get(value);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codeOf.set(value, code);
    }
    this.#before = this.#last;
    this.#beforeCode = this.#lastCode;
    this.#last = value;
    this.#lastCode = code;
    return code;
  }

  at(row: number): Value | undefined {
    const chunk = this.#chunks[row >> CHUNK_BITS];
    return chunk && this.#values[chunk[row & IN_CHUNK]!];
  }
}

function roomFor(code: number, old: ArrayLike<number> = []): Uint8Array | Uint16Array | Uint32Array {
  const chunk =
    code < 2 ** 8
      ? new Uint8Array(CHUNK_ROWS)
      : code < 2 ** 16
        ? new Uint16Array(CHUNK_ROWS)
        : new Uint32Array(CHUNK_ROWS);
  chunk.set(old);
  return chunk;
}
