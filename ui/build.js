/*
 * Bundles GraphiQL into ../gateway/graphiql/assets: module scripts, worker scripts, one style sheet and its fonts, each
 * file with a hash of its content in its name, plus `manifest.json`, which tells the gateway the names for the page.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const outdir = join(root, '../gateway/graphiql/assets');

const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  minify: true,
  metafile: true,
  legalComments: 'none', // the full licences are written to licenses.txt instead
  target: 'es2022',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/** The file that a build wrote for an entry point whose path ends with `suffix`. */
function written(result, suffix) {
  const found = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint?.endsWith(suffix));
  if (!found) throw new Error(`the build wrote nothing for ${suffix}`);
  return found;
}

const WORKERS = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
};

async function buildWorkers() {
  const names = Object.keys(WORKERS);
  const result = await build({
    ...common,
    entryPoints: Object.entries(WORKERS).map(([out, path]) => ({ in: path, out: `${out}.worker` })),
    entryNames: '[name]-[hash]',
    format: 'iife',
  });
  const files = names.map((name) => [name, `./${basename(written(result, WORKERS[name])[0])}`]);
  return [result, Object.fromEntries(files)];
}

/** Gives the page its worker names, and takes Monaco's styles from GraphiQL's own sheet, which holds them already. */
const page = (workers) => ({
  name: 'page',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^contactgraph:workers$/ }, ({ path }) => ({ path, namespace: 'page' }));
    esbuild.onLoad({ filter: /^contactgraph:workers$/, namespace: 'page' }, () => ({
      contents: JSON.stringify(workers),
      loader: 'json',
    }));
    esbuild.onLoad({ filter: /monaco-editor\/.*\.css$/ }, () => ({ contents: '', loader: 'css' }));
    esbuild.onLoad({ filter: /graphiql\/dist\/style\.css$/ }, ({ path }) => ({
      contents: extractFonts(readFileSync(path, 'utf8')),
      loader: 'css',
    }));
    // Only subscriptions over a WebSocket need graphql-ws, and the gateway has none.
    esbuild.onResolve({ filter: /^graphql-ws$/ }, ({ path }) => ({ path, external: true }));
  },
});

/** Moves the fonts out of the style sheet, so that a browser loads only those it draws with. */
function extractFonts(css) {
  return css.replaceAll(/url\(data:font\/(\w+);base64,([^)]+)\)/g, (_, type, data) => {
    const bytes = Buffer.from(data, 'base64');
    const name = `font-${createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase()}.${type}`;
    writeFileSync(join(outdir, name), bytes);
    return `url(./${name})`;
  });
}

async function buildPage(workers) {
  return build({
    ...common,
    entryPoints: ['src/index.jsx'],
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    external: ['./font-*'],
    plugins: [page(workers)],
  });
}

/** The licence of every package that a file of the build came from. */
function licences(results) {
  const inputs = results.flatMap((result) => Object.values(result.metafile.outputs).flatMap((out) => Object.keys(out.inputs)));
  const folders = inputs.map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]).filter(Boolean);
  return [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)(\.\w+)?$/i.test(entry));
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
  });
}

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });
const [workersResult, workers] = await buildWorkers();
const pageResult = await buildPage(workers);
const [script, { cssBundle, imports }] = written(pageResult, 'src/index.jsx');
const preload = imports.filter(({ kind, external }) => kind === 'import-statement' && !external).map(({ path }) => basename(path));
writeFileSync(join(outdir, 'licenses.txt'), licences([workersResult, pageResult]).join(`\n${'-'.repeat(80)}\n\n`));
const manifest = { script: basename(script), style: basename(cssBundle), preload };
for (const name of [manifest.script, manifest.style, ...preload]) {
  if (!existsSync(join(outdir, name))) throw new Error(`${name} is missing from the build`);
}
writeFileSync(join(outdir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
