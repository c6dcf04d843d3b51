/**
 * `$(NAME)` in commands, arguments and values of variables:
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */

/** Replaces what `values` knows, leaves alone what it does not; `$$` is a `$`. */
export function expandReferences(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (values[name] ?? whole),
  );
}
