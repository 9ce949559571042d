/** Returns the JSON that an element holds, gzipped and in base64. Throws if there is none, or it is damaged. */
export async function readEmbedded<Data>(id: string): Promise<Data> {
  const text = document.getElementById(id)?.textContent;
  if (!text) throw new Error('it holds no data');
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(json).json()) as Data;
}
