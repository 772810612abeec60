module gotemplate/conformance/alertmanager

go 1.26

require (
	github.com/prometheus/alertmanager v0.34.2
	golang.org/x/text v0.42.0
)
