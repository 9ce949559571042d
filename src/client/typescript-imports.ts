import { existsSync, readFileSync, statSync } from 'node:fs';
import { type LoadFnOutput, registerHooks, stripTypeScriptTypes } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { tsconfigTargets } from './tsconfig-paths.ts';

const TYPESCRIPT = /\.[cm]?ts$/;

/**
 * Lets this thread import TypeScript as TypeScript's own tools do: inside `node_modules`, where Node strips no types (the
 * bundled scenarios are there once the package is installed); with enums, namespaces and parameter properties; without file
 * endings or with those of the compiled file; and by the `paths` of a tsconfig.json. What Node finds itself is left to it.
 */
export function allowTypeScriptImports(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        const file = NOT_FOUND.includes(codeOf(error)) ? findSource(specifier, context.parentURL) : undefined;
        if (file === undefined) throw error;
        return nextResolve(pathToFileURL(file).href, context);
      }
    },
    load(url, context, nextLoad) {
      if (!url.startsWith('file:')) return nextLoad(url, context);
      const [path = url] = url.split(/[?#]/);
      if (UNDECIDED.test(path) && !path.includes('/node_modules/')) {
        const loaded = nextLoad(url, context);
        return transformed(url, asModule(url, loaded));
      }
      if (!TYPESCRIPT.test(path)) return nextLoad(url, context);
      if (path.includes('/node_modules/')) {
        const source = toJavaScript(readFileSync(fileURLToPath(url), 'utf8'));
        return { format: path.endsWith('.cts') ? 'commonjs' : 'module', source, shortCircuit: true };
      }
      return transformed(url, nextLoad(url, context));
    },
  });
}

const NOT_FOUND = ['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT', 'MODULE_NOT_FOUND'];

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code);
}

/** May also match text; it decides only whether the source is looked at. */
const NEEDS_TRANSFORM = /\b(?:enum|namespace|module)\s+[\w.]+\s*\{|\bconstructor\s*\(|\bimport\s+\w+\s*=/;
const DECORATOR = /^\s*@[A-Za-z_$][\w$.]*(?:\(|\s*$|\s+(?:export|class|abstract|async|static|get|set|\w+\())/m;

/** The first file with a decorator that this thread has loaded, by the look of it: Node says only that its syntax is wrong. */
let decorated: string | undefined;

/** Returns the first file with a decorator among those that this thread has loaded. */
export function findDecorated(): string | undefined {
  return decorated;
}

/** Files of which the nearest package.json decides what they are. */
const UNDECIDED = /\.[jt]s$/;
const MODULE_SYNTAX = /^\s*(?:import\b(?!\s*[(.])|export\b)/m;

/**
 * `npm init` writes `"type": "commonjs"`, under which Node refuses the syntax that TypeScript and every SDK's manual use. What is
 * no CommonJS by its syntax is loaded as a module.
 */
function asModule(url: string, loaded: LoadFnOutput): LoadFnOutput {
  const { format } = loaded;
  if (format !== 'commonjs' && format !== 'commonjs-typescript') return loaded;
  const source = readFileSync(fileURLToPath(url), 'utf8');
  if (!MODULE_SYNTAX.test(source) || isCommonJs(format === 'commonjs' ? source : toJavaScript(source))) return loaded;
  return { ...loaded, format: format.replace('commonjs', 'module'), source };
}

/** The expression may have matched text; the parser knows. */
function isCommonJs(source: string): boolean {
  try {
    new Script(`(function () {${source}\n})`);
    return true;
  } catch (error) {
    return !MODULE_ONLY.test(String(error));
  }
}

const MODULE_ONLY = /Cannot use import statement|Unexpected token 'export'|Cannot use 'import.meta'/;

/** Node strips types itself, and caches the result; only syntax that it would refuse is transformed here. */
function transformed(url: string, loaded: LoadFnOutput): LoadFnOutput {
  const { format, source } = loaded;
  if (source === undefined || source === null || !format?.endsWith('-typescript')) return loaded;
  const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
  if (DECORATOR.test(text)) decorated ??= fileURLToPath(url);
  if (!NEEDS_TRANSFORM.test(text)) return loaded;
  return { ...loaded, format: format.replace('-typescript', ''), source: toJavaScript(text), shortCircuit: true };
}

function toJavaScript(source: string): string {
  const { emitWarning } = process;
  // What is experimental in Node is no news of a run.
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } catch (error) {
    if (codeOf(error) !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw error;
    return stripTypeScriptTypes(source, { mode: 'transform', sourceMap: true });
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Returns the file that TypeScript or a bundler would take for an import that Node does not find. */
function findSource(specifier: string, parentUrl: string | undefined): string | undefined {
  if (!parentUrl?.startsWith('file:')) return undefined;
  const parent = fileURLToPath(parentUrl);
  const isPath = /^(?:\.{0,2}\/|file:)/.test(specifier);
  const targets = isPath ? [toPath(specifier, parent)] : tsconfigTargets(specifier, dirname(parent));
  return targets.flatMap(sourcesFor).find((file) => existsSync(file) && statSync(file).isFile());
}

function toPath(specifier: string, parent: string): string {
  return specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(dirname(parent), specifier);
}

const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];

function sourcesFor(path: string): string[] {
  const compiled = /\.([cm]?)jsx?$/.exec(path);
  return [
    path,
    ...(compiled ? [path.slice(0, compiled.index) + `.${compiled[1]}ts`] : []),
    ...ENDINGS.map((ending) => path + ending),
    ...ENDINGS.map((ending) => `${path}/index${ending}`),
  ];
}
