/** Sections of generated pages that are made by another script: `<!-- begin NAME -->` to `<!-- end NAME -->`. */

/** Replaces a section's text, or appends the section to a page that has none. */
export function replaceSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const section = `${begin}\n${text.trim()}\n${end}\n`;
  const from = page.indexOf(begin);
  if (from < 0) return `${page.trimEnd()}\n\n${section}`;
  const until = page.indexOf(end, from) + end.length + 1;
  return page.slice(0, from) + section + page.slice(until);
}

/** All sections of a page, to be kept when the rest is written anew. */
export function sectionsOf(page: string): string {
  const sections = page.match(/<!-- begin (\S+) -->[\s\S]*?<!-- end \1 -->\n/g) ?? [];
  return sections.map((section) => `\n${section}`).join('');
}
