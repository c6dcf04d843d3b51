{{/* Values that fit the schema one by one and make no sense together: every problem at once, each with what to do. */}}

{{- define "fairlead-bridge.check" -}}
{{- $lines := list }}
{{- range $part := list "database" "names" "clouddriver" "doors" "rules" "ways" "replicas" "config" }}
  {{- range include (printf "fairlead-bridge.problemsOf.%s" $part) $ | splitList "\n" }}
    {{- if trim . }}{{ $lines = append $lines (printf "  - %s" (trim .)) }}{{ end }}
  {{- end }}
{{- end }}
{{- if $lines }}
  {{- fail (printf "\nthese values make no bridge:\n%s\n" (join "\n" $lines)) }}
{{- end }}
{{- end }}

{{- define "fairlead-bridge.problemsOf.database" -}}
{{- with .Values.database }}
{{- $given := 0 }}
{{- range list .existingSecret .url .embedded.enabled }}{{ if . }}{{ $given = add1 $given }}{{ end }}{{ end }}
{{- if eq (int $given) 0 }}
database: says not where the cache is: set database.existingSecret (a Secret with the URL of Clouddriver's database), database.url, or database.embedded.enabled=true to try it without one
{{- else if gt (int $given) 1 }}
database: existingSecret, url and embedded.enabled exclude each other: keep one of them
{{- end }}
{{- if and .url (not (regexMatch "^((postgres|postgresql|mysql|mariadb)://|encrypted:|secret://)" .url)) }}
database.url: must begin with postgres:// or mysql://
{{- end }}
{{- end }}
{{- end }}

{{/* Their values are not said: what stands here by mistake may be the secret itself. */}}
{{- define "fairlead-bridge.problemsOf.names" -}}
{{- $names := dict "database.existingSecret" .Values.database.existingSecret "tls.existingSecret" .Values.tls.existingSecret "tls.clientCa.existingSecret" .Values.tls.clientCa.existingSecret "database.embedded.persistence.existingClaim" .Values.database.embedded.persistence.existingClaim }}
{{- range $list := list "agents" "clients" }}
  {{- range $index, $rule := index $.Values.auth $list }}
    {{- $_ := set $names (printf "auth.%s[%d].existingSecret" $list $index) $rule.existingSecret }}
    {{- $_ := set $names (printf "auth.%s[%d].serviceAccount.existingSecret" $list $index) ($rule.serviceAccount | default dict).existingSecret }}
  {{- end }}
{{- end }}
{{- range $path, $name := $names }}
{{- if and $name (not (regexMatch "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" $name)) }}
{{ $path }}: must be the name of an object in the release's namespace: lower-case letters, digits, - and .
{{- end }}
{{- end }}
{{- end }}

{{- define "fairlead-bridge.problemsOf.clouddriver" -}}
{{- with .Values.clouddriver.accounts }}
{{- if and .enabled (not .gatewayUrl) }}
clouddriver.accounts.enabled: needs clouddriver.accounts.gatewayUrl, the address by which Clouddriver's kubectl reaches the bridge, such as {{ ternary "https" "http" (eq (include "fairlead-bridge.hasTls" (dict "root" $ "door" "http")) "true") }}://{{ include "fairlead-bridge.httpServiceName" $ }}.{{ $.Release.Namespace }}:{{ $.Values.http.service.port }}
{{- end }}
{{- if and .gatewayUrl (not (regexMatch "^https?://[^\\s@?#]+$" .gatewayUrl)) }}
clouddriver.accounts.gatewayUrl: must be an http or https URL without user, query and fragment
{{- end }}
{{- if and .enabled (or $.Values.database.embedded.enabled (eq $.Values.database.schema "standalone")) }}
clouddriver.accounts.enabled: needs Clouddriver's own database (database.existingSecret or url, and database.schema=clouddriver): no Clouddriver reads this one
{{- end }}
{{- end }}
{{- end }}

{{/* Judged by bridge.yaml as a whole, since `config` may have a part in it. */}}
{{- define "fairlead-bridge.problemsOf.doors" -}}
{{- $config := include "fairlead-bridge.config" . | fromYaml }}
{{- $auth := $config.auth | default dict }}
{{- if and .Values.tls.existingSecret .Values.tls.certManager.enabled }}
tls: existingSecret and certManager.enabled exclude each other: keep one of them
{{- end }}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuerRef.name) }}
tls.certManager.issuerRef: needs the name of the issuer that signs
{{- end }}
{{- range $door := list "grpc" "http" }}
  {{- $values := index $.Values $door }}
  {{- $list := ternary "agents" "clients" (eq $door "grpc") }}
  {{- $asks := ne $values.tls.clientAuth "none" }}
  {{- $isPlain := not (or (index $config $door).tls (index $config $door).insecure) }}
  {{- if and (not $auth.insecure) (not (index $auth $list)) }}
auth.{{ $list }}: is empty, so nobody gets in: add a rule, such as {{ if eq $list "agents" }}{existingSecret: agent-token, accounts: ["*"]}{{ else }}{name: deck, existingSecret: deck-token, access: read}{{ end }}, or say auth.insecure=true to let everybody in
  {{- end }}
  {{- if and (not $auth.insecure) $isPlain }}
{{ $door }}: tokens would travel in plain text: set tls.existingSecret or tls.certManager.enabled, or {{ $door }}.insecure=true where something in front of the bridge has the TLS
  {{- end }}
  {{- if and $asks (not (include "fairlead-bridge.hasTls" (dict "root" $ "door" $door))) }}
{{ $door }}.tls.clientAuth: asks for certificates on a port without TLS: set tls.existingSecret or tls.certManager.enabled, and leave {{ $door }}.insecure alone
  {{- end }}
{{- end }}
{{- if eq .Values.http.tls.clientAuth "require" }}
http.tls.clientAuth: require would shut out the kubelet's probes, which have no certificate: set optional; rules still demand what they demand
{{- end }}
{{- if and .Values.tls.clientCa.existingSecret (eq .Values.grpc.tls.clientAuth "none") (eq .Values.http.tls.clientAuth "none") }}
tls.clientCa.existingSecret: nobody is asked for a certificate: set grpc.tls.clientAuth or http.tls.clientAuth
{{- end }}
{{- end }}

{{- define "fairlead-bridge.problemsOf.rules" -}}
{{- range $list := list "agents" "clients" }}
  {{- $door := ternary "grpc" "http" (eq $list "agents") }}
  {{- range $index, $rule := index $.Values.auth $list }}
    {{- $path := printf "auth.%s[%d]" $list $index }}
    {{- $ways := list }}
    {{- range $way := list "existingSecret" "token" "tokenFile" "x509Subject" "jwt" "serviceAccount" }}
      {{- if index $rule $way }}{{ $ways = append $ways $way }}{{ end }}
    {{- end }}
    {{- if ne (len $ways) 1 }}
{{ $path }}: has {{ if $ways }}{{ join " and " $ways }}{{ else }}no way to prove who one is{{ end }}: needs exactly one of existingSecret, token, tokenFile, x509Subject, jwt, serviceAccount
    {{- end }}
    {{- if and $rule.existingSecretKey (not $rule.existingSecret) }}
{{ $path }}.existingSecretKey: needs existingSecret, whose key it names
    {{- end }}
    {{- if and $rule.x509Subject (not (include "fairlead-bridge.asksForCertificates" (dict "root" $ "door" $door))) }}
{{ $path }}.x509Subject: nobody is asked for a certificate: set {{ $door }}.tls.clientAuth to optional{{ if eq $door "grpc" }} or require{{ end }}, and tls
    {{- end }}
    {{- with $rule.jwt }}
    {{- if eq (not .jwksUrl) (not .jwksFile) }}
{{ $path }}.jwt: needs exactly one of jwksUrl, jwksFile
    {{- end }}
    {{- end }}
    {{- with $rule.serviceAccount }}
    {{- $keys := list }}
    {{- range $key := list "existingSecret" "kubeconfigFile" "inCluster" "jwksUrl" "jwksFile" }}
      {{- if index $rule.serviceAccount $key }}{{ $keys = append $keys $key }}{{ end }}
    {{- end }}
    {{- if ne (len $keys) 1 }}
{{ $path }}.serviceAccount: needs exactly one of inCluster, existingSecret (a kubeconfig), kubeconfigFile, jwksUrl, jwksFile
    {{- end }}
    {{- end }}
    {{- range $kind := list "jwt" "serviceAccount" }}
    {{- $url := (index $rule $kind | default dict).jwksUrl }}
    {{- if and $url (not (regexMatch "^(https://|http://(127\\.|localhost[:/]|\\[::1\\]))" $url)) }}
{{ $path }}.{{ $kind }}.jwksUrl: must be https: whoever can change the keys on their way can make tokens
    {{- end }}
    {{- end }}
    {{- if and $rule.groups (not $rule.jwt) }}
{{ $path }}.groups: needs jwt: only it names groups
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Ingresses and routes. */}}
{{- define "fairlead-bridge.problemsOf.ways" -}}
{{- range $door := list "grpc" "http" }}
  {{- $values := index $.Values $door }}
  {{- if and $values.ingress.enabled (not $values.ingress.hosts) }}
{{ $door }}.ingress.hosts: name a host: the two doors cannot share one without
  {{- end }}
  {{- if and $values.gateway.enabled (not $values.gateway.parentRefs) }}
{{ $door }}.gateway.parentRefs: name the Gateway that the route belongs to
  {{- end }}
  {{- if and $values.gateway.enabled (eq $values.gateway.kind "TLSRoute") }}
    {{- if not (include "fairlead-bridge.hasTls" (dict "root" $ "door" $door)) }}
{{ $door }}.gateway.kind: a TLSRoute hands TLS to the bridge, whose port has none: set tls, or take a {{ ternary "GRPCRoute" "HTTPRoute" (eq $door "grpc") }}
    {{- end }}
    {{- if not $values.gateway.hostnames }}
{{ $door }}.gateway.hostnames: a TLSRoute is found by the host names in the TLS handshake: name one
    {{- end }}
  {{- end }}
{{- end }}
{{- if eq (int .Values.grpc.port) (int .Values.http.port) }}
http.port: is grpc.port: choose another
{{- end }}
{{- if eq .Values.grpc.service.name (include "fairlead-bridge.httpServiceName" .) }}
http.service.name: is grpc.service.name: choose another
{{- end }}
{{- end }}

{{- define "fairlead-bridge.problemsOf.replicas" -}}
{{- if .Values.database.embedded.enabled }}
{{- if gt (int (include "fairlead-bridge.replicas" .)) 1 }}
replicas: the embedded database is one process with one volume: set replicas=1, or give the bridges a database that they share
{{- end }}
{{- if .Values.autoscaling.enabled }}
autoscaling.enabled: the embedded database is one process with one volume: switch one of the two off
{{- end }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
autoscaling.minReplicas: is more than maxReplicas
{{- end }}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add (int .Values.preStopSeconds) 25 | int) }}
terminationGracePeriodSeconds: must be at least {{ add (int .Values.preStopSeconds) 25 }}: preStopSeconds, and 25 s in which the bridge commits what it holds
{{- end }}
{{- end }}

{{/* What would lay a secret open in a ConfigMap, or contradict what the chart makes. */}}
{{- define "fairlead-bridge.problemsOf.config" -}}
{{- if and .Values.secretEngines .Values.config.secrets }}
config.secrets: is secretEngines: keep one of them
{{- end }}
{{- with .Values.config }}
{{- range $key := list "url" "password" }}
{{- $text := index ($.Values.config.sql | default dict) $key }}
{{- if and $text (not (include "fairlead-bridge.isReference" $text)) }}
config.sql.{{ $key }}: would stand in a ConfigMap: use database.existingSecret or database.url, or a reference to a secret engine
{{- end }}
{{- end }}
{{- range $list := list "agents" "clients" }}
  {{- range $index, $rule := index ($.Values.config.auth | default dict) $list }}
    {{- if include "fairlead-bridge.keepsToken" (default dict $rule) }}
config.auth.{{ $list }}[{{ $index }}].token: would stand in a ConfigMap: put the rule into auth.{{ $list }}
    {{- end }}
  {{- end }}
{{- end }}
{{- range $door := list "grpc" "http" }}
  {{- range $key := list "host" "port" }}
    {{- if hasKey (index $.Values.config $door | default dict) $key }}
config.{{ $door }}.{{ $key }}: Services and probes would not know of it: use {{ if eq $key "port" }}{{ $door }}.port{{ else }}ipFamily{{ end }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}
