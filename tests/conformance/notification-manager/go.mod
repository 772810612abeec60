module campana/conformance/notification-manager

go 1.26

require (
	github.com/json-iterator/go v1.1.12
	sigs.k8s.io/yaml v1.3.0
)

require (
	github.com/modern-go/concurrent v0.0.0-20180228061459-e0a39a4cb421 // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)
