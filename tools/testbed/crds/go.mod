module fairlead.dev/tools/testbed/crds

go 1.26.0

// Files of custom resource definitions; nothing of these modules is compiled.
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	sigs.k8s.io/gateway-api v1.6.3
)
