package main

import (
	"fmt"

	"campana/conformance/record"
)

// wellKnown calls each template that the product brings along.
func wellKnown() []string {
	var texts []string
	for _, name := range []string{
		"__subject", "__alertmanagerURL", "default.title", "legacy.title", "legacy.content", "ding.link.title",
	} {
		texts = append(texts, fmt.Sprintf("{{ template %q . }}", name))
	}
	for _, name := range []string{"__text_alert_list", "default.__text_alert_list"} {
		for _, list := range []string{".Alerts", ".Alerts.Firing", ".Alerts.Resolved"} {
			texts = append(texts, fmt.Sprintf("{{ template %q %s }}", name, list))
		}
	}
	// As in contrib/templates/legacy: the old content under the names that are asked for.
	legacy := `{{ define "ding.link.title" }}{{ template "legacy.title" . }}{{ end }}` +
		`{{ define "ding.link.content" }}{{ template "legacy.content" . }}{{ end }}`
	return append(texts, legacy+`{{ template "ding.link.title" . }}`, legacy+`{{ template "ding.link.content" . }}`)
}

// mentioning are templates that show who is mentioned.
var mentioning = []string{
	`{{ template "default.content" . }}`, `{{ template "ding.link.content" . }}`,
	`{{ .AtMobiles }} {{ len .AtMobiles }} {{ printf "%T %v %#v" .AtMobiles .AtMobiles .AtMobiles }}`,
	`{{ range .AtMobiles }}@{{ . }} {{ else }}nobody{{ end }}`, `{{ if .AtMobiles }}some{{ end }}`, `{{ .AtMobiles | join "," }}`,
}

// ownModel is what only this generation of the data model has, or has not.
var ownModel = []string{
	"{{.NotificationReason}}", "{{.RouteLabels}}", "{{.TruncatedAlerts}}", "{{.GroupKey}}", "{{.CommonLabels.String}}",
	"{{.CommonLabels.Names.Join \" \"}}", "{{.CommonLabels.Values | join \" \"}}", "{{.CommonLabels.Names | join \"/\"}}",
	"{{join \" \" .CommonLabels.Names}}|{{.CommonLabels.SortedPairs.Values | join \",\"}}", "{{.CommonLabels.SortedPairs.String}}",
	"{{.CommonLabels.Remove (list \"alertname\")}}", "{{(.CommonLabels.Remove (splitList \",\" \"alertname,job\")).Names}}",
	"{{toJson .}}", "{{toJson .Alerts}}", "{{toJson .CommonLabels.SortedPairs}}", "{{toPrettyJson .GroupLabels}}", "{{toRawJson .CommonAnnotations}}",
	"{{range .Alerts}}{{.StartsAt | date \"2006.01.02 15:04:05\"}} {{dateInZone \"2006.01.02 15:04:05\" .StartsAt \"Asia/Shanghai\"}}\n{{end}}",
	"{{range .Alerts}}{{dateInZone \"2006-01-02 15:04:05 MST\" (.StartsAt) \"UTC\"}} {{.Labels.severity | upper}} {{.Labels.alertname | title}}\n{{end}}",
	"{{range .Alerts}}{{.EndsAt.Sub .StartsAt | duration}} {{get .Labels \"severity\"}}\n{{end}}", "{{(first .Alerts).Status}} {{(last .Alerts).Status}}",
	"{{(.Alerts | first).Labels.alertname}}", "{{hasKey .CommonLabels \"severity\"}}", "{{keys .CommonLabels}}", "{{len (rest .Alerts)}} {{has \"db-1:9100\" .CommonLabels.Values}}",
	"{{range $i, $a := .Alerts.Firing}}{{add1 $i}}. {{default \"none\" $a.Annotations.summary | trunc 10 | markdown | html}}\n{{end}}",
	"{{.CommonLabels.severity | default \"none\" | quote}} {{coalesce .CommonLabels.nope .CommonLabels.alertname \"x\"}} {{empty .Alerts}}",
	"{{$s := dict \"firing\" \"告警\" \"resolved\" \"恢复\"}}{{get $s .Status}} {{index $s .Status}} {{ternary \"a\" \"b\" (eq .Status \"firing\")}}",
	"{{typeOf .}} {{typeOf .Alerts}} {{kindOf .CommonLabels}} {{typeOf .CommonLabels.SortedPairs}} {{kindIs \"map\" .CommonLabels}}",
	"{{range .Alerts.Firing | reverse}}{{.Fingerprint}} {{end}}", "{{range slice .Alerts 0 1}}{{.Fingerprint}} {{end}}", "{{uniq .CommonLabels.Values}} {{sortAlpha .CommonLabels.Values}}",
}

// functions are calls of each function of the product itself with many arguments; those of sprig have
// their own cases elsewhere.
func functions() []string {
	var texts []string
	for _, name := range []string{"toUpper", "toLower", "markdown"} {
		for _, text := range record.Texts {
			texts = append(texts, fmt.Sprintf("{{%s %s}}", name, text))
		}
		for _, value := range record.Values {
			texts = append(texts, fmt.Sprintf("{{%s %s}}", name, value))
		}
		texts = append(texts, fmt.Sprintf("{{%s}}", name), fmt.Sprintf("{{.Status | %s | html}}", name))
		texts = append(texts, fmt.Sprintf("{{.CommonAnnotations.summary | %s | html | printf \"%%T %%q\" .Status}}", name))
	}
	for _, value := range record.Values {
		texts = append(texts, fmt.Sprintf("{{toJson %s}}", value), fmt.Sprintf("{{toJson (list %s)}}", value))
	}
	return texts
}
