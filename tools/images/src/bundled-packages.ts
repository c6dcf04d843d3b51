/** Which packages the modules of a bundle belong to. Pure: paths in, folders out. */

/**
 * The folders of the packages that have code in a bundle, sorted: below `node_modules` the
 * innermost package, else the room.
 *
 * @param modules - paths from the root of the workspace, as the bundler names them
 */
export function packageFolders(modules: readonly string[]): readonly string[] {
  return [...new Set(modules.map(packageFolder))].sort();
}

function packageFolder(module: string): string {
  const parts = module.split('/');
  const innermost = parts.lastIndexOf('node_modules');
  if (innermost < 0) return parts.slice(0, 2).join('/');
  const isScoped = parts[innermost + 1]?.startsWith('@') ?? false;
  return parts.slice(0, innermost + (isScoped ? 3 : 2)).join('/');
}
