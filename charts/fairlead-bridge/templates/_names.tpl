{{/* Names and labels: what everything is called. */}}

{{/* Name of the chart. */}}
{{- define "fairlead-bridge.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Name of the workload and of the Service for HTTP: the chart's for a release `fairlead` or `fairlead-bridge`, else with
the release's in front. 52: pods of a StatefulSet carry a hash of 11 more in a label.
*/}}
{{- define "fairlead-bridge.fullname" -}}
{{- $name := include "fairlead-bridge.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if hasPrefix (printf "%s-" .Release.Name) $name }}
{{- $name | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Name of the Service for HTTP. */}}
{{- define "fairlead-bridge.httpServiceName" -}}
{{- default (include "fairlead-bridge.fullname" .) .Values.http.service.name }}
{{- end }}

{{/* Labels by which pods are found; never changed, since a Deployment's selector cannot be. */}}
{{- define "fairlead-bridge.selectorLabels" -}}
app.kubernetes.io/name: {{ include "fairlead-bridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of everything. */}}
{{- define "fairlead-bridge.labels" -}}
{{ include "fairlead-bridge.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: bridge
app.kubernetes.io/part-of: fairlead
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata's name, namespace, labels and annotations: dict root, name, and optionally namespace, labels, annotations. */}}
{{- define "fairlead-bridge.metadata" -}}
name: {{ .name }}
{{- if ne (toString .namespace) "none" }}
namespace: {{ .namespace | default .root.Release.Namespace }}
{{- end }}
labels:
  {{- $labels := include "fairlead-bridge.labels" .root | fromYaml }}
  {{- toYaml (mergeOverwrite $labels (.labels | default dict)) | nindent 2 }}
{{- with mergeOverwrite (deepCopy .root.Values.commonAnnotations) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The image with its registry, and digest or tag. */}}
{{- define "fairlead-bridge.image" -}}
{{- with .Values.image }}
{{- $name := .repository }}
{{- if .registry }}{{ $name = printf "%s/%s" .registry .repository }}{{ end }}
{{- if .digest }}{{ printf "%s@%s" $name .digest }}{{ else }}{{ printf "%s:%s" $name (default $.Chart.AppVersion .tag) }}{{ end }}
{{- end }}
{{- end }}

{{/* Name of the service account that the pods run as. */}}
{{- define "fairlead-bridge.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "fairlead-bridge.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}
