/**
 * What a person may do with kubectl, as a script of shell commands in the order in which they are
 * run: each must say the same, with the same exit code, whichever way leads to the API server.
 * Start at `kubectlScript`; the files that it uses are in `kubectl-files.ts`.
 */

/** One command. */
export interface Step {
  /** For `sh -c`, in the folder of the files. `kubectl` is on its PATH, `$NODE` is a Node. */
  readonly command: string;
  /** @defaultValue 0 */
  readonly exit?: number;
  /** What it must have said, on either output: else both ways could fail alike. */
  readonly says?: RegExp;
  /** Text for its standard input. @defaultValue nothing */
  readonly stdin?: string;
  /** What to do while it goes on. @defaultValue it ends by itself */
  readonly meanwhile?: Meanwhile;
  /** What is compared of its lines. @defaultValue 'all' */
  readonly lines?: ComparedLines;
  /**
   * It writes the second in which it runs into a template, of which names follow: both ways must run in
   * the same one. @defaultValue false
   */
  readonly stampsSecond?: boolean;
}

/** Which lines to compare, where order, number or what comes before the last says nothing. */
export type ComparedLines = 'all' | 'sorted' | 'distinct' | 'last';

/** Commands of a person at another terminal, and when the first one is interrupted (Ctrl-C). */
export interface Meanwhile {
  /** When this was said, `run` is run once; its groups are its `$1`, `$2`. */
  readonly seen: RegExp;
  /** Its own output is compared as well. @defaultValue nothing is run */
  readonly run?: string;
  /** When this was said on top, the command is interrupted. @defaultValue when `run` has ended */
  readonly until?: RegExp;
}

/** A command that ends well. */
function ok(command: string, more: Omit<Step, 'command'> = {}): Step {
  return { command, ...more };
}

/** A command that must fail. */
function fails(command: string, says: RegExp, exit = 1): Step {
  return { command, says, exit };
}

/** How far it has come depends on the moment; that it comes to its end does not. */
function rolledOut(what: string): Step {
  return {
    command: `kubectl rollout status ${what} --timeout=30s`,
    says: /successfully rolled out|roll out complete/,
    lines: 'last',
  };
}

/** An API server describes a new kind within seconds after it began to serve it. */
function untilDescribed(groupVersion: string): string {
  const ask = `kubectl get --raw /openapi/v3/apis/${groupVersion}`;
  return `for i in 1 2 3 4 5 6 7 8 9 10; do ${ask} >said.json 2>&1 && break; sleep 0.5; done; grep -o widgets said.json | head -1`;
}

const cluster: readonly Step[] = [
  ok('kubectl version', { says: /Server Version: v1\./ }),
  ok('kubectl version -o json'),
  ok('kubectl cluster-info', { says: /Kubernetes control plane/ }),
  ok('kubectl api-versions', { says: /metrics\.k8s\.io\/v1beta1/ }),
  ok('kubectl api-resources --sort-by=name', { says: /deployments/ }),
  ok('kubectl api-resources --api-group=apps -o wide', { says: /create,delete/ }),
  ok('kubectl api-resources --namespaced=false -o name'),
  ok('kubectl api-resources --verbs=watch --cached=false -o name'),
  ok('kubectl explain deployment.spec.strategy', { says: /RollingUpdate/ }),
  ok('kubectl explain pod --recursive', { says: /ephemeralContainers/ }),
  ok('kubectl explain hpa.spec --api-version=autoscaling/v2', { says: /minReplicas/ }),
  ok('kubectl explain services -o plaintext-openapiv2', { says: /FIELDS/ }),
  fails('kubectl explain nothing', /doesn't have a resource type "nothing"/),
  ok('kubectl get --raw /healthz', { says: /ok/ }),
  ok("kubectl get --raw '/readyz?verbose'", { says: /readyz check passed/ }),
  ok('kubectl get --raw /version', { says: /gitVersion/ }),
  ok('kubectl get --raw /apis | sha256sum'),
  ok('kubectl get --raw /openapi/v2 | sha256sum'),
  ok('kubectl get --raw /openapi/v3/apis/apps/v1 | sha256sum'),
  fails('kubectl get --raw /apis/nothing.example.com/v1', /NotFound|could not find/),
  ok('kubectl auth whoami', { says: /testbed-admin/ }),
  ok('kubectl auth can-i create deployments', { says: /yes/ }),
  ok("kubectl auth can-i '*' '*' --all-namespaces", { says: /yes/ }),
  ok('kubectl auth can-i --list', { says: /selfsubjectreviews/ }),
  ok('kubectl get nodes', { says: /node-1\s+Ready/ }),
  ok('kubectl get node node-1 -o yaml', { says: /kubeletEndpoint/ }),
  ok('kubectl top nodes', { says: /node-1\s+\d+m/ }),
  ok('kubectl get namespaces', { says: /kube-system/ }),
  ok('kubectl get componentstatuses >/dev/null'),
];

const creating: readonly Step[] = [
  ok('kubectl create namespace shop', { says: /namespace\/shop created/ }),
  fails('kubectl create namespace shop', /AlreadyExists/),
  ok('kubectl config set-context --current --namespace=shop'),
  ok("kubectl config view --minify -o 'jsonpath={.contexts[0].context.namespace}'", {
    says: /shop/,
  }),
  ok('kubectl create configmap literal --from-literal=a=1 --from-literal=b=2'),
  ok('kubectl create configmap files --from-file=notes.txt'),
  ok('kubectl create configmap settings --from-env-file=settings.env'),
  ok('kubectl create secret generic creds --from-literal=word=hunter2', { says: /created/ }),
  ok('kubectl create deployment web --image=example/web:1 --replicas=2 --port=80'),
  ok('kubectl create service clusterip plain --tcp=80:80'),
  ok('kubectl create job once --image=example/any:1 -- sh -c "echo done once"'),
  ok('kubectl wait --for=condition=complete job/once --timeout=30s', { says: /condition met/ }),
  ok('kubectl logs job/once', { says: /done once/ }),
  ok("kubectl create cronjob nightly --image=example/any:1 --schedule='0 3 * * *' -- true"),
  ok('kubectl create job by-hand --from=cronjob/nightly'),
  ok('kubectl create serviceaccount robot'),
  ok('kubectl create token robot', { says: /^ey/ }),
  ok('kubectl create role reader --verb=get,list --resource=pods'),
  ok('kubectl create rolebinding readers --role=reader --serviceaccount=shop:robot'),
  ok('kubectl auth can-i list pods --as=system:serviceaccount:shop:robot', { says: /yes/ }),
  fails('kubectl auth can-i delete pods --as=system:serviceaccount:shop:robot', /no/),
  fails('kubectl get nodes --as=nobody --as-group=guests', /Forbidden.*"nobody"/),
  ok('kubectl auth reconcile -f role.yaml', { says: /reconciled/ }),
  ok("kubectl create ingress front --rule='shop.example.com/*=web:80'"),
  ok('kubectl create quota limits --hard=pods=50'),
  ok('kubectl create poddisruptionbudget web --selector=app=web --min-available=0'),
  ok('kubectl create priorityclass urgent --value=1000 --description=first'),
  ok('kubectl create deployment dry --image=x --dry-run=client -o yaml', { says: /kind: Dep/ }),
  ok('kubectl create deployment dry --image=x --dry-run=server -o name'),
  fails('kubectl create -f invalid.yaml', /is invalid: spec\.ports/),
  fails('kubectl create -f unknown-field.yaml', /unknown field "spec\.portz"/),
  fails('kubectl create -f no-kind.yaml', /kind not set/),
  ok('kubectl apply -f echo.yaml', { says: /pod\/echo created/ }),
  ok('kubectl apply -f echo.yaml', { says: /pod\/echo unchanged/ }),
  ok('kubectl wait --for=condition=Ready pod/echo --timeout=30s', { says: /condition met/ }),
  rolledOut('deployment/web'),
  fails('kubectl wait --for=condition=Never pod/echo --timeout=1s', /timed out/),
  ok("kubectl wait --for=jsonpath='{.status.phase}'=Running pod/echo --timeout=9s"),
];

const reading: readonly Step[] = [
  ok('kubectl get deployments,services,configmaps', { says: /configmap\/literal/ }),
  ok('kubectl get all', { lines: 'sorted' }),
  ok('kubectl get configmap literal -o yaml', { says: /a: "1"/ }),
  ok('kubectl get configmap literal -o json', { says: /"a": "1"/ }),
  ok('kubectl get configmap literal -o kyaml'),
  ok('kubectl get configmap literal -o yaml --show-managed-fields', { says: /fieldsV1/ }),
  ok('kubectl get pod echo -o yaml', { says: /phase: Running/ }),
  ok('kubectl get deployment web -o yaml | sed "/^status:/,\\$d"', { says: /replicas: 2/ }),
  ok('kubectl get pods -o wide', { says: /node-1/, lines: 'sorted' }),
  ok('kubectl get configmaps -o name', { says: /configmap\/files/ }),
  ok('kubectl get configmap literal -o jsonpath=\'{.data.a}{"\\n"}\''),
  ok('kubectl get cm -o jsonpath=\'{range .items[*]}{.metadata.name}={.data.a}{"\\n"}{end}\''),
  ok("kubectl get pods -o go-template='{{range .items}}{{.status.phase}} {{end}}'"),
  ok('kubectl get configmaps -o custom-columns=NAME:.metadata.name,A:.data.a'),
  ok('kubectl get pods --show-labels', { says: /app=echo/, lines: 'sorted' }),
  ok('kubectl get pods -L app,tier', { lines: 'sorted' }),
  ok('kubectl get pods -l app=echo'),
  ok("kubectl get pods -l 'app in (echo, other),tier!=back' -o name", { says: /pod\/echo/ }),
  ok('kubectl get pods --field-selector=metadata.name=echo,status.phase=Running'),
  fails('kubectl get pods --field-selector=spec.nothing=1', /field label not supported/),
  fails("kubectl get pods -l 'a=(b'", /unable to parse|found/),
  ok('kubectl get configmaps -A', { says: /kube-system/ }),
  ok('kubectl get configmaps --sort-by=.metadata.name --no-headers'),
  ok('kubectl get configmaps --chunk-size=1 -o name', { says: /configmap\/literal/ }),
  ok("kubectl get --raw '/api/v1/namespaces/shop/configmaps?limit=1' | wc -l"),
  ok('kubectl get configmaps --show-kind --server-print=false'),
  ok('kubectl get deployment web --subresource=scale', { says: /web/ }),
  ok('kubectl get deployment web --subresource=status -o name'),
  ok('kubectl get -f echo.yaml -o name', { says: /pod\/echo/ }),
  ok('kubectl get secrets', { says: /creds\s+Opaque\s+1/ }),
  ok('kubectl get sa,role,rolebinding,ingress,quota,pdb,cronjob', { says: /robot/ }),
  ok('kubectl get configmap missing --ignore-not-found'),
  fails('kubectl get configmap missing', /configmaps "missing" not found/),
  fails('kubectl get nothings', /doesn't have a resource type "nothings"/),
  fails('kubectl get pods -n missing-namespace nothing', /namespaces "missing-namespace" not/),
  ok('kubectl get pods -n missing-namespace', { says: /No resources found/ }),
  ok('kubectl describe pod echo', { says: /example\/echo:1/ }),
  ok('kubectl describe service plain', { says: /Type:\s+ClusterIP/ }),
  ok('kubectl describe configmap literal'),
  ok('kubectl describe deployment web', { says: /ScalingReplicaSet/ }),
  ok('kubectl describe node node-1 | sed "/^Non-terminated/,\\$d"', { says: /stand-in/ }),
  ok('kubectl top pods', { says: /echo\s+\d+m/, lines: 'sorted' }),
  ok('kubectl top pod echo --containers', { says: /app/ }),
  fails('kubectl top pod missing', /not found/),
  ok('kubectl events --for=deployment/web', { says: /Scaled up/ }),
  ok(
    'kubectl get events -o jsonpath=\'{range .items[*]}{.reason} {.involvedObject.kind}{"\\n"}{end}\'',
    { lines: 'sorted', says: /SuccessfulCreate/ },
  ),
];

const changing: readonly Step[] = [
  ok('kubectl label configmap literal color=red', { says: /labeled/ }),
  fails('kubectl label configmap literal color=blue', /already has a value/),
  ok('kubectl label configmap literal color=blue --overwrite'),
  ok('kubectl label configmap literal color-', { says: /unlabeled/ }),
  ok('kubectl annotate configmaps --all note=seen', { says: /configmap\/files annotated/ }),
  ok('kubectl patch configmap literal -p \'{"data":{"c":"3"}}\''),
  ok('kubectl patch configmap literal --type=merge -p \'{"data":{"c":null,"d":"4"}}\' -o yaml'),
  ok('kubectl patch configmap literal --type=json -p \'[{"op":"remove","path":"/data/d"}]\''),
  fails('kubectl patch configmap literal --type=json -p \'[{"op":"move"}]\'', /invalid|error/i),
  ok(
    'kubectl patch deployment web --subresource=scale --type=merge -p \'{"spec":{"replicas":1}}\'',
  ),
  ok('kubectl get deployment web -o jsonpath={.spec.replicas}', { says: /^1/ }),
  ok('kubectl replace -f configmap.yaml', { says: /replaced/ }),
  ok('kubectl replace --force -f configmap.yaml', { says: /deleted[^]*replaced/ }),
  fails('kubectl replace -f stale.yaml', /Conflict/),
  fails('kubectl replace -f missing.yaml', /NotFound/),
  ok("EDITOR='sed -i s/first/second/' kubectl edit configmap literal", { says: /edited/ }),
  ok("EDITOR='sed -i s/never/ever/' kubectl edit configmap literal", { says: /no changes/ }),
  ok("EDITOR='sed -i s/second/third/' kubectl edit -o json configmap literal"),
  ok('kubectl get configmap literal -o jsonpath={.data}', { says: /third/ }),
  ok('kubectl apply --server-side --field-manager=one -f applied-one.yaml', { says: /applied/ }),
  fails('kubectl apply --server-side --field-manager=two -f applied-two.yaml', /conflict with/),
  ok(
    'kubectl apply --server-side --field-manager=two --force-conflicts -f applied-two.yaml -o yaml',
  ),
  ok('kubectl apply --server-side --dry-run=server -f applied-one.yaml --force-conflicts'),
  ok('kubectl apply -f list.yaml', { says: /configmap\/last created/ }),
  ok('kubectl apply -f list.yaml --dry-run=server'),
  ok('kubectl apply view-last-applied configmap/last', { says: /size: "1"/ }),
  ok('kubectl apply -f -', {
    stdin: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"piped"}}',
  }),
  ok('kubectl diff -f list.yaml'),
  fails('kubectl diff -f list-changed.yaml', /\+ {2}size: "2"/),
  ok('kubectl apply -f list-changed.yaml --prune -l set=list', { says: /last pruned/ }),
  ok('kubectl kustomize overlay', { says: /over-base/ }),
  ok('kubectl apply -k overlay', { says: /configmap\/over-base-[a-z0-9]+ created/ }),
  ok('kubectl diff -k overlay'),
  ok('kubectl delete -k overlay', { says: /deleted/ }),
];

const customKinds: readonly Step[] = [
  ok('kubectl apply -f widgets.yaml', { says: /customresourcedefinition.*created/ }),
  ok('kubectl wait --for=condition=established crd/widgets.example.com --timeout=30s'),
  ok(untilDescribed('example.com/v1'), { says: /widgets/ }),
  ok('kubectl apply -f widget.yaml', { says: /widget\.example\.com\/left created/ }),
  ok('kubectl get widgets', { says: /left\s+3/ }),
  ok('kubectl get wd left -o yaml', { says: /size: 3/ }),
  ok('kubectl explain widget.spec', { says: /How large it is/ }),
  fails('kubectl apply -f widget-invalid.yaml', /spec\.size/),
  ok('kubectl patch widget left --type=merge -p \'{"spec":{"size":4}}\'', { says: /patched/ }),
  ok(
    'kubectl patch widget left --subresource=status --type=merge -p \'{"status":{"ready":true}}\'',
  ),
  ok('kubectl scale widget left --replicas=2', { says: /scaled/ }),
  ok('kubectl get widget left -o jsonpath={.spec}{.status}', { says: /"ready":true/ }),
  ok('kubectl api-resources --api-group=example.com', { says: /widgets/ }),
  ok('kubectl delete crd widgets.example.com', { says: /deleted/ }),
  fails('kubectl get widgets', /the server doesn't have|not find the requested/),
];

const workloads: readonly Step[] = [
  ok('kubectl scale deployment web --replicas=3', { says: /scaled/ }),
  fails('kubectl scale deployment web --replicas=4 --current-replicas=9', /Expected replicas/),
  rolledOut('deployment/web'),
  ok('kubectl autoscale deployment web --min=1 --max=5 --cpu=80%', { says: /autoscaled/ }),
  ok('kubectl get hpa web', { says: /Deployment\/web/ }),
  ok('kubectl set image deployment/web web=example/web:2', { says: /image updated/ }),
  rolledOut('deployment/web'),
  ok('kubectl set env deployment/web MODE=fast', { says: /env updated/ }),
  ok('kubectl set env deployment/web --list', { says: /MODE=fast/ }),
  ok('kubectl set resources deployment/web --limits=cpu=200m'),
  ok('kubectl set serviceaccount deployment/web robot'),
  rolledOut('deployment/web'),
  ok('kubectl rollout history deployment/web', { says: /REVISION/ }),
  ok('kubectl rollout history deployment/web --revision=2', { says: /example\/web:2/ }),
  ok('kubectl rollout pause deployment/web', { says: /paused/ }),
  fails('kubectl rollout undo deployment/web', /paused/),
  ok('kubectl rollout resume deployment/web', { says: /resumed/ }),
  ok('kubectl rollout undo deployment/web', { says: /rolled back/ }),
  ok('kubectl rollout undo deployment/web --to-revision=1', { says: /rolled back/ }),
  fails('kubectl rollout undo deployment/web --to-revision=99', /unable to find/),
  ok('kubectl get deployment web -o jsonpath={..image}', { says: /example\/web:1/ }),
  ok('kubectl rollout restart deployment/web', { says: /restarted/, stampsSecond: true }),
  rolledOut('deployment/web --watch=true'),
  ok('kubectl expose deployment web --port=8080 --target-port=80 --name=exposed'),
  ok('kubectl get service exposed', { says: /8080\/TCP/ }),
  ok('kubectl set selector service exposed app=other', { says: /selector updated/ }),
  ok('kubectl apply -f db.yaml', { says: /statefulset\.apps\/db created/ }),
  rolledOut('statefulset/db'),
  ok('kubectl get pods -l app=db', { says: /db-1/ }),
  ok('kubectl run single --image=example/any:1 --labels=set=single --command -- sleep 100'),
  ok('kubectl wait --for=condition=Ready pod/single --timeout=30s'),
  ok('kubectl debug single --image=example/tools:1 -c helper --attach=false -- sleep 100'),
  ok('kubectl get pod single -o jsonpath={.spec.ephemeralContainers[*].name}', { says: /helper/ }),
];

const streams: readonly Step[] = [
  ok('kubectl logs echo', { says: /line 3/ }),
  ok('kubectl logs echo --tail=1', { says: /^line 3/ }),
  ok('kubectl logs echo -c app --since=1h --timestamps', { says: /Z line 1/ }),
  ok('kubectl logs echo --limit-bytes=9', { says: /^line 1\nli/ }),
  ok('kubectl logs -l app=web --prefix --tail=1', { says: /is idle/, lines: 'sorted' }),
  ok('kubectl logs deployment/web --all-containers', { says: /is idle/ }),
  ok('kubectl logs statefulset/db --all-pods=true --prefix', { lines: 'sorted' }),
  fails('kubectl logs -f missing', /not found/),
  fails('kubectl logs echo --previous', /previous terminated container/),
  fails('kubectl logs echo -c other', /container other is not valid/),
  ok('kubectl logs -f echo --tail=1', {
    meanwhile: {
      seen: /line 3/,
      run: 'kubectl exec echo -- sh -c "echo a new line >>fifo"',
      until: /a new line/,
    },
    exit: 130,
  }),
  ok('kubectl exec echo -- sh -c "echo out; echo err >&2"', { says: /out[^]*err/ }),
  ok('kubectl exec -i echo -- cat', { stdin: 'grüße\n', says: /grüße/ }),
  { command: 'kubectl exec echo -- sh -c "exit 42"', exit: 42, says: /exit code 42/ },
  ok('head -c 3000000 /dev/zero | kubectl exec -i echo -- sha256sum'),
  ok('kubectl exec echo -- head -c 3000000 /dev/zero | sha256sum'),
  fails('kubectl exec echo -- no-such-program', /executable file not found/),
  fails('kubectl exec echo -c other -- true', /container.*other/),
  fails('kubectl exec missing -- true', /pods "missing" not found/),
  ok('KUBECTL_REMOTE_COMMAND_WEBSOCKETS=false kubectl exec -i echo -- cat', { stdin: 'by SPDY\n' }),
  ok(
    'script -qec "kubectl exec -it echo -- sh -c \'test -t 0 && echo a terminal; exit 4\'" typed',
    {
      exit: 4,
      says: /a terminal/,
    },
  ),
  ok('kubectl run passing --rm -i -q --restart=Never --image=x --command -- cat', {
    stdin: 'through a pod\n',
    says: /through a pod/,
  }),
  ok('kubectl attach echo', {
    meanwhile: {
      // Nothing says when it is attached: so it is written again and again.
      seen: /^/,
      run: 'for i in 1 2 3 4 5; do kubectl exec echo -- sh -c "echo attached >>fifo"; done',
      until: /attached/,
    },
    exit: 130,
    lines: 'distinct',
  }),
  ok('kubectl cp notes.txt echo:copied.txt && kubectl exec echo -- cat copied.txt', {
    says: /some notes/,
  }),
  ok('kubectl cp echo:copied.txt back.txt && cat back.txt', { says: /some notes/ }),
  ok('kubectl cp overlay echo:folder && kubectl exec echo -- ls folder', {
    says: /kustomization/,
  }),
  fails('kubectl cp missing.txt echo:missing.txt', /doesn't exist/),
  ok('kubectl port-forward pod/echo :80', {
    meanwhile: { seen: /127\.0\.0\.1:(\d+)/, run: '$NODE fetch.mjs http://127.0.0.1:$1/path' },
    exit: 130,
  }),
  ok('kubectl port-forward deployment/web :80', {
    meanwhile: { seen: /127\.0\.0\.1:(\d+)/, run: '$NODE fetch.mjs http://127.0.0.1:$1/more 3' },
    exit: 130,
  }),
  ok('KUBECTL_PORT_FORWARD_WEBSOCKETS=false kubectl port-forward pod/echo :80', {
    meanwhile: { seen: /127\.0\.0\.1:(\d+)/, run: '$NODE fetch.mjs http://127.0.0.1:$1/spdy' },
    exit: 130,
  }),
  // The path of the gateway's URL is part of the server: kubectl wants to be told.
  ok('kubectl proxy --append-server-path --port=0', {
    meanwhile: {
      seen: /127\.0\.0\.1:(\d+)/,
      run: '$NODE fetch.mjs http://127.0.0.1:$1/api/v1/namespaces/shop/configmaps/files',
    },
    exit: 130,
  }),
  ok('kubectl get configmaps --watch -o name', {
    meanwhile: {
      seen: /configmap\/literal/,
      run: 'kubectl create configmap watched && kubectl delete configmap watched',
      until: /watched[^]*watched/,
    },
    exit: 130,
  }),
  ok('kubectl get configmaps --watch-only --output-watch-events -l watched=yes', {
    meanwhile: {
      seen: /^/,
      run: 'sleep 1; kubectl create -f watched.yaml; kubectl delete -f watched.yaml',
      until: /DELETED/,
    },
    exit: 130,
  }),
  ok("kubectl get --raw '/api/v1/namespaces/shop/configmaps?watch=true&timeoutSeconds=1' | wc -l"),
];

const ending: readonly Step[] = [
  ok('kubectl apply -f request.yaml', { says: /visitor created/ }),
  ok('kubectl certificate approve visitor', { says: /approved/ }),
  ok('kubectl get csr visitor', { says: /Approved/ }),
  ok('kubectl cordon node-1', { says: /cordoned/ }),
  ok('kubectl uncordon node-1', { says: /uncordoned/ }),
  ok('kubectl taint nodes node-1 side=left:PreferNoSchedule', { says: /tainted/ }),
  ok('kubectl taint nodes node-1 side-', { says: /untainted/ }),
  fails('kubectl drain node-1', /cannot delete/),
  ok('kubectl delete configmap missing --ignore-not-found'),
  fails('kubectl delete configmap missing', /NotFound/),
  ok('kubectl delete configmap files --dry-run=server', { says: /server dry run/ }),
  ok('kubectl delete -f list.yaml --ignore-not-found'),
  ok('kubectl delete configmap piped --wait=false', { says: /deleted/ }),
  ok('kubectl delete pod single --now', { says: /deleted/ }),
  ok('kubectl delete pod echo --grace-period=0 --force', { says: /force deleted/ }),
  ok('kubectl delete deployment web --cascade=orphan', { says: /deleted/ }),
  ok("kubectl get replicasets -l app=web -o jsonpath='{..ownerReferences}'"),
  ok('kubectl delete replicasets -l app=web --cascade=foreground --timeout=30s', {
    lines: 'sorted',
  }),
  ok('kubectl get pods -l app=web'),
  ok('kubectl delete statefulset db --cascade=background'),
  ok('kubectl wait --for=delete pod/db-0 --timeout=30s'),
  ok('kubectl drain node-1 --force --ignore-daemonsets --delete-emptydir-data --timeout=30s', {
    lines: 'sorted',
  }),
  ok('kubectl uncordon node-1'),
  ok('kubectl delete configmaps --all --wait=true', { says: /"literal" deleted/ }),
  // With its job it would be a race against the garbage collector.
  ok('kubectl delete cronjob nightly --cascade=orphan', { says: /deleted/ }),
  ok('kubectl delete all --all', { lines: 'sorted' }),
  ok('kubectl delete namespace shop --timeout=60s', { says: /"shop" deleted/ }),
  fails('kubectl get namespace shop', /NotFound/),
];

/** All of it, in order. */
export const kubectlScript: readonly Step[] = [
  ...cluster,
  ...creating,
  ...reading,
  ...changing,
  ...customKinds,
  ...workloads,
  ...streams,
  ...ending,
];
