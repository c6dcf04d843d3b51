{{/*
agent.yaml: `agentyml`, what the values say upon it, and `config` upon both. Maps are merged; the
accounts of `agentyml` and of the values follow each other; any other list is replaced.
*/}}
{{- define "fairlead-agent.config" -}}
{{- $given := dict }}
{{- with .Values.agentyml }}
{{- $given = fromYaml . }}
{{- if hasKey $given "Error" }}
{{- fail (printf "agentyml is not YAML: %s" $given.Error) }}
{{- end }}
{{- end }}
{{- $ours := include "fairlead-agent.valuesConfig" . | fromYaml }}
{{- $accounts := concat (dig "kubernetes" "accounts" list $given) (include "fairlead-agent.accounts" . | fromYamlArray) }}
{{- $config := $given }}
{{- range list "clouddriver" "logging" }}
{{- $_ := set $ours . (default dict (index $ours .)) }}
{{- end }}
{{- include "fairlead-agent.merge" (dict "into" $config "from" $ours) }}
{{- include "fairlead-agent.merge" (dict "into" $config "from" (dict "kubernetes" (dict "accounts" $accounts))) }}
{{- include "fairlead-agent.merge" (dict "into" $config "from" (deepCopy .Values.config)) }}
{{- $_ := set $config.kubernetes "accounts" (include "fairlead-agent.withServiceAccount" (dict "root" . "accounts" $config.kubernetes.accounts) | fromYamlArray) }}
{{- toYaml $config }}
{{- end }}

{{/*
Merges `from` into `into`, in place: maps key by key; anything else replaces, also false and zero,
which Sprig's own merge passes over; null removes.
*/}}
{{- define "fairlead-agent.merge" -}}
{{- range $key, $value := .from }}
{{- if kindIs "invalid" $value }}
{{- $_ := unset $.into $key }}
{{- else if and (kindIs "map" $value) (kindIs "map" (index $.into $key)) }}
{{- include "fairlead-agent.merge" (dict "into" (index $.into $key) "from" $value) }}
{{- else }}
{{- $_ := set $.into $key $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the values say besides accounts. */}}
{{- define "fairlead-agent.valuesConfig" -}}
agent:
  id: {{ include "fairlead-agent.id" . | quote }}
  {{- with .Values.zone }}
  zone: {{ . | quote }}
  {{- end }}
clouddriver:
  {{- with .Values.bridge.address }}
  grpc: {{ . | quote }}
  {{- end }}
  {{- if .Values.bridge.insecure }}
  insecure: true
  {{- end }}
  {{- with include "fairlead-agent.tlsConfig" . }}
  tls:
    {{- . | nindent 4 }}
  {{- end }}
  {{- if include "fairlead-agent.hasToken" . }}
  auth:
    tokenFile: /opt/fairlead/token/token
  {{- end }}
  {{- with .Values.bridge.tokenReference }}
  auth:
    token: {{ . | quote }}
  {{- end }}
{{- with .Values.scrubbing }}
scrubbing:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.secretEngines }}
secrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
server:
  # Probes come from outside the pod.
  host: {{ .Values.server.host | quote }}
  port: {{ .Values.server.port }}
prometheus:
  enabled: {{ .Values.metrics.enabled }}
  host: {{ .Values.server.host | quote }}
  port: {{ .Values.metrics.port }}
logging:
  {{- range $key, $value := .Values.logging }}
  {{- with $value }}
  {{ $key }}: {{ . }}
  {{- end }}
  {{- end }}
{{- end }}

{{- define "fairlead-agent.tlsConfig" -}}
{{- $tls := .Values.bridge.tls }}
{{- with $tls.serverName }}
serverName: {{ . | quote }}
{{- end }}
{{- if $tls.insecureSkipVerify }}
insecureSkipVerify: true
{{- end }}
{{- if include "fairlead-agent.hasCa" . }}
cacertFile: /opt/fairlead/ca/ca.crt
{{- end }}
{{- if include "fairlead-agent.clientCertificateSecret" . }}
clientCertFile: /opt/fairlead/client-tls/tls.crt
clientKeyFile: /opt/fairlead/client-tls/tls.key
{{- end }}
{{- end }}

{{/* What replicas have in common and no other deployment has: the bridge tells agents apart by it. */}}
{{- define "fairlead-agent.id" -}}
{{- $where := default .Release.Namespace .Values.account.name }}
{{- printf "%s/%s" $where (include "fairlead-agent.fullname" .) }}
{{- end }}

{{/* The accounts that the values describe, as a list. */}}
{{- define "fairlead-agent.accounts" -}}
{{- $accounts := list }}
{{- if and (eq .Values.mode "agent") .Values.account.name }}
{{- $accounts = append $accounts (include "fairlead-agent.ownAccount" . | fromYaml) }}
{{- end }}
{{- $accounts = concat $accounts .Values.accounts }}
{{- range $name, $source := .Values.kubeconfigs }}
{{- $account := dict "name" $name "kubeconfigFile" (include "fairlead-agent.kubeconfigFile" (dict "name" $name "source" $source)) }}
{{- include "fairlead-agent.merge" (dict "into" $account "from" (omit $source "file" "secret" "key" "reference")) }}
{{- $accounts = append $accounts $account }}
{{- end }}
{{- toYaml $accounts }}
{{- end }}

{{/* The account of the cluster that the agent runs in. */}}
{{- define "fairlead-agent.ownAccount" -}}
{{- $account := dict "serviceAccount" true }}
{{- range $key, $value := .Values.account }}
{{- if not (or (kindIs "invalid" $value) (and (kindIs "bool" $value) (not $value)) (and (not (kindIs "bool" $value)) (empty $value))) }}
{{- $_ := set $account $key $value }}
{{- end }}
{{- end }}
{{- if .Values.rbac.namespaced }}
{{- $_ := set $account "onlyNamespacedResources" true }}
{{- if not $account.namespaces }}
{{- $_ := set $account "namespaces" (default (list .Release.Namespace) .Values.rbac.namespaces) }}
{{- end }}
{{- end }}
{{- if and (eq .Values.rbac.access "read-only") (not $account.operations) }}
{{- $_ := set $account "operations" (dict "allow" "read-only") }}
{{- end }}
{{- toYaml $account }}
{{- end }}

{{/* Where the agent finds a kubeconfig; takes a dict of name and source. */}}
{{- define "fairlead-agent.kubeconfigFile" -}}
{{- $reference := default (default "" .source.secret) .source.reference }}
{{- if or (hasPrefix "encrypted" $reference) (contains "://" $reference) }}
{{- $reference }}
{{- else }}
{{- printf "/kubeconfigfiles/%s.yaml" .name }}
{{- end }}
{{- end }}

{{/* Accounts without a kubeconfig are the cluster's own, as Armory's chart has it; takes a dict of root and accounts. */}}
{{- define "fairlead-agent.withServiceAccount" -}}
{{- $accounts := list }}
{{- range .accounts }}
{{- $account := . }}
{{- if and (eq $.root.Values.mode "agent") (not .kubeconfigFile) (not (hasKey . "serviceAccount")) }}
{{- $account = mustMerge (dict "serviceAccount" true) . }}
{{- end }}
{{- $accounts = append $accounts $account }}
{{- end }}
{{- toYaml $accounts }}
{{- end }}

{{/* Parts of the configuration that the agent takes over at its start alone: a change must roll the pods. */}}
{{- define "fairlead-agent.restartChecksum" -}}
{{- $config := include "fairlead-agent.config" . | fromYaml }}
{{- pick $config "agent" "tasks" "server" "prometheus" | toYaml | sha256sum }}
{{- end }}
