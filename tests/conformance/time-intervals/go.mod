module campana/conformance/time-intervals

go 1.26.0

require (
	github.com/prometheus/alertmanager v0.34.2
	gopkg.in/yaml.v2 v2.4.0
)
