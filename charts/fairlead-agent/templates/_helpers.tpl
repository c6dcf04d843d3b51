{{/* Names and labels, as `helm create` has them, so that every release knows its objects. */}}

{{- define "fairlead-agent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "fairlead-agent.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if hasPrefix (printf "%s-" .Release.Name) $name }}
{{- $name | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.selectorLabels" -}}
app.kubernetes.io/name: {{ include "fairlead-agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Of pods: nothing that changes with the chart's version, which would roll them for nothing. */}}
{{- define "fairlead-agent.podLabels" -}}
{{ include "fairlead-agent.selectorLabels" . }}
app.kubernetes.io/component: agent
app.kubernetes.io/part-of: fairlead
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "fairlead-agent.podLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Metadata of an object in the release's namespace; takes a dict of root, and of name and annotations if there are any. */}}
{{- define "fairlead-agent.metadata" -}}
name: {{ default (include "fairlead-agent.fullname" .root) .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "fairlead-agent.labels" .root | nindent 2 }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Of objects that live in no namespace: two releases of one name in two namespaces keep apart. */}}
{{- define "fairlead-agent.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "fairlead-agent.fullname" .) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "fairlead-agent.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "fairlead-agent.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.image" -}}
{{- $image := .Values.image }}
{{- $name := $image.repository }}
{{- with $image.registry }}
{{- $name = printf "%s/%s" (trimSuffix "/" .) $name }}
{{- end }}
{{- if $image.digest }}
{{- printf "%s@%s" $name $image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .Chart.AppVersion $image.tag) }}
{{- end }}
{{- end }}

{{/* Name of the Secret with the bridge's token; empty when there is none. */}}
{{- define "fairlead-agent.tokenSecret" -}}
{{- if .Values.bridge.existingSecret }}
{{- .Values.bridge.existingSecret }}
{{- else if .Values.bridge.token }}
{{- printf "%s-token" (include "fairlead-agent.fullname" .) }}
{{- end }}
{{- end }}

{{/* "true" when the agent shows a token, wherever that is from. */}}
{{- define "fairlead-agent.hasToken" -}}
{{- if or (include "fairlead-agent.tokenSecret" .) .Values.bridge.serviceAccountToken.enabled }}true{{ end }}
{{- end }}

{{/* Name of the Secret with the client certificate; empty when there is none. */}}
{{- define "fairlead-agent.clientCertificateSecret" -}}
{{- $certificate := .Values.bridge.tls.clientCertificate }}
{{- if $certificate.existingSecret }}
{{- $certificate.existingSecret }}
{{- else if $certificate.certManager.enabled }}
{{- printf "%s-client-tls" (include "fairlead-agent.fullname" .) }}
{{- end }}
{{- end }}

{{/* "true" when the release brings a CA bundle for the bridge's certificate. */}}
{{- define "fairlead-agent.hasCa" -}}
{{- with .Values.bridge.tls.ca }}
{{- if or .pem .existingSecret .existingConfigMap }}true{{ end }}
{{- end }}
{{- end }}

{{/* "true" when the pod gets its service account's token. */}}
{{- define "fairlead-agent.hasServiceAccountToken" -}}
{{- if kindIs "bool" .Values.serviceAccount.automount }}
{{- if .Values.serviceAccount.automount }}true{{ end }}
{{- else if or (eq .Values.mode "agent") (include "fairlead-agent.secretNames" . | fromYamlArray) (include "fairlead-agent.asksVaultAsPod" .) }}true
{{- end }}
{{- end }}

{{/* Secrets of its own namespace that the agent must be able to read. */}}
{{- define "fairlead-agent.secretNames" -}}
{{- $names := .Values.rbac.secretNames }}
{{- if include "fairlead-agent.hasOwnConfig" . }}
{{- range regexFindAll "(encrypted|encryptedFile):k8s![^\\s\"']+" (include "fairlead-agent.config" .) -1 }}
{{- $name := regexFind "!n:[^!]+" . | trimPrefix "!n:" }}
{{- $namespace := regexFind "!ns:[^!]+" . | trimPrefix "!ns:" }}
{{- if and $name (or (not $namespace) (eq $namespace $.Release.Namespace)) }}
{{- $names = append $names $name }}
{{- end }}
{{- end }}
{{- end }}
{{- $names | uniq | sortAlpha | toYaml }}
{{- end }}

{{/* "true" when Vault is shown the token of the service account. */}}
{{- define "fairlead-agent.asksVaultAsPod" -}}
{{- if include "fairlead-agent.hasOwnConfig" . }}
{{- $vault := dig "secrets" "vault" dict (include "fairlead-agent.config" . | fromYaml) }}
{{- if and $vault.enabled (eq (toString $vault.authMethod) "KUBERNETES") }}true{{ end }}
{{- end }}
{{- end }}
