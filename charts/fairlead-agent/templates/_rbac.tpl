{{/*
What the agent may do, from the accounts that use its own service account: the kinds they follow,
where, and rbac.access. A grant is "GROUP|RESOURCE" to a list of verbs.
*/}}

{{/* Kinds that an agent follows when none are configured: its own default. */}}
{{- define "fairlead-agent.defaultKinds" -}}
[deployment, replicaSet, statefulSet, daemonSet, job, cronJob, pod, service, ingress, networkPolicy, namespace, customResourceDefinition]
{{- end }}

{{/*
The grants; takes a dict of root, accounts and scope: "cluster" for kinds outside namespaces,
"namespaced" for those inside, "all".
*/}}
{{- define "fairlead-agent.grants" -}}
{{- $grants := dict }}
{{- $rbac := .root.Values.rbac }}
{{- $table := .root.Files.Get "files/kinds.yaml" | fromYaml }}
{{- $read := list "get" "list" "watch" }}
{{- $write := list "get" "list" "watch" "create" "update" "patch" "delete" "deletecollection" }}
{{- $readKinds := list }}
{{- $customKinds := list }}
{{- range .accounts }}
{{- $kinds := default (include "fairlead-agent.defaultKinds" . | fromYamlArray) .kinds }}
{{- range .customResourceDefinitions }}
{{- $kinds = append $kinds .kind }}
{{- end }}
{{- $omitted := list }}
{{- range .omitKinds }}
{{- $omitted = append $omitted (lower .) }}
{{- end }}
{{- range $kinds }}
{{- if not (has (lower .) $omitted) }}
{{- $readKinds = append $readKinds (toString .) }}
{{- if contains "." (toString .) }}
{{- $customKinds = append $customKinds (toString .) }}
{{- end }}
{{- end }}
{{- end }}
{{- if not .onlyNamespacedResources }}
{{- $readKinds = concat $readKinds (list "namespace" "customResourceDefinition" "apiService") }}
{{- end }}
{{- end }}
{{- $writeKinds := list }}
{{- if eq $rbac.access "full" }}
{{- $writeKinds = concat (default (include "fairlead-agent.deployedKinds" $table | fromYamlArray) $rbac.writeKinds) $customKinds }}
{{- $readKinds = concat $readKinds (list "event" "controllerRevision") }}
{{- end }}
{{- $context := dict "table" $table "scope" .scope "customResources" $rbac.customResources }}
{{- range $readKinds }}
{{- range include "fairlead-agent.placesOfKind" (merge (dict "kind" .) $context) | fromYamlArray }}
{{- $_ := set $grants . $read }}
{{- end }}
{{- end }}
{{- range $writeKinds }}
{{- range include "fairlead-agent.placesOfKind" (merge (dict "kind" .) $context) | fromYamlArray }}
{{- $_ := set $grants . $write }}
{{- end }}
{{- end }}
{{- if ne .scope "cluster" }}
{{- $grants = merge $grants (include "fairlead-agent.subresourceGrants" (dict "rbac" $rbac "grants" $grants) | fromYaml) }}
{{- end }}
{{- toYaml $grants }}
{{- end }}

{{/* Resources below those that are granted. */}}
{{- define "fairlead-agent.subresourceGrants" -}}
{{- if or (hasKey .grants "|pods") (hasKey .grants "*|*") }}
{{- if .rbac.logs }}
"|pods/log": [get]
{{- end }}
"metrics.k8s.io|pods": [get, list]
{{- end }}
{{- if eq .rbac.access "full" }}
{{- range list "deployments" "replicasets" "statefulsets" }}
{{- if has "patch" (default list (index $.grants (printf "apps|%s" .))) }}
"apps|{{ . }}/scale": [get, update, patch]
{{- end }}
{{- end }}
{{- if .rbac.exec }}
"|pods/exec": [get, create]
"|pods/attach": [get, create]
"|pods/portforward": [get, create]
{{- end }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.deployedKinds" -}}
{{- range $kind, $place := . }}
{{- if $place.deploy }}
- {{ $kind }}
{{- end }}
{{- end }}
{{- end }}

{{/* Where a kind is served, as a list of "GROUP|RESOURCE"; takes a dict of kind, table, scope and customResources. */}}
{{- define "fairlead-agent.placesOfKind" -}}
{{- $parts := splitn "." 2 (lower .kind) }}
{{- $place := index .table $parts._0 }}
{{- $group := default "" $parts._1 }}
{{- if eq .kind "*" }}
- "*|*"
{{- else if and $place (or (eq $group "") (eq $group $place.group)) }}
{{- if or (eq .scope "all") (eq (eq .scope "cluster") (default false $place.cluster)) }}
- {{ printf "%s|%s" $place.group $place.resource | quote }}
{{- end }}
{{- else if eq $group "" }}
{{- fail (printf "\n\n%q is no kind that the chart knows: write it with its group, as in Certificate.cert-manager.io" .kind) }}
{{- else }}
{{- range default (list "*") (index .customResources $group) }}
- {{ printf "%s|%s" $group . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Rules of a role, from grants: one for each group and set of verbs. */}}
{{- define "fairlead-agent.rules" -}}
{{- $rules := dict }}
{{- range $place, $verbs := . }}
{{- $group := index (splitList "|" $place) 0 }}
{{- $resource := index (splitList "|" $place) 1 }}
{{- $key := printf "%s|%s" $group (join "," $verbs) }}
{{- $_ := set $rules $key (append (default list (index $rules $key)) $resource) }}
{{- end }}
{{- range $key, $resources := $rules }}
- apiGroups: [{{ index (splitList "|" $key) 0 | quote }}]
  resources: {{ $resources | sortAlpha | toJson }}
  verbs: {{ splitList "," (index (splitList "|" $key) 1) | toJson }}
{{- end }}
{{- end }}

{{/*
How the rights are laid out, as a dict: `clusterRules`, and `namespaces` with `namespacedRules`.
Accounts that are limited to namespaces get Roles there; what lives in no namespace needs a
ClusterRole, unless all of them do without.
*/}}
{{- define "fairlead-agent.rbacPlan" -}}
{{- $accounts := list }}
{{- range (include "fairlead-agent.config" . | fromYaml).kubernetes.accounts }}
{{- if .serviceAccount }}
{{- $accounts = append $accounts . }}
{{- end }}
{{- end }}
{{- $anywhere := false }}
{{- $outside := false }}
{{- $namespaces := list }}
{{- range $accounts }}
{{- if not .namespaces }}
{{- $anywhere = true }}
{{- end }}
{{- if not .onlyNamespacedResources }}
{{- $outside = true }}
{{- end }}
{{- $namespaces = concat $namespaces (default list .namespaces) }}
{{- end }}
{{- $request := dict "root" . "accounts" $accounts }}
{{- $cluster := "" }}
{{- if $anywhere }}
{{- $cluster = include "fairlead-agent.rules" (include "fairlead-agent.grants" (merge (dict "scope" "all") $request) | fromYaml) }}
{{- else if $outside }}
{{- $cluster = include "fairlead-agent.rules" (include "fairlead-agent.grants" (merge (dict "scope" "cluster") $request) | fromYaml) }}
{{- end }}
{{- $inside := "" }}
{{- if and $accounts (not $anywhere) }}
{{- $inside = include "fairlead-agent.rules" (include "fairlead-agent.grants" (merge (dict "scope" "namespaced") $request) | fromYaml) }}
{{- end }}
{{- dict "clusterRules" (fromYamlArray $cluster) "namespaces" ($namespaces | uniq | sortAlpha) "namespacedRules" (fromYamlArray $inside) | toYaml }}
{{- end }}
