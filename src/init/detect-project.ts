/** What a starter client speaks with. */
export const STARTERS = ['openai', 'anthropic', 'google-genai', 'ai-sdk', 'langchain', 'fetch', 'python'] as const;
export type Starter = (typeof STARTERS)[number];

/** The texts of files in a project; undefined for what is not there. */
export interface ProjectFiles {
  readonly packageJson: string | undefined;
  /** requirements.txt and pyproject.toml. */
  readonly pythonFiles: readonly string[];
  readonly hasTsconfig: boolean;
  readonly lockFile: 'npm' | 'pnpm' | 'yarn' | undefined;
}

/** What the starter files depend on. */
export interface Project {
  readonly starter: Starter;
  /** The ending of a client module that Node takes for an ES module here. */
  readonly ending: 'ts' | 'mts' | 'js' | 'mjs';
  /** Installs what package.json names; undefined without one. */
  readonly install: string | undefined;
  /** Whether quotalab is among the packages. */
  readonly hasQuotalab: boolean;
}

/** The package of each starter, the more particular first: the AI SDK and LangChain bring openai with them. */
const PACKAGES: readonly (readonly [starter: Starter, packages: readonly string[]])[] = [
  ['ai-sdk', ['@ai-sdk/openai']],
  ['langchain', ['@langchain/openai']],
  ['openai', ['openai']],
  ['anthropic', ['@anthropic-ai/sdk']],
  ['google-genai', ['@google/genai']],
];

const INSTALLS = { npm: 'npm ci', pnpm: 'pnpm install --frozen-lockfile', yarn: 'yarn install --frozen-lockfile' };

/** Returns what a project is made of. Files that cannot be parsed count as empty: the tools they are for tell what is wrong. */
export function detectProject({ packageJson, pythonFiles, hasTsconfig, lockFile }: ProjectFiles): Project {
  const { type, dependencies, devDependencies } = parseObject(packageJson);
  const names = [dependencies, devDependencies].flatMap((group) => Object.keys(Object(group) as object));
  const found = PACKAGES.find(([, packages]) => packages.some((name) => names.includes(name)))?.[0];
  const isPython = packageJson === undefined && pythonFiles.length > 0;
  const isModule = type === 'module';
  const language = hasTsconfig || names.includes('typescript') ? 'ts' : 'js';
  return {
    starter: found ?? (isPython ? 'python' : 'fetch'),
    ending: isModule ? language : `m${language}`,
    install: packageJson === undefined ? undefined : lockFile === undefined ? 'npm install' : INSTALLS[lockFile],
    hasQuotalab: names.includes('quotalab'),
  };
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text ?? '{}')) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
