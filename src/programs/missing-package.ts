/** A package that a failed import names. */
export interface MissingPackage {
  readonly name: string;
  /** The command that installs it. */
  readonly install: string;
}

/** What runtimes say of a failed import, and how to install what it names. */
const MESSAGES: readonly { readonly pattern: RegExp; readonly installer: string }[] = [
  // Node and Bun: packages, not files, whose names begin with a dot, a slash or a drive.
  {
    pattern: /Cannot find (?:package|module) '((?:@[\w.-]+\/)?[\w-][\w.-]*)(?:\/[^']*)?'/,
    installer: 'npm install',
  },
  // Python.
  { pattern: /No module named '?(\w+)[\w.]*'?/, installer: 'pip install' },
];

/** Returns the package that an error message or the output of a program calls missing; undefined if it names none. */
export function findMissingPackage(text: string): MissingPackage | undefined {
  for (const { pattern, installer } of MESSAGES) {
    const [, name] = pattern.exec(text) ?? [];
    if (name !== undefined) return { name, install: `${installer} ${name}` };
  }
  return undefined;
}
