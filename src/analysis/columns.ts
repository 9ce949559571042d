const FIRST_ROWS = 1024;

/** Twice as long, or longer where one row asks for it; what is added is zero and takes no memory until it is written. */
function grownLength(length: number, row: number): number {
  return Math.max(FIRST_ROWS, length * 2, row + 1);
}

/** What stands for 0 in whole numbers, since a zero in a column means that nothing was put there. */
const WHOLE_ZERO = -(2 ** 31);

/**
 * Numbers by row, none in some. Whole numbers below 2³¹ take 4 bytes a row, anything else 8; a column into which nothing
 * was ever put takes none.
 */
export class NumberColumn {
  #whole: Int32Array | undefined = new Int32Array(0);
  #any: Float64Array = new Float64Array(0);

  put(row: number, value: number | undefined): void {
    if (value === undefined) return;
    if (this.#whole && (value | 0) === value && value !== WHOLE_ZERO) this.#putWhole(row, value);
    else this.#putAny(row, value);
  }

  /** Undefined where nothing was put. */
  at(row: number): number | undefined {
    const whole = this.#whole;
    if (whole) {
      const value = row < whole.length ? whole[row]! : 0;
      return value === 0 ? undefined : value === WHOLE_ZERO ? 0 : value;
    }
    const value = row < this.#any.length ? this.#any[row]! : 0;
    return value === 0 ? undefined : Number.isNaN(value) ? 0 : value;
  }

  #putWhole(row: number, value: number): void {
    let whole = this.#whole!;
    if (row >= whole.length) {
      const longer = new Int32Array(grownLength(whole.length, row));
      longer.set(whole);
      this.#whole = whole = longer;
    }
    whole[row] = value === 0 ? WHOLE_ZERO : value;
  }

  #putAny(row: number, value: number): void {
    const whole = this.#whole;
    if (whole) {
      this.#any = Float64Array.from(whole, (one) => (one === WHOLE_ZERO ? Number.NaN : one));
      this.#whole = undefined;
    }
    if (row >= this.#any.length) {
      const longer = new Float64Array(grownLength(this.#any.length, row));
      longer.set(this.#any);
      this.#any = longer;
    }
    this.#any[row] = value === 0 ? Number.NaN : value;
  }
}

/** Values by row, none in some, of which many are equal: each is kept once, and a row takes 1, 2 or 4 bytes. */
export class CodedColumn<Value extends string | boolean> {
  #codes: Uint8Array | Uint16Array | Uint32Array = new Uint8Array(0);
  /** Code 0 is for nothing. */
  readonly #values: (Value | undefined)[] = [undefined];
  readonly #codeOf = new Map<Value, number>();

  put(row: number, value: Value | undefined): void {
    if (value === undefined) return;
    let code = this.#codeOf.get(value);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codeOf.set(value, code);
    }
    if (row >= this.#codes.length || code >= 2 ** (8 * this.#codes.BYTES_PER_ELEMENT)) this.#grow(row, code);
    this.#codes[row] = code;
  }

  at(row: number): Value | undefined {
    return row < this.#codes.length ? this.#values[this.#codes[row]!] : undefined;
  }

  #grow(row: number, code: number): void {
    const length = row < this.#codes.length ? this.#codes.length : grownLength(this.#codes.length, row);
    const bytes = Math.max(this.#codes.BYTES_PER_ELEMENT, code < 2 ** 8 ? 1 : code < 2 ** 16 ? 2 : 4);
    const longer =
      bytes === 1 ? new Uint8Array(length) : bytes === 2 ? new Uint16Array(length) : new Uint32Array(length);
    longer.set(this.#codes);
    this.#codes = longer;
  }
}
