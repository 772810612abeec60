package main

// forAll are executed with every payload.
var forAll = []string{
	`{{ . }}`,
	`{{ .status }} {{ .receiver }} {{ .version }} {{ .groupKey }} {{ .truncatedAlerts }} {{ .externalURL }} {{ .notification_reason }}`,
	`{{ range $i, $a := .alerts }}{{ $i }} {{ $a.startsAt }} {{ $a.endsAt }} {{ GetCSTtime $a.startsAt }} {{ GetCSTtime $a.endsAt }};{{ end }}`,
	`{{ range .alerts }}{{ TimeFormat .startsAt "2006-01-02 15:04:05" }} {{ TimeFormat .endsAt "Jan _2 2006 3:04PM .000 MST" }};{{ end }}`,
	`{{ range .alerts }}{{ GetTimeDuration .startsAt .endsAt }} {{ GetTimeDuration .endsAt .startsAt }};{{ end }}`,
	`{{ range .alerts }}{{ GetTime .startsAt }} {{ .fingerprint | toUpper }} {{ .generatorURL | printf "%q" }};{{ end }}`,
	`{{ range $k, $v := .commonLabels }}{{ $k }}={{ $v }},{{ end }}|{{ range $k, $v := .commonAnnotations }}{{ $k | title }}={{ $v | toUpper }},{{ end }}`,
	`{{ range .alerts }}{{ range $k, $v := .labels }}{{ if match "^[a-z]+$" $k }}{{ $k }}: {{ reReplaceAll "[^\\w]+" "_" $v }};{{ end }}{{ end }}{{ end }}`,
	`{{ range .alerts }}{{ .labels.alertname }}|{{ .labels.nope }}|{{ .annotations.summary }}|{{ .nope }};{{ end }}`,
	`{{ range .alerts }}{{ with .annotations.summary }}{{ SplitString . 0 3 }}…{{ SplitString . 1 -1 }}{{ end }};{{ end }}`,
	`{{ $u := "" }}{{ range $k, $v := .commonLabels }}{{ $u = print $u $k "%3D" $v "%2C" }}{{ end }}{{ SplitString $u 0 -3 }}`,
}

// forGrafana are executed with a payload of Grafana's.
var forGrafana = []string{
	`{{ .orgId }} {{ .title }} {{ .state }} {{ .appVersion }} {{ .version }} {{ .message | printf "%q" }}`,
	`{{ range .alerts }}{{ .silenceURL }} {{ .dashboardURL }} {{ .panelURL }} {{ .imageURL }};{{ end }}`,
	`{{ range .alerts }}{{ .values }} {{ .values.A }} {{ .values.Z }} {{ .valueString }} {{ .ruleUID }} {{ .orgId }};{{ end }}`,
	`{{ range .alerts }}{{ range $name, $value := .values }}{{ $name }}={{ $value }} {{ if $value }}{{ printf "%.1f" $value }}{{ end }},{{ end }};{{ end }}`,
	`{{ range .alerts }}{{ with .values }}{{ .A }} {{ .Z }} {{ len . }}{{ end }} {{ .valueString }} {{ .ruleUID }} {{ .orgId }};{{ end }}`,
	`{{ .notification_reason }} {{ .routeLabels }} {{ printf "%T %T" .orgId (index .alerts 0).values }}`,
	`{{ if eq .version "1" }}{{ range .alerts }}![]({{ .imageURL }}) [{{ .labels.alertname }}]({{ .panelURL }}){{ end }}{{ end }}`,
}

// forOne are executed with one payload.
var forOne = []string{
	// GetCSTtime.
	`{{ GetCSTtime "" }}`, `{{ GetCSTtime "2026-11-20T08:00:00Z" }}`, `{{ GetCSTtime "2026-11-20T08:00:00.999999999Z" }}`, `{{ GetCSTtime "2026-11-20T08:00:00+08:00" }}`,
	`{{ GetCSTtime "2026-11-20 08:00:00" }}`, `{{ GetCSTtime "2026-11-20 08:00:00.5" }}`, `{{ GetCSTtime "2026-11-20" }}`, `{{ GetCSTtime "nonsense" }}`, `{{ GetCSTtime "0001-01-01T00:00:00Z" }}`,
	`{{ GetCSTtime "2026-12-31T23:59:59-05:30" }}`, `{{ GetCSTtime "2026-11-20t08:00:00z" }}`, `{{ GetCSTtime "2026-02-30T08:00:00Z" }}`, `{{ GetCSTtime "9999-12-31T23:59:59Z" }}`, `{{ GetCSTtime .nope }}`, `{{ GetCSTtime 1 }}`, `{{ GetCSTtime }}`, `{{ GetCSTtime nil }}`,
	// GetTime.
	`{{ GetTime "1609459200" }}`, `{{ GetTime "1609459200123" }}`, `{{ GetTime "1609459200" "2006-01-02 15:04:05 MST -0700" }}`, `{{ GetTime "1609459200" "15:04" "ignored" }}`, `{{ GetTime 1609459200.0 }}`, `{{ GetTime 1609459200.9 "2006" }}`,
	`{{ GetTime "" }}`, `{{ GetTime "x" }}`, `{{ GetTime "-1" }}`, `{{ GetTime "+1" }}`, `{{ GetTime "1_000" }}`, `{{ GetTime 1609459200 }}`, `{{ GetTime true }}`, `{{ GetTime nil }}`, `{{ GetTime .nope }}`, `{{ GetTime .truncatedAlerts }}`, `{{ GetTime .status }}`,
	`{{ GetTime "1609459200" 1 }}`, `{{ GetTime }}`, `{{ GetTime "0000000000000" }}`, `{{ GetTime "253402300799" }}`, `{{ GetTime -1.5 }}`, `{{ GetTime .alerts }}`,
	// GetTimeDuration.
	`{{ GetTimeDuration "2026-11-20T08:00:00Z" "2026-11-20T08:00:05Z" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" "2026-11-20T08:01:00Z" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" "2026-11-20T11:01:59Z" }}`,
	`{{ GetTimeDuration "2026-11-20T08:00:00Z" "2026-11-23T11:01:59Z" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" "2026-11-20T07:58:30Z" }}`, `{{ GetTimeDuration "" "2026-11-20T08:00:00Z" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" "" }}`,
	`{{ GetTimeDuration "short" "2026-11-20T08:00:00Z" }}`, `{{ GetTimeDuration "2026-11-20T08" "2026-11-20T08:00:00Z" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" "x" }}`, `{{ GetTimeDuration "xxxxxxxxxxxxxxxxxxxxx" "x" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" "2026-13-20T08:00:00Z" }}`,
	`{{ GetTimeDuration "0001-01-01T00:00:00Z" "2026-11-20T08:00:00Z" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00+08:00" "2026-11-20T08:00:00Z" }}`, `{{ GetTimeDuration "2026-11-20 08:00:00" "2026-11-20_09:00:00" }}`, `{{ GetTimeDuration "2026-11-20T08:00:00Z" }}`,
	`{{ GetTimeDuration "磁盘磁盘磁盘磁盘" "2026-11-20T08:00:00Z" }}`,
	// TimeFormat.
	`{{ TimeFormat "2026-11-20T08:00:00.123Z" "2006-01-02 15:04:05.000" }}`, `{{ TimeFormat "2026-11-20T08:00:00+08:00" "2006-01-02 15:04:05 -0700" }}`, `{{ TimeFormat "2026-11-20T08:00:00-05:00" "2006" }}`, `{{ TimeFormat "2026-11-20" "2006" }}`,
	`{{ TimeFormat "" "2006" }}`, `{{ TimeFormat "2026-11-20T08:00:00Z" "" }}`, `{{ TimeFormat "2026-11-20T08:00:00Z" "Monday 02-Jan-06 15时04分 PM Z07:00" }}`, `{{ TimeFormat "2026-02-30T08:00:00Z" "2006" }}`, `{{ TimeFormat "quote\"\\\n磁\x01" "2006" }}`, `{{ TimeFormat "2026-11-20T08:00:00Z trailing" "2006" }}`, `{{ TimeFormat "2026-11-20T25:00:00Z" "2006" }}`,
	// SplitString.
	`{{ SplitString "abcdef" 0 3 }}`, `{{ SplitString "abcdef" 2 -1 }}`, `{{ SplitString "abcdef" 0 -6 }}|`, `{{ SplitString "abcdef" 0 -7 }}`, `{{ SplitString "abcdef" 0 7 }}`, `{{ SplitString "abcdef" -1 3 }}`, `{{ SplitString "abcdef" 4 2 }}`, `{{ SplitString "abcdef" 3 -4 }}`,
	`{{ SplitString "" 0 0 }}|`, `{{ SplitString "" 0 -3 }}`, `{{ SplitString "磁盘" 0 3 }}`, `{{ SplitString "磁盘" 1 4 }}`, `{{ SplitString "磁盘" 0 -1 | printf "%q" }}`, `{{ SplitString "磁盘" 0 4 | toUpper }}`, `{{ SplitString "abc" "0" 1 }}`, `{{ SplitString "abc" 0 1.5 }}`, `{{ SplitString .nope 0 1 }}`, `{{ SplitString 7 0 1 }}`, `{{ SplitString "abc" 9 9 }}`, `{{ "abcdef" | SplitString 0 3 }}`,
	// What both have.
	`{{ toUpper "abc ß 磁盘" }} {{ toLower "ABC İ" }} {{ title "hello wORLD a_b-c" }}`, `{{ join "-" (stringSlice "a" "b") }} {{ stringSlice "a" "b" }} {{ len (stringSlice) }}`, `{{ match "a+" "baab" }} {{ match "^a" "b" }}`, `{{ match "(" "x" }}`, `{{ reReplaceAll "(a)(b)?" "<$1$2>" "ab a" }}`, `{{ reReplaceAll "[" "x" "y" }}`,
	`{{ safeHtml "<b>" }} {{ printf "%T" (safeHtml "x") }}`, `{{ toUpper .status }} {{ .status | toUpper | toLower | title }}`, `{{ toUpper .alerts }}`, `{{ toUpper .nope }}`, `{{ toUpper .truncatedAlerts }}`, `{{ join "," .alerts }}`, `{{ join "," .commonLabels }}`,
	// The data.
	`{{ .nope }} {{ .nope | printf "%v" }}`, `{{ .nope.deeper }}`, `{{ .commonLabels.nope }} {{ index .commonLabels "nope" }}`, `{{ .Status }}`, `{{ .alerts.status }}`, `{{ (index .alerts 0).status }} {{ (index .alerts 0).labels.pod }}`, `{{ index .alerts 3 }}`, `{{ index .nope 0 }}`, `{{ len .alerts }} {{ len .commonLabels }} {{ len .status }}`,
	`{{ printf "%T %T %T %T %T" . .alerts .commonLabels .status .truncatedAlerts }}`, `{{ printf "%#v" .groupLabels }} {{ printf "%q" .groupLabels }}`, `{{ printf "%v %d %s %.2f" .truncatedAlerts .truncatedAlerts .truncatedAlerts .truncatedAlerts }}`, `{{ eq .truncatedAlerts 0.0 }} {{ eq .truncatedAlerts 0 }}`, `{{ gt .truncatedAlerts 1.0 }}`,
	`{{ if .nope }}a{{ else }}b{{ end }} {{ with .alerts }}{{ len . }}{{ end }} {{ not .truncatedAlerts }}`, `{{ eq .status "firing" }} {{ ne .status "firing" }} {{ eq .nope "x" }}`, `{{ eq .nope nil }}`, `{{ and .status .nope }}|{{ or .nope .status }}`, `{{ range .nope }}x{{ else }}none{{ end }}`, `{{ range .status }}x{{ end }}`, `{{ range $k, $v := . }}{{ $k }};{{ end }}`,
	`{{ .alerts }}`, `{{ .commonLabels }} {{ .groupLabels }} {{ .routeLabels }}`, `{{ .commonLabels.alertname.x }}`, `{{ .commonLabels | len }}`, `{{ range .alerts }}{{ . }}{{ end }}`, `{{ printf "%v" . | len }}`, `{{ html .commonAnnotations.message }} {{ js .externalURL }} {{ urlquery .groupKey }}`, `{{ .startsAt.Format "x" }}`, `{{ range .alerts }}{{ .startsAt.Format "x" }}{{ end }}`,
	`{{ $a := index .alerts 0 }}{{ $a.labels.alertname }}{{ $a.labels.alertname.x }}`, `{{ define "d" }}{{ .status }}{{ end }}{{ template "d" . }}{{ template "d" }}`, `{{ template "nope" }}`, `{{ nope }}`, `{{ env "HOME" }}`, `{{ .alerts | join "," }}`, `{{ printf "%s" .commonLabels.severity | SplitString "x" }}`, `{{ slice .status 1 3 }} {{ slice .alerts 0 1 | len }}`, `{{ print .status 1 .nope }} {{ println .version }}`,
	"trailing spaces are kept  \n\n",
}
