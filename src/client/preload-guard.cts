// Plain JavaScript that every version of Node can parse: loaded into programs that a client starts, whatever their Node is.
const { emitWarning } = process;
// Node may call `require` of a module experimental; that is not for the program's output.
process.emitWarning = () => undefined;
try {
  require(__filename.endsWith('.cts') ? './preload-guard.ts' : './preload-guard.js');
} catch {
  // This version of Node cannot load the guard. The program still gets proxy variables.
} finally {
  process.emitWarning = emitWarning;
}
