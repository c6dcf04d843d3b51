/** What a person may do with Helm and the chart in `helm-chart/`, in order. */
import { type Step } from './kubectl-script.ts';

/** All of it; `helm` is on the PATH. */
export const helmScript: readonly Step[] = [
  { command: 'helm lint helm-chart', says: /0 chart\(s\) failed/ },
  { command: 'helm install greet helm-chart --dry-run=server', says: /known: by-\w+/ },
  { command: 'helm install greet helm-chart --wait --timeout 60s', says: /STATUS: deployed/ },
  { command: 'helm install greet helm-chart', says: /cannot re-?use a name/, exit: 1 },
  { command: 'helm list', says: /greet\s+by-\w+\s+1/ },
  { command: 'helm status greet --show-resources', says: /deployment/i, lines: 'sorted' },
  { command: 'helm get manifest greet', says: /greeting: "hello"/ },
  { command: 'helm get values greet --all -o yaml', says: /replicas: 1/ },
  { command: 'helm test greet --logs', says: /tested/ },
  {
    command: 'helm upgrade greet helm-chart --set replicas=2,greeting=moin --wait --timeout 60s',
    says: /REVISION: 2/,
  },
  { command: 'kubectl get configmap greet -o jsonpath={.data.greeting}', says: /moin/ },
  {
    command: 'helm upgrade greet helm-chart --set tag=2 --atomic --timeout 60s',
    says: /REVISION: 3/,
  },
  { command: 'helm history greet --max 10', says: /superseded/ },
  { command: 'helm rollback greet 1 --wait --timeout 60s', says: /Rollback was a success/ },
  { command: 'kubectl get configmap greet -o jsonpath={.data}', says: /hello/ },
  { command: 'kubectl get deployment greet -o jsonpath={..image}', says: /greeter:1/ },
  { command: 'helm get hooks greet', says: /pre-install/ },
  { command: 'helm history greet -o yaml', says: /Rollback to 1/ },
  { command: 'helm template greet helm-chart --validate >/dev/null' },
  {
    command: 'helm upgrade greet helm-chart --set replicas=bad',
    exit: 1,
    says: /cannot unmarshal|replicas/,
  },
  { command: 'helm list --failed', says: /failed/ },
  { command: 'helm uninstall greet --wait --timeout 60s', says: /uninstalled/ },
  { command: 'helm list --all -q' },
  { command: 'helm status greet', exit: 1, says: /not found/ },
  { command: 'kubectl get deployments,configmaps,jobs -o name' },
];
