# {{ chart.name }}

{{ chart.description }} Version {{ chart.version }}, of the program {{ chart.appVersion }}; for Kubernetes 1.25 and newer, Helm 3 and 4.

```console
kubectl create namespace fairlead
kubectl -n fairlead create secret generic clouddriver-database --from-literal=url='postgres://clouddriver:PASSWORD@db:5432/clouddriver'
kubectl -n fairlead create secret generic fairlead-tokens --from-literal=agents="$(openssl rand -hex 32)" --from-literal=deck="$(openssl rand -hex 32)"
kubectl -n fairlead create secret tls fairlead-bridge-tls --cert=tls.crt --key=tls.key
helm install fairlead charts/fairlead-bridge --namespace fairlead --values charts/fairlead-bridge/ci/base-values.yaml
```

Values that make no sense together are refused, all at once and with what to do about each. Nothing is assumed about who gets in, how the ports are
encrypted, and where the cache is: those three must be said.

## What it makes

| object                                  | when                                     | for                                                                  |
| --------------------------------------- | ---------------------------------------- | -------------------------------------------------------------------- |
| Deployment                              | a database outside                       | bridges side by side, two by default                                 |
| StatefulSet with a volume               | `database.embedded.enabled`              | the one bridge with a database of its own                            |
| Service `spin-clouddriver-grpc`         | always                                   | agents: the address that they look for without being told            |
| Service of the release's name           | always                                   | API, gateway, console, metrics                                       |
| ConfigMap                               | always                                   | `bridge.yaml`                                                        |
| Secrets                                 | `database.url`, `token` of a rule        | the URL; tokens                                                      |
| ServiceAccount                          | `serviceAccount.create`                  | the pods, without a token where none is needed                       |
| ClusterRole and ClusterRoleBinding      | a rule with `serviceAccount.inCluster`   | `create` of `tokenreviews`, nothing else                             |
| Role and RoleBinding                    | `rbac.secretNames`                       | `get` of those Secrets                                               |
| PodDisruptionBudget                     | `podDisruptionBudget.enabled`            | one bridge away at a time                                            |
| HorizontalPodAutoscaler                 | `autoscaling.enabled`                    |                                                                      |
| NetworkPolicy                           | `networkPolicy.enabled`                  |                                                                      |
| Ingress; GRPCRoute, HTTPRoute, TLSRoute | `*.ingress.enabled`, `*.gateway.enabled` | agents and clients from outside                                      |
| Certificate                             | `tls.certManager.enabled`                | both ports, renewed without a restart                                |
| ServiceMonitor, PrometheusRule          | `metrics.*.enabled`                      | the Prometheus operator                                              |
| ConfigMaps with dashboards              | `metrics.dashboards.enabled`             | the sidecar of Grafana's chart                                       |
| Pod of `helm test`                      | `helm test`                              | `fairlead-bridge --check` with the configuration as the pods have it |

## Who gets in

The rules are those of [who gets in](../../docs/access.md), with Secrets in place of files:

```yaml
auth:
  agents:
    - existingSecret: fairlead-tokens # a token in a Secret, mounted as a file: changed without a restart
      existingSecretKey: team-a # `token` when it is not said
      accounts: ['team-a-*']
    - x509Subject: CN=agent-* # needs tls, and grpc.tls.clientAuth
      accounts: ['team-b-*']
    - serviceAccount: # of this cluster: the chart gives the bridge `create` on tokenreviews
        subject: system:serviceaccount:fairlead:agent
        audience: fairlead
        inCluster: true
      accounts: [here]
    - serviceAccount: # of another cluster, asked with a kubeconfig from a Secret
        subject: system:serviceaccount:fairlead:agent
        audience: fairlead
        existingSecret: prod-eu-kubeconfig # key `kubeconfig`, or existingSecretKey
      accounts: [prod-eu]
  clients:
    - name: people
      jwt:
        { issuer: 'https://idp.example', audience: fairlead, jwksUrl: 'https://idp.example/keys' }
      groups: [team-a]
      access: write
```

A Secret that is not there lets nobody in by its rule, and the bridge's log says so at its start; one that is deleted takes its token back.

`token` in place of `existingSecret` makes the Secret, for a first try: the token is then a value of the release. It never stands in the ConfigMap. A reference
to a secret engine (`encrypted:...`, see [secrets](../../docs/secrets.md)) may stand in place of `token`, of `tokenFile` and of `database.url`; `secretEngines` says where
they lead, and the chart lets the bridge read the Secrets of its namespace that references name.

## TLS

One certificate serves both ports: `tls.existingSecret`, or `tls.certManager` with an issuer; renewed files are followed. `grpc.tls.clientAuth` and
`http.tls.clientAuth` ask for certificates of agents and clients, signed by `tls.clientCa`, else by the `ca.crt` beside the ports' own certificate.
`grpc.insecure` and `http.insecure` are for something in front of the bridge that has the TLS ([proxies](../../docs/proxies.md)).

## An Ingress

An Ingress ends TLS, so rules by certificate do not apply behind it, and it must leave streams alone that live for months. For ingress-nginx, the
annotations of [`ci/ingress-values.yaml`](ci/ingress-values.yaml): `backend-protocol: GRPC` for agents, no limit for bodies, no buffering, read and send
timeouts above the heartbeats' 20 s, and `upstream-hash-by`, since a link and its tunnels must reach one bridge. An Ingress that encrypts
the way to the bridge as well says `GRPCS` and `HTTPS` there, and leaves `grpc.insecure` and `http.insecure` alone. Where the controller can pass TLS through
(`nginx.ingress.kubernetes.io/ssl-passthrough`), or with a TLSRoute ([`ci/gateway-api-values.yaml`](ci/gateway-api-values.yaml)), none of that is needed.

## An upgrade

With a database outside, pods are replaced one by one: a new one is ready before an old one goes. The one that goes takes no more batches, commits and
acknowledges what it holds, and sends its agents away with differing times to return (`terminationGracePeriodSeconds`); they come to a bridge that is there,
and go on at the checkpoint in SQL. Nothing is listed again and no row is written twice: in the run of `docs/benchmarks.md` an account of 50,000 objects was in sync 0.13 s
after its agent was back, with 0 rows written and 21 kB on the link. Watches, logs and exec of clients end and are opened again by whoever wants them.

The embedded database has one bridge: it stops before the new one starts, and agents wait that long.

Pods are replaced when `bridge.yaml` or `database.url` has changed. Tokens and certificates are followed by the running bridge. The URL in
`database.existingSecret` is read at the start: after a change, `kubectl rollout restart` (or a program that does so; `deploymentAnnotations` are for it).

`helm rollback` goes back the same way. `helm uninstall` leaves what is not the release's: Secrets that were there before, the database, the volume of an
embedded one (`kubectl delete pvc data-RELEASE-0`), and Secrets that cert-manager made.

## Without Helm

`charts/rendered/{{ chart.name }}` has the same as plain YAML, `charts/kustomize/{{ chart.name }}` as a base with overlays: one for each file in [`ci`](ci).
Both are made from this chart. A changed `bridge.yaml` in a ConfigMap of Kustomize's needs `kubectl rollout restart`.

## Values

{{ values }}
