{{/* The pod's parts that the Deployment and the test of `helm test` share. */}}

{{- define "fairlead-agent.env" -}}
{{- if not (include "fairlead-agent.hasOwnConfig" .) }}
# The file is somebody else's; these keys are the pod's.
- name: FAIRLEAD_SERVER_HOST
  value: {{ .Values.server.host | quote }}
- name: FAIRLEAD_SERVER_PORT
  value: {{ .Values.server.port | quote }}
- name: FAIRLEAD_PROMETHEUS_ENABLED
  value: {{ .Values.metrics.enabled | quote }}
- name: FAIRLEAD_PROMETHEUS_HOST
  value: {{ .Values.server.host | quote }}
- name: FAIRLEAD_PROMETHEUS_PORT
  value: {{ .Values.metrics.port | quote }}
{{- with .Values.bridge.address }}
- name: FAIRLEAD_CLOUDDRIVER_GRPC
  value: {{ . | quote }}
{{- end }}
{{- if .Values.bridge.insecure }}
- name: FAIRLEAD_CLOUDDRIVER_INSECURE
  value: "true"
{{- end }}
{{- range $key, $value := include "fairlead-agent.tlsConfig" . | fromYaml }}
- name: FAIRLEAD_CLOUDDRIVER_TLS_{{ upper $key }}
  value: {{ $value | quote }}
{{- end }}
{{- if include "fairlead-agent.hasToken" . }}
- name: FAIRLEAD_CLOUDDRIVER_AUTH_TOKENFILE
  value: /opt/fairlead/token/token
{{- end }}
{{- with .Values.bridge.tokenReference }}
- name: FAIRLEAD_CLOUDDRIVER_AUTH_TOKEN
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.volumeMounts" -}}
{{- if include "fairlead-agent.hasOwnConfig" . }}
- { name: config, mountPath: /opt/fairlead/config, readOnly: true }
{{- else }}
- { name: config, mountPath: {{ .Values.spinnakerService.path }}, readOnly: true }
{{- end }}
{{- if include "fairlead-agent.hasToken" . }}
- { name: token, mountPath: /opt/fairlead/token, readOnly: true }
{{- end }}
{{- if include "fairlead-agent.hasCa" . }}
- { name: ca, mountPath: /opt/fairlead/ca, readOnly: true }
{{- end }}
{{- if include "fairlead-agent.clientCertificateSecret" . }}
- { name: client-tls, mountPath: /opt/fairlead/client-tls, readOnly: true }
{{- end }}
{{- if include "fairlead-agent.kubeconfigSources" . | fromYamlArray }}
- { name: kubeconfigs, mountPath: /kubeconfigfiles, readOnly: true }
{{- end }}
- { name: tmp, mountPath: /tmp }
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.volumes" -}}
- name: config
  configMap:
    name: {{ if include "fairlead-agent.hasOwnConfig" . }}{{ include "fairlead-agent.fullname" . }}{{ else }}{{ .Values.spinnakerService.configMap }}{{ end }}
{{- if .Values.bridge.serviceAccountToken.enabled }}
- name: token
  projected:
    defaultMode: 288
    sources:
      - serviceAccountToken:
          audience: {{ .Values.bridge.serviceAccountToken.audience | quote }}
          expirationSeconds: {{ .Values.bridge.serviceAccountToken.expirationSeconds }}
          path: token
{{- end }}
{{- with include "fairlead-agent.tokenSecret" . }}
- name: token
  secret:
    secretName: {{ . }}
    defaultMode: 288
    items:
      - { key: {{ if $.Values.bridge.existingSecret }}{{ $.Values.bridge.existingSecretKey }}{{ else }}token{{ end }}, path: token }
{{- end }}
{{- if include "fairlead-agent.hasCa" . }}
- name: ca
  {{- with .Values.bridge.tls.ca }}
  {{- if .existingSecret }}
  secret:
    secretName: {{ .existingSecret }}
    defaultMode: 288
  {{- else }}
  configMap:
    name: {{ default (printf "%s-ca" (include "fairlead-agent.fullname" $)) .existingConfigMap }}
  {{- end }}
    items:
      - { key: {{ if .pem }}ca.crt{{ else }}{{ .key }}{{ end }}, path: ca.crt }
  {{- end }}
{{- end }}
{{- with include "fairlead-agent.clientCertificateSecret" . }}
- name: client-tls
  secret:
    secretName: {{ . }}
    defaultMode: 288
    items:
      - { key: tls.crt, path: tls.crt }
      - { key: tls.key, path: tls.key }
{{- end }}
{{- with include "fairlead-agent.kubeconfigSources" . | fromYamlArray }}
- name: kubeconfigs
  projected:
    defaultMode: 288
    sources:
      {{- toYaml . | nindent 6 }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.tmpSizeLimit }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
What is put together at /kubeconfigfiles, as sources of a projected volume. All are optional: a Secret
that is missing downs its own account, and is followed when it comes, while a volume without it would keep
the pod from starting.
*/}}
{{- define "fairlead-agent.kubeconfigSources" -}}
{{- $sources := list }}
{{- with .Values.kubeconfigsSecret }}
{{- $sources = append $sources (dict "secret" (dict "name" . "optional" true)) }}
{{- end }}
{{- $items := list }}
{{- range $name, $source := .Values.kubeconfigs }}
{{- $path := printf "%s.yaml" $name }}
{{- $isFile := hasPrefix "/" (include "fairlead-agent.kubeconfigFile" (dict "name" $name "source" $source)) }}
{{- if $source.file }}
{{- $items = append $items (dict "key" $path "path" $path) }}
{{- else if $isFile }}
{{- $item := dict "key" (default "kubeconfig" $source.key) "path" $path }}
{{- $sources = append $sources (dict "secret" (dict "name" $source.secret "optional" true "items" (list $item))) }}
{{- end }}
{{- end }}
{{- if $items }}
{{- $sources = append $sources (dict "secret" (dict "name" (printf "%s-kubeconfigs" (include "fairlead-agent.fullname" .)) "items" $items)) }}
{{- end }}
{{- toYaml $sources }}
{{- end }}

{{/* Topology: replicas apart from each other, as far as the cluster allows it. */}}
{{- define "fairlead-agent.topologySpread" -}}
{{- if .Values.topologySpreadConstraints }}
{{- toYaml .Values.topologySpreadConstraints }}
{{- else }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "fairlead-agent.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}
