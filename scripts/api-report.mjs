// Writes docs/api.txt: every declaration that the package's entry points export, as the emitted .d.ts files have it,
// without comments and private members. Reviewed with every change of the public surface.
//
//   npm run api                                build, then write the report
//   node scripts/api-report.mjs --stdout       print it instead, from dist as it is
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = new URL('..', import.meta.url);
const { name: packageName, exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** Entry points in the order of package.json, the package's own name last: it only shows again what the rooms export. */
const entryPoints = Object.entries(exports)
  .filter(([, target]) => target.types !== undefined)
  .map(([path, target]) => ({
    name: packageName + path.slice(1),
    file: fileURLToPath(new URL(target.types, root)),
  }))
  .sort((a, b) => Number(a.name === packageName) - Number(b.name === packageName));
const missing = entryPoints.find(({ file }) => !existsSync(file));
if (missing !== undefined) {
  console.error(`api-report: ${missing.name} is not built (${missing.file}): npm run build`);
  process.exit(1);
}

const program = ts.createProgram(
  entryPoints.map(({ file }) => file),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });
/** Where a declaration was shown first. */
const shown = new Map();

const sections = entryPoints.map(({ name, file }) => {
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)));
  const sorted = [...exported].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [`## ${name}`, ...sorted.map(symbol => describe(symbol, name))].join('\n\n');
});
const report = `# Public declarations of ${packageName}: written by npm run api, compared in test/package\n\n${sections.join('\n\n')}\n`;
if (process.argv.includes('--stdout')) process.stdout.write(report);
else writeFileSync(new URL('docs/api.txt', root), report);

function describe(symbol, entryPoint) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const first = shown.get(target);
  if (first !== undefined) return `${symbol.name}: see ${first}`;
  shown.set(target, entryPoint);
  const renamed = target.name === symbol.name ? '' : `${symbol.name}: `;
  return renamed + (target.declarations ?? []).map(printed).join('\n');
}

function printed(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const file = statement.getSourceFile();
  const text = printer.printNode(ts.EmitHint.Unspecified, withoutPrivateParts(statement), file);
  return text.replace(/^export (declare )?/, '').replaceAll('\r\n', '\n');
}

function withoutPrivateParts(node) {
  if (!ts.isClassDeclaration(node)) return node;
  const open = node.members.filter(member => {
    if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
    return !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private);
  });
  const { modifiers, name, typeParameters, heritageClauses } = node;
  return ts.factory.createClassDeclaration(modifiers, name, typeParameters, heritageClauses, open);
}
