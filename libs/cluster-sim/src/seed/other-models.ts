// The models of what stands around an application, and of what belongs to the cluster itself.
import { type JsonObject } from '../json-value.ts';
import { SEEDED_AT } from './object-template.ts';
import { managedBy } from './workload-models.ts';

const labels = { app: '{{app}}' };
const metadata: JsonObject = { namespace: '', creationTimestamp: SEEDED_AT, labels };

/** A Service in front of the pods. */
export const serviceModel: JsonObject = {
  metadata: { ...metadata, managedFields: managedBy('kubectl-create', ['ports', 'selector']) },
  spec: {
    ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }],
    selector: labels,
    clusterIP: '10.2.{{ip}}',
    clusterIPs: ['10.2.{{ip}}'],
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    internalTrafficPolicy: 'Cluster',
  },
  status: { loadBalancer: {} },
};

/** An Ingress to that Service. */
export const ingressModel: JsonObject = {
  metadata: { ...metadata, generation: 1 },
  spec: {
    ingressClassName: 'nginx',
    rules: [
      {
        host: '{{app}}.example.com',
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: '{{app}}', port: { number: 80 } } },
            },
          ],
        },
      },
    ],
  },
  status: { loadBalancer: {} },
};

/** A ConfigMap with a file in it. */
export const configMapModel: JsonObject = {
  metadata: { ...metadata, managedFields: managedBy('kubectl-create', ['data']) },
  data: {
    'application.yaml':
      'server:\n  port: 8080\nlogging:\n  level: info\nfeature:\n  greeting: "Grüße, {{app}}"\n  html: "<b>&amp;</b>"\n',
    revision: '{{tag}}',
  },
};

/** A Secret that was applied by kubectl: its data stands twice in it. */
export const secretModel: JsonObject = {
  metadata: {
    ...metadata,
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"apiVersion":"v1","data":{"password":"{{password}}","username":"{{username}}"},"kind":"Secret","metadata":{"annotations":{},"name":"{{name}}","namespace":"{{namespace}}"},"type":"Opaque"}\n',
    },
    managedFields: managedBy('kubectl-client-side-apply', ['data', 'type']),
  },
  data: { password: '{{password}}', username: '{{username}}' },
  type: 'Opaque',
};

/** An Event about a Pod. */
export const eventModel: JsonObject = {
  metadata: { namespace: '', creationTimestamp: SEEDED_AT },
  involvedObject: {
    kind: 'Pod',
    namespace: '{{namespace}}',
    name: '{{pod}}',
    uid: '{{podUid}}',
    apiVersion: 'v1',
  },
  reason: 'Started',
  message: 'Started container main',
  source: { component: 'kubelet', host: '{{node}}' },
  firstTimestamp: SEEDED_AT,
  lastTimestamp: SEEDED_AT,
  count: 1,
  type: 'Normal',
  eventTime: null,
  reportingComponent: 'kubelet',
  reportingInstance: '{{node}}',
};

const jobSpec: JsonObject = {
  parallelism: 1,
  completions: 1,
  backoffLimit: 6,
  template: {
    metadata: { labels },
    spec: {
      containers: [
        { name: 'job', image: 'registry.example.com/{{app}}:{{tag}}', args: ['--once'] },
      ],
      restartPolicy: 'OnFailure',
    },
  },
};

/** A CronJob. */
export const cronJobModel: JsonObject = {
  metadata: { ...metadata, generation: 1 },
  spec: {
    schedule: '*/15 * * * *',
    concurrencyPolicy: 'Forbid',
    suspend: false,
    jobTemplate: { metadata: {}, spec: jobSpec },
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  status: { lastScheduleTime: SEEDED_AT },
};

/** A Job of that CronJob. */
export const jobModel: JsonObject = {
  metadata: {
    ...metadata,
    ownerReferences: [
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        name: '{{owner}}',
        uid: '{{ownerUid}}',
        controller: true,
      },
    ],
  },
  spec: jobSpec,
  status: { startTime: SEEDED_AT, completionTime: SEEDED_AT, succeeded: 1 },
};

/** A Namespace. */
export const namespaceModel: JsonObject = {
  metadata: {
    creationTimestamp: SEEDED_AT,
    labels: { 'kubernetes.io/metadata.name': '{{name}}' },
  },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};

/** A Node. */
export const nodeModel: JsonObject = {
  metadata: {
    creationTimestamp: SEEDED_AT,
    labels: { 'kubernetes.io/hostname': '{{name}}', 'kubernetes.io/os': 'linux' },
  },
  spec: { podCIDR: '10.1.{{ip}}/24' },
  status: {
    capacity: { cpu: '8', memory: '32Gi', pods: '250' },
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        lastHeartbeatTime: SEEDED_AT,
        lastTransitionTime: '{{time}}',
        reason: 'KubeletReady',
      },
    ],
    nodeInfo: { kubeletVersion: 'v1.34.2', osImage: 'Linux', architecture: 'amd64' },
  },
};

/** A ClusterRole. */
export const clusterRoleModel: JsonObject = {
  metadata: { creationTimestamp: SEEDED_AT },
  rules: [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }],
};

/** The definition of CronTab, the custom type of Kubernetes' own documentation. */
export const cronTabDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    names: {
      plural: 'crontabs',
      singular: 'crontab',
      kind: 'CronTab',
      listKind: 'CronTabList',
      shortNames: ['ct'],
    },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
        additionalPrinterColumns: [{ name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' }],
      },
    ],
  },
};

/** A CronTab; `ticket` needs more than 53 bits. */
export const cronTabModel: JsonObject = {
  metadata: { ...metadata, generation: 1 },
  spec: {
    cronSpec: '* * * * */5',
    image: 'registry.example.com/{{app}}:{{tag}}',
    replicas: 1,
    ticket: '@@int64@@',
  },
};
