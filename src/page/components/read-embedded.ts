/** Returns the JSON that an element holds, gzipped and in base64. Throws if there is none, or it is damaged. */
export async function readEmbedded<Data>(id: string): Promise<Data> {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error('it holds no data');
  const json = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(json).json()) as Data;
}

/** A loop, since `Uint8Array.from` takes seconds for some megabytes. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
