import { closeSync, openSync, readSync } from 'node:fs';
import { Gunzip, ZstdDecompress } from 'minizlib';

/** The bytes of a file, read in order. */
export interface ByteSource {
  /** Copies the next bytes into a buffer, from an offset on. Returns how many; 0 at the end. */
  read(into: Buffer, offset: number): number;
  close(): void;
}

/** Compressed bytes are read in pieces of this size. */
const PIECE_BYTES = 16 * 1024;

/** The first bytes of each compression, and what undoes it. */
const COMPRESSIONS = [
  { magic: [0x1f, 0x8b], create: () => new Gunzip({}) },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], create: () => new ZstdDecompress({}) },
] as const;

/**
 * Opens a file for reading. What is compressed by gzip or Zstandard (as its first bytes tell, not its name) is decompressed;
 * one that was cut off ends with the last byte that can be told. Throws the system's error, and from `read` an error if the
 * compressed bytes are damaged.
 */
export function openBytes(file: string): ByteSource {
  const descriptor = openSync(file, 'r');
  const plain: ByteSource = {
    read: (into, offset) => readSync(descriptor, into, offset, into.length - offset, null),
    close: () => closeSync(descriptor),
  };
  try {
    const start = Buffer.alloc(4);
    const length = readSync(descriptor, start, 0, start.length, null);
    const source = withStart(plain, start.subarray(0, length));
    const create = decompressionOf(start);
    return create ? decompressing(source, create()) : source;
  } catch (error) {
    plain.close();
    throw error;
  }
}

/** Yields the text of chunks in UTF-8, decompressed as `openBytes` does it. */
export async function* readTextChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let stream: Decompression | undefined | null = null;
  for await (const chunk of chunks) {
    if (stream === null) stream = decompressionOf(chunk)?.();
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const piece = stream ? decompress(stream, chunk.subarray(at, at + PIECE_BYTES)) : [chunk];
      for (const bytes of piece) yield decoder.decode(bytes, { stream: true });
      if (!stream) break;
    }
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

type Decompression = ReturnType<(typeof COMPRESSIONS)[number]['create']>;

function decompressionOf(start: Buffer): (() => Decompression) | undefined {
  return COMPRESSIONS.find(({ magic }) => magic.every((byte, index) => start[index] === byte))?.create;
}

/** Puts bytes that were read already before those that follow; a pipe cannot be read twice. */
function withStart(source: ByteSource, start: Buffer): ByteSource {
  let rest = start;
  return {
    read(into, offset) {
      if (rest.length === 0) return source.read(into, offset);
      const copied = rest.copy(into, offset);
      rest = rest.subarray(copied);
      return copied;
    },
    close: source.close,
  };
}

function decompressing(source: ByteSource, stream: Decompression): ByteSource {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let ready: Buffer[] = [];
  return {
    read(into, offset) {
      while (ready.length === 0) {
        const length = source.read(piece, 0);
        if (length === 0) return 0;
        ready = decompress(stream, piece.subarray(0, length));
      }
      const [first] = ready as [Buffer];
      const copied = first.copy(into, offset);
      if (copied === first.length) ready.shift();
      else ready[0] = first.subarray(copied);
      return copied;
    },
    close() {
      stream.close();
      source.close();
    },
  };
}

/** Decompresses the next bytes of a stream. Throws if they are damaged. */
function decompress(stream: Decompression, bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  let failure: unknown;
  const keep = (chunk: Buffer): number => chunks.push(chunk);
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  stream.on('data', keep).on('error', fail);
  stream.write(bytes);
  stream.off('data', keep).off('error', fail);
  if (failure) throw new Error(`its compressed bytes are damaged (${String(failure)})`, { cause: failure });
  return chunks;
}
