// The models of what an application consists of: Deployment, ReplicaSet, Pod. Sizes and members
// are those of a small real application (a Pod is about 3 KB, a quarter of it managedFields).
import { type JsonObject, type JsonValue } from '../json-value.ts';
import { SEEDED_AT } from './object-template.ts';

const image = 'registry.example.com/{{app}}:{{tag}}';

/** `metadata.managedFields` with one writer and as many fields as are named. */
export function managedBy(manager: string, fields: readonly string[]): JsonValue {
  const below: JsonObject = {};
  for (const field of fields) {
    below[`f:${field}`] = { '.': {}, 'f:name': {}, 'f:value': {}, 'f:type': {} };
  }
  return [
    {
      manager,
      operation: 'Update',
      apiVersion: 'v1',
      time: SEEDED_AT,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:spec': below },
    },
  ];
}

/** `metadata.ownerReferences` with one controller. */
function ownedBy(apiVersion: string, kind: string): JsonValue {
  return [
    {
      apiVersion,
      kind,
      name: '{{owner}}',
      uid: '{{ownerUid}}',
      controller: true,
      blockOwnerDeletion: true,
    },
  ];
}

const labels = { app: '{{app}}', 'app.kubernetes.io/name': '{{app}}', tier: 'backend' };

const container: JsonObject = {
  name: 'main',
  image,
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  env: [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'HTTP_PORT', value: '8080' },
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
  ],
  resources: {
    limits: { cpu: '500m', memory: '512Mi' },
    requests: { cpu: '100m', memory: '128Mi' },
  },
  livenessProbe: {
    httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
    initialDelaySeconds: 10,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  },
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
};

const podSpec: JsonObject = {
  containers: [container],
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  serviceAccountName: 'default',
  schedulerName: 'default-scheduler',
};

const template = {
  metadata: { labels: { ...labels, 'pod-template-hash': '{{hash}}' } },
  spec: podSpec,
};

/** A Deployment with three replicas. */
export const deploymentModel: JsonObject = {
  metadata: {
    namespace: '',
    generation: 2,
    creationTimestamp: SEEDED_AT,
    labels,
    annotations: { 'deployment.kubernetes.io/revision': '2' },
    managedFields: managedBy('kube-controller-manager', ['replicas', 'selector', 'template']),
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: '{{app}}' } },
    template: { metadata: { labels }, spec: podSpec },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  status: {
    observedGeneration: 2,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    conditions: [
      condition('Available', 'MinimumReplicasAvailable'),
      condition('Progressing', 'NewReplicaSetAvailable'),
    ],
  },
};

/** A ReplicaSet of that Deployment. */
export const replicaSetModel: JsonObject = {
  metadata: {
    namespace: '',
    generation: 1,
    creationTimestamp: SEEDED_AT,
    labels: { ...labels, 'pod-template-hash': '{{hash}}' },
    annotations: {
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/revision': '2',
    },
    ownerReferences: ownedBy('apps/v1', 'Deployment'),
    managedFields: managedBy('kube-controller-manager', ['replicas', 'selector', 'template']),
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: '{{app}}', 'pod-template-hash': '{{hash}}' } },
    template,
  },
  status: {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    observedGeneration: 1,
  },
};

/** A running Pod of that ReplicaSet. */
export const podModel: JsonObject = {
  metadata: {
    generateName: '{{owner}}-',
    namespace: '',
    creationTimestamp: SEEDED_AT,
    labels: { ...labels, 'pod-template-hash': '{{hash}}' },
    annotations: { 'example.com/remark': 'größer als nötig ✓' },
    ownerReferences: ownedBy('apps/v1', 'ReplicaSet'),
    managedFields: managedBy('kubelet', [
      'containers',
      'dnsPolicy',
      'restartPolicy',
      'schedulerName',
      'volumes',
    ]),
  },
  spec: {
    volumes: [
      {
        name: 'kube-api-access',
        projected: {
          sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }],
          defaultMode: 420,
        },
      },
    ],
    ...podSpec,
    nodeName: '{{node}}',
    tolerations: [
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ],
    priority: 0,
    enableServiceLinks: true,
  },
  status: {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: type === 'PodScheduled' ? '{{time}}' : SEEDED_AT,
    })),
    hostIP: '10.0.0.1',
    podIP: '10.1.{{ip}}',
    startTime: SEEDED_AT,
    containerStatuses: [
      {
        name: 'main',
        state: { running: { startedAt: SEEDED_AT } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image,
        imageID:
          'registry.example.com/{{app}}@sha256:6b1f6ad2e6d7a4ff1f1c7e5d0b7a9ad2d4f0d9c7b2a4f3c6',
        containerID: 'containerd://{{uid}}',
        started: true,
      },
    ],
    qosClass: 'Burstable',
  },
};

function condition(type: string, reason: string): JsonObject {
  return {
    type,
    status: 'True',
    lastUpdateTime: SEEDED_AT,
    lastTransitionTime: type === 'Progressing' ? '{{time}}' : SEEDED_AT,
    reason,
    message: `Deployment "{{app}}" is ${reason}.`,
  };
}
