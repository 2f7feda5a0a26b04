/*
 * Builds the suite into generated/ and dist/: code from the schema, Relay's artifacts, one bundle
 * for each script that runs in Node, one for the page.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transformAsync } from '@babel/core';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const run = promisify(execFile);
const tool = (name, ...args) => run(join(root, 'node_modules/.bin', name), args, { cwd: root });

const common = {
  absWorkingDir: root,
  bundle: true,
  target: 'es2022',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"development"', 'globalThis.__DEV__': 'true' },
  logLevel: 'warning',
};

const scripts = ['apollo', 'relay', 'urql'].flatMap((client) =>
  ['walk', 'outage', 'failing'].map((script) => `${client}/${script}.ts`),
);
scripts.push('apollo/cache.ts', 'urql/cache.ts', 'relay/below.tsx', 'relay/refetch.tsx');

/** What babel-plugin-relay does to the graphql tags of Relay's part; esbuild does the rest. */
const relay = {
  name: 'relay',
  setup(esbuild) {
    const plugins = [
      ['relay', { artifactDirectory: join(root, 'generated/relay'), eagerEsModules: true }],
    ];
    esbuild.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
      if (!path.startsWith(join(root, 'relay'))) return undefined;
      const options = {
        filename: path,
        babelrc: false,
        configFile: false,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        plugins,
      };
      return {
        contents: (await transformAsync(await readFile(path, 'utf8'), options)).code,
        loader: 'tsx',
      };
    });
  },
};

await Promise.all([
  rm(join(root, 'generated'), { recursive: true, force: true }),
  rm(join(root, 'dist'), { recursive: true, force: true }),
]);
await mkdir(join(root, 'generated/relay'), { recursive: true });
await Promise.all([tool('graphql-codegen', '--config', 'codegen.ts'), tool('relay-compiler')]);
await Promise.all([
  build({
    ...common,
    entryPoints: scripts,
    external: ['happy-dom'],
    plugins: [relay],
    outdir: 'dist',
    outbase: '.',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  }),
  build({
    ...common,
    entryPoints: ['page/index.tsx'],
    outdir: 'dist/page',
    platform: 'browser',
    format: 'esm',
  }),
]);
