{{/*
What the schema cannot say, or not in words that help: values that do not go together. All that is
wrong is told at once.
*/}}

{{/* "true" when the chart writes the configuration; else it is a ConfigMap that exists already. */}}
{{- define "fairlead-agent.hasOwnConfig" -}}
{{- if not .Values.spinnakerService.configMap }}true{{ end }}
{{- end }}

{{- define "fairlead-agent.validate" -}}
{{- $problems := list }}
{{- $problems = concat $problems (include "fairlead-agent.modeProblems" . | fromYamlArray) }}
{{- $problems = concat $problems (include "fairlead-agent.bridgeProblems" . | fromYamlArray) }}
{{- $problems = concat $problems (include "fairlead-agent.kubeconfigProblems" . | fromYamlArray) }}
{{- if has .Values.server.host (list "127.0.0.1" "localhost" "::1") }}
{{- $problems = append $problems (printf "server.host is %s: the kubelet's probes come from outside the pod; 0.0.0.0 or :: is needed" .Values.server.host) }}
{{- end }}
{{- if .Values.podMonitor.enabled }}
{{- if not .Values.metrics.enabled }}
{{- $problems = append $problems "podMonitor.enabled needs metrics.enabled" }}
{{- end }}
{{- end }}
{{- if not (or $problems .Values.spinnakerService.configMap) }}
{{- $problems = concat $problems (include "fairlead-agent.accountProblems" . | fromYamlArray) }}
{{- end }}
{{- if $problems }}
{{- fail (printf "\n\nThese values make no agent:\n- %s\n" (join "\n- " $problems)) }}
{{- end }}
{{- end }}

{{- define "fairlead-agent.modeProblems" -}}
{{- $values := .Values }}
{{- if eq $values.mode "agent" }}
{{- if or $values.kubeconfigs $values.kubeconfigsSecret $values.accounts }}
- "kubeconfigs, kubeconfigsSecret and accounts are for clusters elsewhere: set mode=infrastructure (mode agent serves the cluster that it runs in)"
{{- end }}
{{- if $values.spinnakerService.configMap }}
- "spinnakerService.configMap needs mode=spinnaker-service"
{{- end }}
{{- else }}
{{- if $values.account.name }}
- "account is the cluster that an agent of mode agent runs in; in mode {{ $values.mode }} clusters are given by kubeconfigs or accounts"
{{- end }}
{{- if $values.rbac.namespaced }}
- "rbac.namespaced is about the service account of mode agent; in mode {{ $values.mode }} the kubeconfigs say what may be done"
{{- end }}
{{- end }}
{{- if eq $values.mode "spinnaker-service" }}
{{- if $values.spinnakerService.configMap }}
{{- if or $values.config $values.agentyml $values.accounts $values.kubeconfigs $values.scrubbing $values.secretEngines }}
- "the configuration is the ConfigMap {{ $values.spinnakerService.configMap }}: put what config, agentyml, accounts, kubeconfigs, scrubbing or secretEngines should add into it (a key kubesvc-local.yaml or armory-agent-local.yaml overlays the file beside it)"
{{- end }}
{{- end }}
{{- end }}
{{- if and (eq $values.mode "infrastructure") $values.spinnakerService.configMap }}
- "spinnakerService.configMap needs mode=spinnaker-service"
{{- end }}
{{- if and $values.rbac.namespaces (not $values.rbac.namespaced) }}
- "rbac.namespaces needs rbac.namespaced=true"
{{- end }}
{{- if and $values.rbac.writeKinds (ne $values.rbac.access "full") }}
- "rbac.writeKinds needs rbac.access=full"
{{- end }}
{{- end }}

{{- define "fairlead-agent.bridgeProblems" -}}
{{- $bridge := .Values.bridge }}
{{- $tls := $bridge.tls }}
{{- $tokens := list }}
{{- range list "token" "existingSecret" "tokenReference" }}
{{- if index $bridge . }}
{{- $tokens = append $tokens (printf "bridge.%s" .) }}
{{- end }}
{{- end }}
{{- if $bridge.serviceAccountToken.enabled }}
{{- $tokens = append $tokens "bridge.serviceAccountToken" }}
{{- end }}
{{- if gt (len $tokens) 1 }}
- "give only one of {{ join ", " $tokens }}"
{{- end }}
{{- if and $bridge.anonymous $tokens }}
- "bridge.anonymous means without a token: leave {{ join ", " $tokens }} out"
{{- end }}
{{- if and $bridge.insecure (include "fairlead-agent.tlsConfig" .) }}
- "bridge.insecure means without TLS: leave bridge.tls out"
{{- end }}
{{- if and $tls.clientCertificate.existingSecret $tls.clientCertificate.certManager.enabled }}
- "give bridge.tls.clientCertificate.existingSecret or certManager.enabled, not both"
{{- end }}
{{- if and $tls.clientCertificate.certManager.enabled (not $tls.clientCertificate.certManager.issuerRef.name) }}
- "bridge.tls.clientCertificate.certManager.issuerRef.name is needed: which issuer signs the certificate?"
{{- end }}
{{- $cas := 0 }}
{{- range list $tls.ca.pem $tls.ca.existingSecret $tls.ca.existingConfigMap }}
{{- if . }}
{{- $cas = add1 $cas }}
{{- end }}
{{- end }}
{{- if gt (int $cas) 1 }}
- "give one of bridge.tls.ca.pem, existingSecret and existingConfigMap"
{{- end }}
{{- end }}

{{- define "fairlead-agent.kubeconfigProblems" -}}
{{- range $name, $source := .Values.kubeconfigs }}
{{- $given := list }}
{{- range list "file" "secret" "reference" }}
{{- if index $source . }}
{{- $given = append $given . }}
{{- end }}
{{- end }}
{{- if ne (len $given) 1 }}
- "kubeconfigs.{{ $name }} needs exactly one of file, secret and reference"
{{- end }}
{{- if or (hasKey $source "name") (hasKey $source "kubeconfigFile") (hasKey $source "serviceAccount") }}
- "kubeconfigs.{{ $name }} is an account of that name with that kubeconfig: leave name, kubeconfigFile and serviceAccount out"
{{- end }}
{{- end }}
{{- end }}

{{/* Looks at the configuration as the agent will read it. */}}
{{- define "fairlead-agent.accountProblems" -}}
{{- $config := include "fairlead-agent.config" . | fromYaml }}
{{- $clouddriver := $config.clouddriver }}
{{- if and $clouddriver.grpc (not (regexMatch "^[^/\\s]+:[0-9]+$" (toString $clouddriver.grpc))) }}
- {{ printf "bridge.address is %s: it must be host:port, without a scheme, as in bridge.example:9091" $clouddriver.grpc | quote }}
{{- end }}
{{- if not $clouddriver.grpc }}
- "bridge.address is needed: host and port of the bridge, as in --set bridge.address=bridge.example:9091"
{{- end }}
{{- if ne (int (dig "server" "port" .Values.server.port $config)) (int .Values.server.port) }}
- "set server.port, which is the pods' as well, instead of config.server.port"
{{- end }}
{{- if ne (int (dig "prometheus" "port" .Values.metrics.port $config)) (int .Values.metrics.port) }}
- "set metrics.port, which is the pods' as well, instead of config.prometheus.port"
{{- end }}
{{- $hasCertificate := dig "tls" "clientCertFile" "" $clouddriver }}
{{- if not (or $clouddriver.auth $hasCertificate .Values.bridge.anonymous) }}
- "bridge.token, bridge.existingSecret, bridge.tokenReference, bridge.serviceAccountToken.enabled or a client certificate (bridge.tls.clientCertificate) is needed; for a bridge that asks for none set bridge.anonymous=true"
{{- end }}
{{- if not $config.kubernetes.accounts }}
{{- if eq .Values.mode "agent" }}
- "account.name is needed: what Spinnaker shall call this cluster, as in --set account.name=prod-eu"
{{- else if eq .Values.mode "infrastructure" }}
- "mode infrastructure needs clusters: kubeconfigs (one entry for each), or accounts with kubeconfigsSecret"
{{- else }}
- "mode spinnaker-service needs spinnakerService.configMap (with kubesvc.yaml or armory-agent.yaml), or agentyml"
{{- end }}
{{- end }}
{{- range $index, $account := $config.kubernetes.accounts }}
{{- if not $account.name }}
- "account {{ $index }} has no name"
{{- else if regexMatch "\\s" (toString $account.name) }}
- {{ printf "account %s: a name has no blanks in it" $account.name | quote }}
{{- end }}
{{- if and (ne $.Values.mode "agent") $account.serviceAccount }}
- "account {{ $account.name }} has serviceAccount: true, which is for mode agent: give it a kubeconfigFile"
{{- end }}
{{- end }}
{{- end }}

{{/* For the NetworkPolicy; what follows the last colon. */}}
{{- define "fairlead-agent.bridgePort" -}}
{{- $address := .Values.bridge.address }}
{{- if include "fairlead-agent.hasOwnConfig" . }}
{{- $address = (include "fairlead-agent.config" . | fromYaml).clouddriver.grpc }}
{{- end }}
{{- $address | default ":9091" | splitList ":" | last | int }}
{{- end }}
