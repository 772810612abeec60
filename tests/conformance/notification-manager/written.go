package main

// forAll are executed with every payload.
var forAll = []string{
	`{{ .Status }}|{{ len .Alerts }}|{{ len .Alerts.Firing }}|{{ len .Alerts.Resolved }}`,
	`{{ .GroupLabels }}|{{ .CommonLabels }}|{{ .CommonAnnotations }}`,
	`{{ range .Alerts }}{{ .Labels.SortedPairs }}|{{ .Annotations.SortedPairs.DefaultFilter }};{{ end }}`,
	`{{ range .Alerts }}{{ .Message }}|{{ .MessageCN }}|{{ . | message | escape }};{{ end }}`,
	`{{ range .Alerts }}{{ .ID }} {{ .Status | translate }} {{ .StartsAt }} {{ .EndsAt }};{{ end }}`,
	`{{ range .Alerts }}{{ .Labels.Values | join "," | toUpper }}|{{ .Labels.Names | join "," | title }};{{ end }}`,
	`{{ range .Alerts }}{{ range .Annotations.Values }}{{ reReplaceAll "([a-z]+) (\\w+)" "${2}-$1" . }}|{{ match "^[\\w ]+$" . }};{{ end }}{{ end }}`,
}

// forOne are executed with one payload.
var forOne = []string{
	// Case.
	`{{ toUpper "abc ÄÖ ß ı ǆ ﬁ 磁盘" }}`, `{{ toLower "ABC ÄÖ İ Ǆ ẞ 磁盘" }}`, `{{ title "hello wORLD it's a_b-c 磁 盘 ǆ ßa" }}`,
	`{{ "x" | toUpper | toLower | title }}`, `{{ toUpper 1 }}`, `{{ toUpper nil }}`, `{{ toUpper }}`, `{{ toUpper "a" "b" }}`,
	`{{ toUpper .Labels }}`, `{{ title "" }}`, `{{ title "a\xffb \xe4\xb8x" }}`, `{{ toUpper "a\xffb" }}`, `{{ toLower "\xe4\xb8" }}`,
	// Lists.
	`{{ join "-" (stringSlice "a" "b" "c") }}`, `{{ join "" (stringSlice) }}`, `{{ stringSlice "a" "b" | join ", " }}`,
	`{{ stringSlice }}`, `{{ stringSlice "a" "b c" }}`, `{{ stringSlice 1 }}`, `{{ len (stringSlice "a" "b") }}`, `{{ index (stringSlice "a" "b") 1 }}`,
	`{{ range $i, $s := stringSlice "x" "y" }}{{ $i }}={{ $s }};{{ end }}`, `{{ join "," .Alerts }}`, `{{ join "," "a" }}`,
	`{{ printf "%T %q %v" (stringSlice "a") (stringSlice "a" "b") (stringSlice) }}`, `{{ join .CommonLabels.Names "," }}`,
	// Regular expressions.
	`{{ match "^Kube" .CommonLabels.alertname }}`, `{{ match "^Node" .CommonLabels.alertname }}`, `{{ match "(" "x" }}`, `{{ match "a**" "x" }}`,
	`{{ reReplaceAll "o+" "0" "foo boo" }}`, `{{ reReplaceAll "(?P<first>\\w+)@(\\w+)" "$2 at $first ${first}x $firstx $$ $9" "bob@example" }}`,
	`{{ reReplaceAll "(" "x" "y" }}`, "{{ reReplaceAll \"a`(\" \"x\" \"y\" }}", `{{ reReplaceAll "\n\\K" "x" "y" }}`, `{{ reReplaceAll "" "-" "磁盘" }}`,
	`{{ reReplaceAll "b*" "X" "abbc" }}`, `{{ reReplaceAll "a" "$" "a" }}`, `{{ reReplaceAll "a" "${x y}" "a" }}`, `{{ reReplaceAll "(a)" "$01 ${1" "a" }}`,
	`{{ if match "(?i)KUBE" .CommonLabels.alertname }}yes{{ else }}no{{ end }}`, `{{ reReplaceAll "\\[unclosed" "x" "[unclosed" }}`,
	// HTML and JSON.
	`{{ safeHtml "<b>&</b>" }}`, `{{ printf "%T %q %v" (safeHtml "<b>") (safeHtml "<b>") (safeHtml "<b>") }}`, `{{ len (safeHtml "abc") }}`,
	`{{ eq (safeHtml "a") "a" }}`, `{{ safeHtml "a" | toUpper }}`, `{{ print (safeHtml "a") "b" }}`, `{{ if safeHtml "" }}yes{{ else }}no{{ end }}`,
	`{{ html (safeHtml "<b>") }}`, `{{ escape "a<>&\"'\\/\n\r\t" }}`, `{{ escape "\u2028\u2029\u0008\u000c\u007f\u0001é\xff" }}`, `{{ escape "" }}`, `{{ escape "\"" }}`, `{{ escape 1 }}`,
	// Languages.
	`{{ translate "firing" }} {{ translate "FIRING" }} {{ translate "resolved" }} {{ translate "alertname" }} {{ translate "ALERTNAME" }}`,
	`{{ translate "namespace" }} {{ translate "unknown Word" }} {{ translate "" }} {{ translate "实例" }}`, `{{ translate 1 }}`,
	`{{ range .Alerts }}{{ message . }}|{{ . | message }}{{ end }}`, `{{ range .Alerts }}{{ range .Labels.SortedPairs }}{{ .Name | translate }}: {{ .Value }};{{ end }}{{ end }}`,
	`{{ with .Status }}{{ translate . | toLower | title }}{{ end }}`,
	// The data.
	`{{ .Status }}`, `{{ .Status.X }}`, `{{ .status }}`, `{{ .Nope }}`, `{{ .Alerts.Nope }}`, `{{ .Receiver }}`, `{{ .ExternalURL }}`, `{{ .CommonLabels.nope }}|{{ .CommonLabels.nope | printf "%q" }}`,
	`{{ .CommonLabels.severity }} {{ index .CommonLabels "severity" }} {{ index .CommonLabels "nope" }}`, `{{ .GroupLabels.alertname | toUpper }}`,
	`{{ printf "%T %T %T %T" . .Alerts .GroupLabels .Alerts.Firing }}`, `{{ .Clone.Status }} {{ .Format.Status }} {{ len .Clone.Alerts }}`,
	`{{ (index .Alerts 0).Status }}`, `{{ (index .Alerts 1).Status }}`, `{{ (index .Alerts.Firing 0).ID }}`, `{{ index .Alerts.Resolved 0 }}`,
	`{{ range .Alerts.Resolved }}x{{ else }}none{{ end }}`, `{{ if .Alerts.Resolved }}some{{ else }}none{{ end }}`, `{{ .Alerts.Resolved }}`, `{{ printf "%v %#v %T" .Alerts.Resolved .Alerts.Resolved .Alerts.Resolved }}`,
	`{{ len .Alerts.Resolved }} {{ not .Alerts.Resolved }}`, `{{ range $i, $a := .Alerts }}{{ $i }} {{ $a.Status }}{{ end }}`, `{{ .Alerts.Firing.Firing }}`,
	// An alert.
	`{{ range .Alerts }}{{ . }}{{ end }}`, `{{ range .Alerts }}{{ printf "%+v" . }}{{ end }}`, `{{ range .Alerts }}{{ printf "%T %T %T %T" . .Labels .StartsAt .Receiver }}{{ end }}`,
	`{{ range .Alerts }}{{ .NotifySuccessful }} {{ .NotificationTime }} {{ .Receiver }} {{ len .Receiver }} {{ .Receiver.x }}{{ end }}`,
	`{{ range .Alerts }}{{ .StartsAt.Format "2006-01-02 15:04:05" }} {{ .EndsAt.IsZero }} {{ .StartsAt.Unix }}{{ end }}`, `{{ range .Alerts }}{{ .Fingerprint }}{{ end }}`, `{{ range .Alerts }}{{ .GeneratorURL }}{{ end }}`,
	`{{ range .Alerts }}{{ .Clone.Status }} {{ .Clone.Message }} {{ .MessageCN }}{{ end }}`, `{{ range .Alerts }}{{ .Labels.alertname }} {{ .Labels.nope }} {{ .Annotations.summary }}{{ end }}`,
	`{{ range .Alerts }}{{ with .Labels }}{{ .pod }}{{ end }}{{ end }}`, `{{ range .Alerts }}{{ range $k, $v := .Labels }}{{ $k }}={{ $v }},{{ end }}{{ end }}`,
	// Labels.
	`{{ .CommonLabels.SortedPairs }}`, `{{ printf "%T %+v" .GroupLabels.SortedPairs .GroupLabels.SortedPairs }}`, `{{ printf "%#v" .GroupLabels }} {{ printf "%#v" .GroupLabels.SortedPairs }}`,
	`{{ .CommonLabels.Names }} {{ .CommonLabels.Values }}`, `{{ .CommonLabels.SortedPairs.Names }} {{ .CommonLabels.SortedPairs.Values }}`, `{{ printf "%T" .CommonLabels.Names }}`,
	`{{ .CommonLabels.Remove (stringSlice "alertname" "pod" "nope") }}`, `{{ (.CommonLabels.Remove .GroupLabels.Names).SortedPairs }}`, `{{ .CommonLabels.Remove "pod" }}`, `{{ .CommonLabels.Remove (stringSlice) | len }}`,
	`{{ .CommonLabels.Clone }} {{ len .CommonLabels }}`, `{{ .CommonAnnotations.SortedPairs.Filter "runbook_url" "message" }}`, `{{ .CommonAnnotations.SortedPairs.Filter }}`, `{{ len .CommonAnnotations.SortedPairs.Filter }}`,
	`{{ .CommonAnnotations.SortedPairs.DefaultFilter }}`, `{{ (.CommonAnnotations.SortedPairs.Filter "kind").DefaultFilter.Names }}`, `{{ .CommonAnnotations.SortedPairs.Filter 1 }}`, `{{ .CommonAnnotations.Filter "x" }}`,
	`{{ (index .GroupLabels.SortedPairs 0).Name }} {{ (index .GroupLabels.SortedPairs 0).Value }} {{ (index .GroupLabels.SortedPairs 0) }}`, `{{ (index .GroupLabels.SortedPairs 9) }}`, `{{ (index .GroupLabels.SortedPairs 0).Key }}`,
	`{{ range .GroupLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}`, `{{ range $i, $p := .GroupLabels.SortedPairs }}{{ $i }}{{ $p }}{{ end }}`, `{{ slice .GroupLabels.SortedPairs 1 }}`, `{{ .GroupLabels.SortedPairs.Remove }}`,
	`{{ .GroupLabels.Names | join "+" }} {{ .GroupLabels.Values | join "+" }}`, `{{ join "," .GroupLabels.SortedPairs.Values }}`, `{{ eq .GroupLabels.alertname "KubePodCrashLooping" }}`, `{{ if .GroupLabels }}group{{ end }}`, `{{ .GroupLabels.String }}`,
	`{{ .CommonLabels.SortedPairs.Names | join "," }} {{ not .CommonLabels.SortedPairs }}`,
	// What is trimmed, and what is not.
	"a \n\r ", "a\t\n", " \n ", "  a  ", "a\u00a0", "{{ \"b \\n\" }}", "a{{ \" \" }}",
	// What users write.
	`{{ range .Alerts }}### {{ .Labels.alertname }} {{ .Status | translate }}` + "\n" + `{{ range .Labels.SortedPairs.DefaultFilter }}> {{ .Name | translate }}: {{ .Value }}` + "\n\n" + `{{ end }}{{ end }}`,
	`{{ range .Alerts }}{{ if eq .Status "firing" }}🔥{{ else }}✅{{ end }} {{ .Labels.severity | toUpper }} {{ (.StartsAt.Add 28800000000000).Format "2006-01-02 15:04:05" }}{{ end }}`,
	`{{ $n := len .Alerts }}{{ if gt $n 1 }}{{ $n }} alerts{{ else }}one alert{{ end }} of {{ .GroupLabels.SortedPairs.Names | join "/" }}`,
	`{{ env "HOME" }}`, `{{ date "x" . }}`, `{{ template "nope" . }}`, `{{ if }}`, `{{ .Status | }}`, `{{ $x }}`,
}
