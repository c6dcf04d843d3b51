// The kubeconfig of a fleet: one cluster, one user and one context for each simulated cluster, all
// three under the cluster's name.

/** What a kubeconfig says about one cluster. */
export interface KubeconfigEntry {
  /** Name of cluster, user and context. */
  readonly name: string;
  /** Address of its API server. */
  readonly server: string;
  /** Bearer token; undefined for none. */
  readonly token?: string;
  /** The authority to trust (PEM); undefined for plain HTTP. */
  readonly ca?: string | undefined;
}

/** Prints a kubeconfig as YAML; the first cluster is the current context. */
export function printKubeconfig(entries: readonly KubeconfigEntry[]): string {
  const lines = ['apiVersion: v1', 'kind: Config'];
  lines.push(`current-context: ${entries[0]?.name ?? '""'}`, 'clusters:');
  for (const { name, server, ca } of entries) {
    lines.push(`  - name: ${name}`, '    cluster:', `      server: ${server}`);
    if (ca !== undefined) {
      lines.push(`      certificate-authority-data: ${Buffer.from(ca).toString('base64')}`);
    }
  }
  lines.push('users:');
  for (const { name, token } of entries) {
    lines.push(`  - name: ${name}`);
    lines.push(
      token === undefined ? '    user: {}' : `    user: { token: ${JSON.stringify(token)} }`,
    );
  }
  lines.push('contexts:');
  for (const { name } of entries) {
    lines.push(`  - name: ${name}`, `    context: { cluster: ${name}, user: ${name} }`);
  }
  return `${lines.join('\n')}\n`;
}
