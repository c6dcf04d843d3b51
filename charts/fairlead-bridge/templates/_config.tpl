{{/* bridge.yaml: what the values mean in the bridge's own words. */}}

{{- define "fairlead-bridge.credentialsPath" -}}/opt/fairlead/credentials{{- end }}
{{- define "fairlead-bridge.tlsPath" -}}/opt/fairlead/tls{{- end }}
{{- define "fairlead-bridge.clientCaPath" -}}/opt/fairlead/client-ca{{- end }}
{{- define "fairlead-bridge.dataPath" -}}/var/lib/fairlead{{- end }}

{{/* The Secret that the chart makes of tokens given as values. */}}
{{- define "fairlead-bridge.tokensName" -}}{{ include "fairlead-bridge.fullname" . }}-tokens{{- end }}

{{/* The Secret with the database's URL. */}}
{{- define "fairlead-bridge.databaseSecretName" -}}
{{- .Values.database.existingSecret | default (printf "%s-database" (include "fairlead-bridge.fullname" .)) }}
{{- end }}

{{/* The Secret with the ports' certificate; empty when there is none. */}}
{{- define "fairlead-bridge.tlsSecretName" -}}
{{- if .Values.tls.existingSecret }}{{ .Values.tls.existingSecret }}
{{- else if .Values.tls.certManager.enabled }}{{ include "fairlead-bridge.fullname" . }}-tls
{{- end }}
{{- end }}

{{/* "true" when a door has TLS: dict root, door (grpc or http). */}}
{{- define "fairlead-bridge.hasTls" -}}
{{- $values := index .root.Values .door }}
{{- if and (include "fairlead-bridge.tlsSecretName" .root) (not $values.insecure) }}true{{ end }}
{{- end }}

{{/* "true" when a door asks for client certificates. */}}
{{- define "fairlead-bridge.asksForCertificates" -}}
{{- $values := index .root.Values .door }}
{{- if and (include "fairlead-bridge.hasTls" .) (ne $values.tls.clientAuth "none") }}true{{ end }}
{{- end }}

{{/* "true" for a reference to a secret engine, which is no secret itself; takes the text. */}}
{{- define "fairlead-bridge.isReference" -}}
{{- if regexMatch "^(encrypted:|encryptedFile:|secret://|secretFile://|secretfile://)" (toString .) }}true{{ end }}
{{- end }}

{{/* "true" for a token that the chart makes a Secret of; takes the rule. */}}
{{- define "fairlead-bridge.keepsToken" -}}
{{- if and .token (not (include "fairlead-bridge.isReference" .token)) }}true{{ end }}
{{- end }}

{{/*
Key of a rule's token in the Secret that the chart makes: dict list (agents or clients), index, rule. It changes with
what the rule allows, so that a bridge that still has the old rules never takes the token of another rule for its own.
*/}}
{{- define "fairlead-bridge.tokenKey" -}}
{{- printf "%s-%d-%s" .list .index (omit .rule "token" | toJson | sha256sum | trunc 8) }}
{{- end }}

{{/* The rules of one list with files in place of Secrets: dict root, list. A JSON list under `rules`. */}}
{{- define "fairlead-bridge.rules" -}}
{{- $rules := list }}
{{- $path := include "fairlead-bridge.credentialsPath" .root }}
{{- range $index, $rule := index .root.Values.auth .list }}
  {{- $own := omit $rule "existingSecret" "existingSecretKey" }}
  {{- if include "fairlead-bridge.keepsToken" $rule }}
    {{- $own = omit $own "token" }}
    {{- $key := include "fairlead-bridge.tokenKey" (dict "list" $.list "index" $index "rule" $rule) }}
    {{- $_ := set $own "tokenFile" (printf "%s/%s/%s" $path (include "fairlead-bridge.tokensName" $.root) $key) }}
  {{- else if $rule.existingSecret }}
    {{- $_ := set $own "tokenFile" (printf "%s/%s/%s" $path $rule.existingSecret (default "token" $rule.existingSecretKey)) }}
  {{- end }}
  {{- with $rule.serviceAccount }}
    {{- $account := omit . "existingSecret" "existingSecretKey" }}
    {{- if .existingSecret }}
      {{- $_ := set $account "kubeconfigFile" (printf "%s/%s/%s" $path .existingSecret (default "kubeconfig" .existingSecretKey)) }}
    {{- end }}
    {{- $_ := set $own "serviceAccount" $account }}
  {{- end }}
  {{- $rules = append $rules $own }}
{{- end }}
{{- dict "rules" $rules | toJson }}
{{- end }}

{{/* Which keys of which Secrets hold tokens and kubeconfigs: JSON, Secret to list of keys. */}}
{{- define "fairlead-bridge.credentials" -}}
{{- $keys := dict }}
{{- range $list := list "agents" "clients" }}
  {{- range $index, $rule := index $.Values.auth $list }}
    {{- $secret := "" }}{{ $key := "" }}
    {{- if include "fairlead-bridge.keepsToken" $rule }}
      {{- $secret = include "fairlead-bridge.tokensName" $ }}
      {{- $key = include "fairlead-bridge.tokenKey" (dict "list" $list "index" $index "rule" $rule) }}
    {{- else if $rule.existingSecret }}
      {{- $secret = $rule.existingSecret }}
      {{- $key = default "token" $rule.existingSecretKey }}
    {{- else if ($rule.serviceAccount | default dict).existingSecret }}
      {{- $secret = $rule.serviceAccount.existingSecret }}
      {{- $key = default "kubeconfig" $rule.serviceAccount.existingSecretKey }}
    {{- end }}
    {{- if $secret }}
      {{- $_ := set $keys $secret (append (get $keys $secret | default list) $key | uniq) }}
    {{- end }}
  {{- end }}
{{- end }}
{{- toJson $keys }}
{{- end }}

{{/* One door of bridge.yaml: dict root, door. */}}
{{- define "fairlead-bridge.door" -}}
{{- $values := index .root.Values .door }}
{{- $tlsPath := include "fairlead-bridge.tlsPath" .root }}
host: {{ ternary "::" "0.0.0.0" (eq .root.Values.ipFamily "IPv6") | quote }}
port: {{ $values.port }}
{{- if include "fairlead-bridge.hasTls" . }}
tls:
  certFile: {{ $tlsPath }}/tls.crt
  keyFile: {{ $tlsPath }}/tls.key
  clientAuth: {{ $values.tls.clientAuth }}
  {{- if include "fairlead-bridge.asksForCertificates" . }}
  {{- with .root.Values.tls.clientCa }}
  clientCaFile: {{ if .existingSecret }}{{ include "fairlead-bridge.clientCaPath" $.root }}{{ else }}{{ $tlsPath }}{{ end }}/ca.crt
  {{- end }}
  {{- end }}
{{- else if $values.insecure }}
insecure: true
{{- end }}
{{- end }}

{{/* bridge.yaml as the values say it, without `config`. */}}
{{- define "fairlead-bridge.ownConfig" -}}
grpc:
  {{- include "fairlead-bridge.door" (dict "root" . "door" "grpc") | nindent 2 }}
http:
  {{- include "fairlead-bridge.door" (dict "root" . "door" "http") | nindent 2 }}
sql:
  {{- if .Values.database.embedded.enabled }}
  url: embedded:{{ include "fairlead-bridge.dataPath" . }}
  {{- else if include "fairlead-bridge.isReference" .Values.database.url }}
  url: {{ .Values.database.url | quote }}
  {{- end }}
  schema: {{ .Values.database.schema }}
  tableNamespace: {{ .Values.database.tableNamespace | quote }}
  pool:
    max: {{ .Values.database.pool.max }}
auth:
  insecure: {{ .Values.auth.insecure }}
  {{- range $list := list "agents" "clients" }}
  {{ $list }}:
    {{- (include "fairlead-bridge.rules" (dict "root" $ "list" $list) | fromJson).rules | toYaml | nindent 4 }}
  {{- end }}
clouddriver:
  accounts:
    enabled: {{ .Values.clouddriver.accounts.enabled }}
    {{- range $key := list "gatewayUrl" "gatewayCaFile" "gatewayTokenFile" }}
    {{- with index $.Values.clouddriver.accounts $key }}
    {{ $key }}: {{ . | quote }}
    {{- end }}
    {{- end }}
  lockAgents: {{ .Values.clouddriver.lockAgents }}
registry:
  gracePeriodSeconds: {{ .Values.registry.gracePeriodSeconds | int64 }}
antiEntropy:
  intervalSeconds: {{ .Values.antiEntropy.intervalSeconds | int64 }}
budget:
  {{- range $key, $bytes := .Values.budget }}
  {{ $key }}: {{ if kindIs "string" $bytes }}{{ $bytes | quote }}{{ else }}{{ int64 $bytes }}{{ end }}
  {{- end }}
limits:
  {{- range $key, $limit := .Values.limits }}
  {{ $key }}: {{ $limit | int64 }}
  {{- end }}
{{- with .Values.secretEngines }}
secrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
logging:
  level: {{ .Values.logging.level }}
  format: {{ .Values.logging.format }}
{{- end }}

{{/* bridge.yaml, `config` laid over. */}}
{{- define "fairlead-bridge.config" -}}
{{- mergeOverwrite (include "fairlead-bridge.ownConfig" . | fromYaml) (deepCopy .Values.config) | toYaml }}
{{- end }}

{{/* Every rule of both lists, `config` regarded: a JSON list under `rules`. */}}
{{- define "fairlead-bridge.allRules" -}}
{{- $auth := (include "fairlead-bridge.config" . | fromYaml).auth | default dict }}
{{- dict "rules" (concat ($auth.agents | default list) ($auth.clients | default list)) | toJson }}
{{- end }}

{{/* "true" when a rule asks the bridge's own cluster about tokens. */}}
{{- define "fairlead-bridge.reviewsTokens" -}}
{{- range (include "fairlead-bridge.allRules" . | fromJson).rules }}
{{- if (.serviceAccount | default dict).inCluster }}true{{ end }}
{{- end }}
{{- end }}

{{/* "true" when a rule asks some API server about tokens. */}}
{{- define "fairlead-bridge.asksApiServers" -}}
{{- range (include "fairlead-bridge.allRules" . | fromJson).rules }}
{{- with .serviceAccount }}{{ if or .inCluster .kubeconfigFile }}true{{ end }}{{ end }}
{{- end }}
{{- end }}

{{/* "true" when a rule has keys that are fetched. */}}
{{- define "fairlead-bridge.fetchesKeys" -}}
{{- range (include "fairlead-bridge.allRules" . | fromJson).rules }}
{{- if or (.jwt | default dict).jwksUrl (.serviceAccount | default dict).jwksUrl }}true{{ end }}
{{- end }}
{{- end }}

{{/* Secrets of its own namespace that the bridge reads by itself: `rbac.secretNames`, and what references name. A JSON list under `names`. */}}
{{- define "fairlead-bridge.secretNames" -}}
{{- $names := .Values.rbac.secretNames }}
{{- range regexFindAll "(encrypted|encryptedFile):k8s![^\\s\"']+" (include "fairlead-bridge.config" .) -1 }}
{{- $name := regexFind "!n:[^!]+" . | trimPrefix "!n:" }}
{{- $namespace := regexFind "!ns:[^!]+" . | trimPrefix "!ns:" }}
{{- if and $name (or (not $namespace) (eq $namespace $.Release.Namespace)) }}
{{- $names = append $names $name }}
{{- end }}
{{- end }}
{{- dict "names" ($names | uniq | sortAlpha) | toJson }}
{{- end }}

{{/* "true" when Vault is shown the token of the service account. */}}
{{- define "fairlead-bridge.asksVaultAsPod" -}}
{{- $vault := dig "secrets" "vault" dict (include "fairlead-bridge.config" . | fromYaml) }}
{{- if and $vault.enabled (eq (toString $vault.authMethod) "KUBERNETES") }}true{{ end }}
{{- end }}

{{/* How many bridges, where no autoscaler says it. */}}
{{- define "fairlead-bridge.replicas" -}}
{{- if kindIs "invalid" .Values.replicas }}{{ ternary 1 2 .Values.database.embedded.enabled }}{{ else }}{{ int .Values.replicas }}{{ end }}
{{- end }}
