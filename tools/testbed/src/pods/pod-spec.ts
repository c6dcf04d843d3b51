/**
 * As much of a Pod as this room runs. Names and meanings are those of the Kubernetes API; what an
 * API server has filled in (modes, audiences, periods) is relied upon, as kubelets do.
 */

/** A Pod as the API server gives it. */
export interface Pod {
  readonly metadata: PodMetadata;
  readonly spec: PodSpec;
  readonly status?: { readonly phase?: string; readonly startTime?: string };
}

/** Who a pod is. */
export interface PodMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Present once it is to go. */
  readonly deletionTimestamp?: string;
  /** Seconds from that time until it is killed. */
  readonly deletionGracePeriodSeconds?: number;
}

/** What a pod is to be. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly serviceAccountName?: string;
  readonly restartPolicy?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly securityContext?: PodSecurityContext;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  /** @defaultValue true */
  readonly enableServiceLinks?: boolean;
  /** Seconds. @defaultValue 30 */
  readonly terminationGracePeriodSeconds?: number;
}

/** As whom the containers of a pod run. */
export interface PodSecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly fsGroup?: number;
  readonly supplementalGroups?: readonly number[];
}

/** One container of a pod. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly securityContext?: ContainerSecurityContext;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: {
    readonly postStart?: object;
    readonly preStop?: { readonly sleep?: { readonly seconds: number } };
  };
}

/** What wins over the pod's. */
export interface ContainerSecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly runAsNonRoot?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly privileged?: boolean;
}

/** One variable of a container's environment. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: KeyRef;
    readonly secretKeyRef?: KeyRef;
    readonly fieldRef?: { readonly fieldPath: string };
    readonly resourceFieldRef?: object;
  };
}

/** One key of a ConfigMap or Secret. */
export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

/** All keys of a ConfigMap or Secret as variables. */
export interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name: string; readonly optional?: boolean };
}

/** Where a volume is seen in a container. */
export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  readonly subPathExpr?: string;
}

/** One volume of a pod: a name, and one source. */
export interface Volume {
  readonly name: string;
  readonly configMap?: NamedSource & { readonly defaultMode?: number };
  readonly secret?: Omit<NamedSource, 'name'> & {
    readonly secretName?: string;
    readonly defaultMode?: number;
  };
  readonly downwardAPI?: DownwardSource & { readonly defaultMode?: number };
  readonly projected?: {
    readonly sources?: readonly ProjectedSource[];
    readonly defaultMode?: number;
  };
  readonly emptyDir?: object;
  readonly persistentVolumeClaim?: { readonly claimName: string; readonly readOnly?: boolean };
}

/** A ConfigMap or Secret, whole or some of its keys. */
export interface NamedSource {
  readonly name?: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

/** Which file a key becomes. */
export interface KeyToPath {
  readonly key: string;
  readonly path: string;
  readonly mode?: number;
}

/** Facts of the pod itself as files. */
export interface DownwardSource {
  readonly items?: readonly {
    readonly path: string;
    readonly mode?: number;
    readonly fieldRef?: { readonly fieldPath: string };
    readonly resourceFieldRef?: object;
  }[];
}

/** One of the sources that a projected volume puts together. */
export interface ProjectedSource {
  readonly configMap?: NamedSource;
  readonly secret?: NamedSource;
  readonly downwardAPI?: DownwardSource;
  readonly serviceAccountToken?: TokenSource;
}

/** A token of the pod's service account. */
export interface TokenSource {
  readonly path: string;
  /** @defaultValue the API server's own */
  readonly audience?: string;
  /** @defaultValue 3600 */
  readonly expirationSeconds?: number;
}

/** A question to a container. */
export interface Probe {
  readonly httpGet?: {
    readonly path?: string;
    /** A number, or the name of one of the container's ports. */
    readonly port: number | string;
    readonly scheme?: string;
    readonly host?: string;
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
  };
  readonly tcpSocket?: { readonly port: number | string };
  readonly exec?: object;
  readonly grpc?: object;
}

/** Where a pod runs: known to whoever runs it, not written by whoever asks for it. */
export interface PodPlace {
  readonly nodeName: string;
  readonly hostIP: string;
  readonly podIP: string;
}
