{{/* The pod that Deployment and StatefulSet share. */}}

{{/* A probe: dict root, path, probe. */}}
{{- define "fairlead-bridge.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ ternary "HTTPS" "HTTP" (eq (include "fairlead-bridge.hasTls" (dict "root" .root "door" "http")) "true") }}
{{- with omit .probe "httpGet" "exec" "tcpSocket" "grpc" }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* host:port by which other bridges reach this one; an IPv6 address stands in brackets. */}}
{{- define "fairlead-bridge.advertisedAddress" -}}
{{- if .Values.grpc.advertisedAddress }}{{ .Values.grpc.advertisedAddress }}
{{- else if eq .Values.ipFamily "IPv6" }}[$(POD_IP)]:{{ .Values.grpc.port }}
{{- else }}$(POD_IP):{{ .Values.grpc.port }}
{{- end }}
{{- end }}

{{/* "true" when kubelets know how to sleep before they end a container: on by default from 1.30. */}}
{{- define "fairlead-bridge.sleepsBeforeStop" -}}
{{- if and (gt (int .Values.preStopSeconds) 0) (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version) }}true{{ end }}
{{- end }}

{{/* "true" when the pod's token is mounted. */}}
{{- define "fairlead-bridge.mountsToken" -}}
{{- if kindIs "bool" .Values.serviceAccount.automount }}{{ .Values.serviceAccount.automount }}
{{- else }}{{ or (include "fairlead-bridge.secretNames" . | fromJson).names (include "fairlead-bridge.asksVaultAsPod" .) (include "fairlead-bridge.reviewsTokens" .) | empty | not }}
{{- end }}
{{- end }}

{{- define "fairlead-bridge.podTemplate" -}}
metadata:
  labels:
    {{- $labels := include "fairlead-bridge.labels" . | fromYaml }}
    {{- omit (mergeOverwrite $labels .Values.podLabels (include "fairlead-bridge.selectorLabels" . | fromYaml)) "helm.sh/chart" "app.kubernetes.io/managed-by" | toYaml | nindent 4 }}
  annotations:
    # A bridge reads these once. Tokens and certificates are files that it follows, and need no new pods.
    checksum/config: {{ include "fairlead-bridge.config" . | sha256sum }}
    {{- if include "fairlead-bridge.keepsUrl" . }}
    # By scrypt: whoever may read pods and no Secrets must not be able to try passwords on it.
    checksum/database: {{ derivePassword 1 "long" .Values.database.url (include "fairlead-bridge.fullname" .) .Release.Namespace | sha256sum }}
    {{- end }}
    {{- with merge (dict) .Values.podAnnotations .Values.commonAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "fairlead-bridge.serviceAccountName" . }}
  automountServiceAccountToken: {{ include "fairlead-bridge.mountsToken" . }}
  # A Service called fairlead-grpc would set FAIRLEAD_GRPC_PORT, which is a key of bridge.yaml.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- range $key := list "priorityClassName" "runtimeClassName" "dnsPolicy" }}
  {{- with index $.Values $key }}
  {{ $key }}: {{ . }}
  {{- end }}
  {{- end }}
  {{- range $key := list "dnsConfig" "hostAliases" "nodeSelector" "tolerations" "affinity" "initContainers" }}
  {{- with index $.Values $key }}
  {{ $key }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- $selector := dict "matchLabels" (include "fairlead-bridge.selectorLabels" $ | fromYaml) }}
    {{- range . }}
    - {{ toYaml (merge (dict) . (dict "labelSelector" $selector)) | indent 6 | trim }}
    {{- end }}
  {{- end }}
  containers:
    - name: bridge
      {{- include "fairlead-bridge.container" . | nindent 6 }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    {{- include "fairlead-bridge.volumes" . | nindent 4 }}
{{- end }}

{{- define "fairlead-bridge.container" -}}
image: {{ include "fairlead-bridge.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.securityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.extraArgs }}
args:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: grpc
    containerPort: {{ .Values.grpc.port }}
    protocol: TCP
  - name: http
    containerPort: {{ .Values.http.port }}
    protocol: TCP
env:
  {{- include "fairlead-bridge.env" . | trim | nindent 2 }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- range $name, $path := dict "livenessProbe" "/livez" "readinessProbe" "/readyz" "startupProbe" "/livez" }}
{{ $name }}:
  {{- include "fairlead-bridge.probe" (dict "root" $ "path" $path "probe" (index $.Values $name)) | nindent 2 }}
{{- end }}
{{- if include "fairlead-bridge.sleepsBeforeStop" . }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ .Values.preStopSeconds }}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  {{- include "fairlead-bridge.volumeMounts" . | nindent 2 }}
{{- end }}

{{/* "true" when the chart makes a Secret of the database's URL. */}}
{{- define "fairlead-bridge.keepsUrl" -}}
{{- if and .Values.database.url (not (include "fairlead-bridge.isReference" .Values.database.url)) }}true{{ end }}
{{- end }}

{{- define "fairlead-bridge.env" -}}
{{- range $name, $path := dict "POD_IP" "status.podIP" "POD_NAME" "metadata.name" }}
- name: {{ $name }}
  valueFrom:
    fieldRef:
      fieldPath: {{ $path }}
{{- end }}
- name: FAIRLEAD_GRPC_ADVERTISEDADDRESS
  value: {{ include "fairlead-bridge.advertisedAddress" . | quote }}
{{- if or .Values.database.existingSecret (include "fairlead-bridge.keepsUrl" .) }}
- name: FAIRLEAD_SQL_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "fairlead-bridge.databaseSecretName" . }}
      key: {{ ternary .Values.database.existingSecretKey "url" (ne .Values.database.existingSecret "") }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "fairlead-bridge.volumeMounts" -}}
- name: config
  mountPath: /opt/fairlead/config
  readOnly: true
{{- if include "fairlead-bridge.mountsTls" . }}
- name: tls
  mountPath: {{ include "fairlead-bridge.tlsPath" . }}
  readOnly: true
{{- end }}
{{- if .Values.tls.clientCa.existingSecret }}
- name: client-ca
  mountPath: {{ include "fairlead-bridge.clientCaPath" . }}
  readOnly: true
{{- end }}
{{- if include "fairlead-bridge.credentials" . | fromJson }}
- name: credentials
  mountPath: {{ include "fairlead-bridge.credentialsPath" . }}
  readOnly: true
{{- end }}
{{- if .Values.database.embedded.enabled }}
- name: data
  mountPath: {{ include "fairlead-bridge.dataPath" . }}
{{- end }}
# SQLite sorts large results in files here; the root file system is read-only.
- name: tmp
  mountPath: /tmp
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* "true" when a door uses the ports' certificate. */}}
{{- define "fairlead-bridge.mountsTls" -}}
{{- if or (include "fairlead-bridge.hasTls" (dict "root" . "door" "grpc")) (include "fairlead-bridge.hasTls" (dict "root" . "door" "http")) }}true{{ end }}
{{- end }}

{{/* Whole directories, so that kubelets change them in place when their Secrets change. */}}
{{- define "fairlead-bridge.volumes" -}}
- name: config
  configMap:
    name: {{ include "fairlead-bridge.fullname" . }}
{{- if include "fairlead-bridge.mountsTls" . }}
- name: tls
  secret:
    secretName: {{ include "fairlead-bridge.tlsSecretName" . }}
    defaultMode: 288
{{- end }}
{{- with .Values.tls.clientCa }}
{{- if .existingSecret }}
- name: client-ca
  secret:
    secretName: {{ .existingSecret }}
    defaultMode: 288
    items:
      - key: {{ .existingSecretKey }}
        path: ca.crt
{{- end }}
{{- end }}
{{- with include "fairlead-bridge.credentials" . | fromJson }}
- name: credentials
  projected:
    defaultMode: 288
    sources:
      {{- range $secret, $keys := . }}
      - secret:
          name: {{ $secret }}
          # A token that is taken away is away; and one that is missing stops none of the others.
          optional: true
          items:
            {{- range $keys }}
            - key: {{ . }}
              path: {{ $secret }}/{{ . }}
            {{- end }}
      {{- end }}
{{- end }}
{{- if .Values.database.embedded.enabled }}
{{- with .Values.database.embedded.persistence }}
{{- if not .enabled }}
- name: data
  emptyDir: {}
{{- else if .existingClaim }}
- name: data
  persistentVolumeClaim:
    claimName: {{ .existingClaim }}
{{- end }}
{{- end }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.tmpSizeLimit }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
