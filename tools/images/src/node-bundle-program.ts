/**
 * One program with all that it imports as a handful of files, by esbuild. Imports that the program
 * makes when it needs them stay apart, in files of their own.
 */
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What to bundle, and where to. */
export interface BundleOptions {
  /** Root of the workspace. */
  readonly root: string;
  /** Folder of the app in it. */
  readonly room: string;
  /** Absolute path of the folder to write into; `main.js` is the program. */
  readonly outDirectory: string;
}

/** What a bundle came to. */
export interface Bundle {
  /** Every module that has code in it, as a path from the root. */
  readonly modules: readonly string[];
}

/**
 * All that is imported and not in the bundle: drivers that knex would load if it were asked for such
 * a database, which it never is.
 */
export const optionalDrivers: readonly string[] = [
  'better-sqlite3',
  'mariadb',
  'mysql',
  'oracledb',
  'pg-native',
  'pg-query-stream',
  'sqlite3',
  'tedious',
];

/** The image has no `env`. One argument only: that is all that Linux passes on. */
const shebang = '#!/usr/local/bin/node --disable-warning=ExperimentalWarning\n';

/** CommonJS packages in an ES module still call `require` for what Node itself has. */
const requireOfOurOwn = [
  "import { createRequire as createRequireOfFairlead } from 'node:module';",
  'const require = createRequireOfFairlead(import.meta.url);',
].join('');

/**
 * Bundles a program.
 *
 * @throws what esbuild throws when a module is missing
 */
export async function bundleProgram(options: BundleOptions): Promise<Bundle> {
  const { metafile } = await build(buildOptions(options));
  const main = join(options.outDirectory, 'main.js');
  const text = await readFile(main, 'utf8');
  await writeFile(main, text.replace(/^#!.*\n/, shebang));
  await chmod(main, 0o755);
  return { modules: modulesOf(metafile) };
}

function buildOptions({ root, room, outDirectory }: BundleOptions) {
  return {
    absWorkingDir: root,
    entryPoints: [join(root, room, 'src/main.ts')],
    outdir: outDirectory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions: ['@fairlead/source'],
    external: optionalDrivers.flatMap((name) => [name, `${name}/*`]),
    banner: { js: requireOfOurOwn },
    minify: true,
    // Names of classes and functions are in logs and stack traces.
    keepNames: true,
    // They are all in a file of their own.
    legalComments: 'none',
    plugins: [kubernetesLibraryIsPure],
    metafile: true,
    logLevel: 'error',
  } as const satisfies BuildOptions;
}

/**
 * `@kubernetes/client-node` does not say that importing its modules changes nothing; only its
 * credentials are used. Without this each bundle would hold the models of the whole Kubernetes API,
 * 3 MB.
 */
const kubernetesLibraryIsPure: Plugin = {
  name: 'kubernetes-library-is-pure',
  setup(esbuild) {
    const marked = Symbol('resolved here');
    esbuild.onResolve({ filter: /^@kubernetes\/client-node$|^\./ }, async (request) => {
      const { path, importer, kind, resolveDir } = request;
      const isOurs = !path.startsWith('.') || importer.includes('@kubernetes/client-node/dist');
      if (!isOurs || request.pluginData === marked) return undefined;
      const resolved = await esbuild.resolve(path, {
        importer,
        kind,
        resolveDir,
        pluginData: marked,
      });
      return { ...resolved, sideEffects: false };
    });
  },
};

function modulesOf({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return [...new Set(used.map(([path]) => path))].sort();
}
