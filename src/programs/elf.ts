/** How a program is loaded, according to its ELF tables (elf(5)). */
export interface Elf {
  /** The dynamic loader; undefined for a statically linked program. */
  readonly loader: string | undefined;
  readonly isGo: boolean;
}

const MAGIC = '\u007fELF';
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
/** Segment types `PT_INTERP` and `PT_NOTE`. */
const INTERPRETER = 3;
const NOTE = 4;
/** Owner and type of the build id note written by Go's linker (cmd/link/internal/ld/elf.go). */
const GO_NOTE = { owner: 'Go\0\0', type: 4 };
/** Upper bound for tables and notes; a larger size means a damaged file. */
const MAX_TABLE_BYTES = 65_536;

interface Segment {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** Parses the ELF header in `head`, a file's first bytes, and the tables that it points to. Returns undefined for other files. */
export function readElf(head: Buffer, read: (at: number, size: number) => Buffer | undefined): Elf | undefined {
  if (head.length < 64 || head.toString('latin1', 0, 4) !== MAGIC) return undefined;
  const segments = readSegments(head, read);
  const contentOf = ({ at, size }: Segment): Buffer => read(at, Math.min(size, MAX_TABLE_BYTES)) ?? Buffer.alloc(0);
  const interpreter = segments.find(({ type }) => type === INTERPRETER);
  const loader = interpreter && contentOf(interpreter).toString('utf8').replace(/\0.*$/s, '');
  const isLittle = head[5] === LITTLE_ENDIAN;
  return { loader, isGo: segments.some((segment) => segment.type === NOTE && hasGoNote(contentOf(segment), isLittle)) };
}

function readSegments(head: Buffer, read: (at: number, size: number) => Buffer | undefined): Segment[] {
  const is64 = head[4] === CLASS_64;
  const isLittle = head[5] === LITTLE_ENDIAN;
  const word = (bytes: Buffer, at: number): number => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const half = (bytes: Buffer, at: number): number => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (bytes: Buffer, at: number): number =>
    Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  const tableAt = is64 ? long(head, 32) : word(head, 28);
  const entrySize = half(head, is64 ? 54 : 42);
  const count = half(head, is64 ? 56 : 44);
  const table = read(tableAt, Math.min(count * entrySize, MAX_TABLE_BYTES)) ?? Buffer.alloc(0);
  const whole = entrySize === 0 ? 0 : Math.floor(table.length / entrySize);
  return Array.from({ length: Math.min(count, whole) }, (_, index) => {
    const entry = table.subarray(index * entrySize, (index + 1) * entrySize);
    const [at, size] = is64 ? [long(entry, 8), long(entry, 32)] : [word(entry, 4), word(entry, 16)];
    return { type: word(entry, 0), at, size };
  });
}

/** Searches a note section: each note has the sizes of owner and text, a type, then both, padded to four bytes. */
function hasGoNote(notes: Buffer, isLittle: boolean): boolean {
  const word = (at: number): number => (isLittle ? notes.readUInt32LE(at) : notes.readUInt32BE(at));
  for (let at = 0; at + 12 <= notes.length; ) {
    const [ownerSize, textSize, type] = [word(at), word(at + 4), word(at + 8)];
    const owner = notes.toString('latin1', at + 12, at + 12 + ownerSize);
    if (owner === GO_NOTE.owner && type === GO_NOTE.type) return true;
    at += 12 + alignTo4(ownerSize) + alignTo4(textSize);
  }
  return false;
}

function alignTo4(size: number): number {
  return Math.ceil(size / 4) * 4;
}
