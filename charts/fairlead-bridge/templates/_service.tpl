{{/* A Service: dict root, door, name. Its port has the door's name. */}}
{{- define "fairlead-bridge.service" -}}
{{- $service := (index .root.Values .door).service }}
{{- $hasTls := include "fairlead-bridge.hasTls" (dict "root" .root "door" .door) }}
apiVersion: v1
kind: Service
metadata:
  {{- include "fairlead-bridge.metadata" (dict "root" .root "name" .name "labels" $service.labels "annotations" $service.annotations) | nindent 2 }}
spec:
  type: {{ $service.type }}
  {{- range $key := list "clusterIP" "loadBalancerClass" "externalTrafficPolicy" "ipFamilyPolicy" }}
  {{- with index $service $key }}
  {{ $key }}: {{ . }}
  {{- end }}
  {{- end }}
  {{- with $service.loadBalancerSourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  selector:
    {{- include "fairlead-bridge.selectorLabels" .root | nindent 4 }}
  ports:
    - name: {{ .door }}
      port: {{ $service.port }}
      targetPort: {{ .door }}
      protocol: TCP
      appProtocol: {{ $service.appProtocol | default (ternary "https" (ternary "kubernetes.io/h2c" "http" (eq .door "grpc")) (eq $hasTls "true")) }}
      {{- with $service.nodePort }}
      nodePort: {{ . }}
      {{- end }}
{{- end }}
