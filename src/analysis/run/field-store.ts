import { CodedColumn, NumberColumn } from './columns.ts';

/** How a field is stored: `coded` for few distinct values; `own` is not stored here, but read by the row class itself. */
export type FieldKind = 'number' | 'coded' | 'own';

/** The kind of every field of an item, optional ones included, so that the compiler finds a field without a column. */
export type FieldKinds<Item> = {
  readonly [Field in keyof Required<Item>]: NonNullable<Item[Field]> extends number ? 'number' : 'coded' | 'own';
};

/** Records stored by column, since a million objects exceed the memory of a CI machine. */
export class FieldStore {
  readonly numberNames: readonly string[];
  readonly codedNames: readonly string[];
  readonly numbers: readonly NumberColumn[];
  readonly coded: readonly CodedColumn<string | boolean | object>[];
  readonly #columns: ReadonlyMap<string, NumberColumn | CodedColumn<string | boolean | object>>;
  #rows = 0;

  constructor(fields: Readonly<Record<string, FieldKind>>) {
    const namesOf = (kind: FieldKind): string[] => Object.keys(fields).filter((name) => fields[name] === kind);
    this.numberNames = namesOf('number');
    this.codedNames = namesOf('coded');
    this.numbers = this.numberNames.map(() => new NumberColumn());
    this.coded = this.codedNames.map(() => new CodedColumn());
    const columns = [...this.numbers, ...this.coded];
    this.#columns = new Map([...this.numberNames, ...this.codedNames].map((name, index) => [name, columns[index]!]));
  }

  /** Stores the fields of a record and returns its row. */
  add(record: object): number {
    const row = this.#rows++;
    const values = record as Readonly<Record<string, never>>;
    // Several times faster than reading every field by name, most of which are absent.
    for (const name in values) this.#columns.get(name)?.put(row, values[name] ?? undefined);
    return row;
  }

  /** Returns the column of a number field. */
  numberColumn(name: string): NumberColumn {
    return this.numbers[this.numberNames.indexOf(name)]!;
  }

  /** Returns the column of a coded field. */
  codedColumn(name: string): CodedColumn<string | boolean | object> {
    return this.coded[this.codedNames.indexOf(name)]!;
  }

  /** Returns all rows in order of `startUs`, then `id`. */
  rowsByStart(): Uint32Array {
    const [startUs, id] = [this.numberColumn('startUs'), this.numberColumn('id')];
    return Uint32Array.from({ length: this.#rows }, (_, row) => row).sort(
      (a, b) => startUs.at(a)! - startUs.at(b)! || id.at(a)! - id.at(b)!,
    );
  }
}

/** One row of a store. Subclasses get a getter per stored field from `defineFields`. */
export class Row<Store extends FieldStore = FieldStore> {
  readonly store: Store;
  readonly row: number;

  constructor(store: Store, row: number) {
    this.store = store;
    this.row = row;
  }
}

/** Defines a getter for every stored field that a row class does not define itself. */
export function defineFields(rows: { readonly prototype: Row }, fields: Readonly<Record<string, FieldKind>>): void {
  const { numberNames, codedNames } = new FieldStore(fields);
  const define = (name: string, get: (this: Row) => unknown): void => {
    if (!Object.hasOwn(rows.prototype, name)) Object.defineProperty(rows.prototype, name, { get });
  };
  // One getter function per kind keeps each of them fast: it always calls the same `at`.
  for (const [index, name] of numberNames.entries())
    define(name, function () {
      return this.store.numbers[index]!.at(this.row);
    });
  for (const [index, name] of codedNames.entries())
    define(name, function () {
      return this.store.coded[index]!.at(this.row);
    });
}
