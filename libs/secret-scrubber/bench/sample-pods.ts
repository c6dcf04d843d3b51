/** Pods as an API server prints them, about 3 KB each, a sixth of it `managedFields`. */

/** One Pod; all but names, ids and counters is the same. */
export function samplePod(index: number): object {
  const name = `checkout-${String(index % 97)}-7d4f9c6b8d-${index.toString(36).padStart(5, 'x')}`;
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: metadataOf(name, index),
    spec: specOf(index),
    status: statusOf(index),
  };
}

/** A list body of that many Pods; its items name no kind, as those of built-in types. */
export function samplePodList(count: number): Buffer {
  const items = Array.from({ length: count }, (_, index) => {
    const { metadata, spec, status } = samplePod(index) as Record<string, unknown>;
    return { metadata, spec, status };
  });
  const metadata = { resourceVersion: '918273', continue: '' };
  return Buffer.from(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items }));
}

/** A watch body of that many changes. */
export function samplePodWatch(count: number): Buffer {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ type: 'MODIFIED', object: samplePod(index) }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

function metadataOf(name: string, index: number): object {
  return {
    name,
    generateName: name.slice(0, -5),
    namespace: `team-${String(index % 23)}`,
    uid: `0f3c1a52-7e0b-4c6e-9d2f-${index.toString(16).padStart(12, '0')}`,
    resourceVersion: String(900_000 + index),
    creationTimestamp: '2026-03-01T09:30:00Z',
    labels: { app: 'checkout', 'app.kubernetes.io/managed-by': 'spinnaker', tier: 'web' },
    annotations: {
      'moniker.spinnaker.io/application': 'checkout',
      'artifact.spinnaker.io/name': 'checkout',
      'example.com/owner': 'Zoë from payments',
    },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: name.slice(0, -6),
        uid: '1b0f6c8e-45d8-4a57-8c3f-0a6f4f1e2d3c',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
    managedFields: [
      {
        manager: 'kube-controller-manager',
        operation: 'Update',
        apiVersion: 'v1',
        time: '2026-03-01T09:30:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:ownerReferences': { '.': {} } },
          'f:spec': {
            'f:containers': {
              'k:{"name":"app"}': { '.': {}, 'f:env': {}, 'f:image': {}, 'f:resources': {} },
            },
            'f:dnsPolicy': {},
            'f:restartPolicy': {},
          },
        },
      },
    ],
  };
}

function specOf(index: number): object {
  return {
    volumes: [
      {
        name: 'kube-api-access-x7k2p',
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            {
              configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
            },
          ],
          defaultMode: 420,
        },
      },
    ],
    containers: [
      {
        name: 'app',
        image: `registry.example.com/checkout:${String(1000 + (index % 50))}`,
        args: ['--listen=:8080', '--log-level=info'],
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env: [
          { name: 'REGION', value: 'eu-west-1' },
          { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        ],
        resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '100m' } },
        readinessProbe: { httpGet: { path: '/ready', port: 8080, scheme: 'HTTP' } },
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'checkout',
    nodeName: `node-${String(index % 300)}.eu-west-1.compute.internal`,
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
  };
}

function statusOf(index: number): object {
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: '2026-03-01T09:30:07Z',
  }));
  const podIP = `10.${String(index % 200)}.3.${String(index % 250)}`;
  return {
    phase: 'Running',
    conditions,
    hostIP: '10.0.7.12',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: '2026-03-01T09:30:00Z',
    containerStatuses: [
      {
        name: 'app',
        state: { running: { startedAt: '2026-03-01T09:30:05Z' } },
        ready: true,
        restartCount: index % 4,
        containerID: `containerd://${'5e1f0a9c7b3d'.repeat(5)}${String(index).padStart(4, '0')}`,
        started: true,
      },
    ],
    qosClass: 'Burstable',
  };
}
