/** The tokens of one pod's service account: asked for when first needed, and before they expire. */
import type { KubeServer } from '../kube-server.ts';
import { TestbedError } from '../testbed-error.ts';
import type { Pod, TokenSource } from './pod-spec.ts';

interface HeldToken {
  readonly token: string;
  readonly renewAtMs: number;
}

/** Kubelets ask anew when this much of a token's life is over. */
const renewalShare = 0.8;
const defaultLifeSeconds = 3600;

/** Tokens are bound to the pod: they are worth nothing once it is gone. */
export class ServiceAccountTokens {
  readonly #kube: Pick<KubeServer, 'request'>;
  readonly #pod: Pod;
  readonly #held = new Map<string, HeldToken>();

  constructor(kube: Pick<KubeServer, 'request'>, pod: Pod) {
    this.#kube = kube;
    this.#pod = pod;
  }

  /**
   * Makes sure that there is a token for each source, and none that is about to expire.
   *
   * @throws TestbedError `requestFailed` when the API server refuses
   */
  async prepare(sources: readonly TokenSource[]): Promise<void> {
    for (const source of sources) {
      const held = this.#held.get(keyOf(source));
      if (held && Date.now() < held.renewAtMs) continue;
      this.#held.set(keyOf(source), await this.#request(source));
    }
  }

  /** Forgets all of them, so that the next `prepare` asks anew. */
  expire(): void {
    this.#held.clear();
  }

  /** The token that `prepare` has made sure of. */
  tokenOf(source: TokenSource): string {
    const held = this.#held.get(keyOf(source));
    if (held) return held.token;
    throw new TestbedError('startFailed', `nobody has asked for the token ${source.path}`);
  }

  async #request({ audience, expirationSeconds }: TokenSource): Promise<HeldToken> {
    const { metadata, spec } = this.#pod;
    const account = `serviceaccounts/${spec.serviceAccountName ?? 'default'}`;
    const seconds = expirationSeconds ?? defaultLifeSeconds;
    const { status, body } = await this.#kube.request({
      method: 'POST',
      path: `/api/v1/namespaces/${metadata.namespace}/${account}/token`,
      body: {
        ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' },
        spec: {
          expirationSeconds: seconds,
          ...(audience === undefined ? {} : { audiences: [audience] }),
          boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: metadata.name, uid: metadata.uid },
        },
      },
    });
    if (status >= 300) {
      throw new TestbedError('requestFailed', `no token for ${account}: ${String(status)}`);
    }
    const { token } = (body as { readonly status: { readonly token: string } }).status;
    return { token, renewAtMs: Date.now() + seconds * 1_000 * renewalShare };
  }
}

function keyOf({ audience = '', expirationSeconds = defaultLifeSeconds }: TokenSource): string {
  return `${String(expirationSeconds)} ${audience}`;
}
