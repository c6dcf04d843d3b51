/** Pods as agents send them, about 2.7 KB each: `managedFields` are left out, as by default. */

const startedAt = '2026-01-05T08:00:00Z';
const podsPerApplication = 100;

/** The bytes of that many Pods; each is a buffer of its own, as a stretch of a batch is. */
export function samplePods(count: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(JSON.stringify(samplePod(index))));
}

function samplePod(index: number): object {
  const app = `load-app-${Math.floor(index / podsPerApplication)}`;
  const owner = `${app}-5d8f9c7b6d`;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: metadataOf(index, app, owner),
    spec: specOf(app),
    status: statusOf(index, app),
  };
}

function metadataOf(index: number, app: string, owner: string): object {
  return {
    name: `${owner}-${index.toString(36).padStart(5, 'x')}`,
    generateName: `${owner}-`,
    namespace: `team-${Math.floor(index / podsPerApplication) % 23}`,
    uid: uidOf(index),
    resourceVersion: String(900_000 + index),
    creationTimestamp: startedAt,
    labels: {
      app,
      'app.kubernetes.io/name': app,
      'pod-template-hash': '5d8f9c7b6d',
      tier: 'backend',
    },
    annotations: { 'example.com/remark': 'größer als nötig ✓' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: owner,
        uid: '00000000-0000-4000-8000-00000000006c',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
}

function specOf(app: string): object {
  return {
    volumes: [
      {
        name: 'kube-api-access',
        projected: {
          sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }],
          defaultMode: 420,
        },
      },
    ],
    containers: [containerOf(app)],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    schedulerName: 'default-scheduler',
    nodeName: 'node-0',
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
  };
}

function containerOf(app: string): object {
  return {
    name: 'main',
    image: `registry.example.com/${app}:1.2`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'HTTP_PORT', value: '8080' },
      {
        name: 'POD_NAME',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
      },
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
}

function statusOf(index: number, app: string): object {
  return {
    phase: 'Running',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      ...{ type, status: 'True', lastProbeTime: null },
      lastTransitionTime: startedAt,
    })),
    hostIP: '10.0.0.1',
    podIP: `10.1.${index % 250}.4`,
    startTime: startedAt,
    containerStatuses: [
      {
        name: 'main',
        state: { running: { startedAt } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image: `registry.example.com/${app}:1.2`,
        imageID: `registry.example.com/${app}@sha256:${'6b1f6ad2e6d7a4ff'.repeat(4)}`,
        containerID: `containerd://${uidOf(index)}`,
        started: true,
      },
    ],
    qosClass: 'Burstable',
  };
}

function uidOf(index: number): string {
  return `0f3c1a52-7e0b-4c6e-9d2f-${index.toString(16).padStart(12, '0')}`;
}
