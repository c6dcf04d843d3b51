# {{ chart.name }}

{{ chart.description }}

Version {{ chart.version }} of the chart, for version {{ chart.appVersion }} of the agent, Helm 3 or 4, Kubernetes 1.25 or newer.

```console
helm install fairlead charts/fairlead-agent --namespace fairlead --create-namespace \
  --set account.name=prod-eu --set bridge.address=bridge.example:9091 --set bridge.token=...
```

That is all for a cluster whose objects Spinnaker shall see; `--set rbac.access=full` lets it deploy as well.
[docs/installing.md](../../docs/installing.md) tells of the three modes, of upgrades and of what is left after an uninstall.

- The configuration is a ConfigMap, mounted as a directory: an edit is followed without a restart. What the agent reads
  at its start alone (`agent`, `tasks`, `server`, `prometheus`) rolls the pods.
- The token is a file from a Secret, read for each connection: a new one needs no restart.
  `bridge.serviceAccountToken.enabled` does without one.
- There is no autoscaler: one pod feeds an account and the others stand by, so more pods are no more speed. Clusters are
  divided by releases.
- What the agent may do follows from the accounts: the kinds they follow, their namespaces, and `rbac.access`.
- The pods pass the pod standard `restricted`.

Values of Armory's chart `agent-k8s-full`, and what they are here:

| there                              | here                                                                        |
| ---------------------------------- | --------------------------------------------------------------------------- |
| `agentyml`, `config.*`             | the same                                                                    |
| `config.clouddriver.grpc`          | the same, or `bridge.address`                                               |
| `config.kubernetes.accounts`       | the same; in mode `agent` they have `serviceAccount: true` unless they differ |
| `kubeconfigs.NAME.file`, `.secret` | the same, with `mode: infrastructure`                                       |
| `env`                              | `extraEnv`                                                                  |
| `podResources`                     | `resources`                                                                 |
| `image.imagePullPolicy`, `image.imagePullSecrets` | `image.pullPolicy`, `imagePullSecrets`                       |
| `hub.*`                            | nothing: there is no hosted hub                                             |

## Values

{{ values }}
