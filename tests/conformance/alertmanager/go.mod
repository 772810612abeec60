module campana/conformance/alertmanager

go 1.26.0

require (
	github.com/prometheus/alertmanager v0.34.2
	golang.org/x/text v0.42.0
	campana/conformance/record v0.0.0
)

require (
	github.com/prometheus/client_model v0.6.2 // indirect
	github.com/prometheus/common v0.70.1 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)

replace campana/conformance/record => ../record
