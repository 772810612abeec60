package main

import (
	"fmt"

	"campana/conformance/record"
)

// wellKnown calls each template that Alertmanager brings along. email.default.html is left out: it is
// for html/template.
func wellKnown() []string {
	var texts []string
	for _, name := range []string{
		"__alertmanager", "__alertmanagerURL", "__subject", "__description",
		"slack.default.title", "slack.default.username", "slack.default.fallback", "slack.default.callbackid",
		"slack.default.pretext", "slack.default.titlelink", "slack.default.iconemoji", "slack.default.iconurl",
		"slack.default.text", "slack.default.footer", "slack.default.color",
		"pagerduty.default.description", "pagerduty.default.client", "pagerduty.default.clientURL",
		"opsgenie.default.message", "opsgenie.default.description", "opsgenie.default.source",
		"wechat.default.message", "wechat.default.to_user", "wechat.default.to_party", "wechat.default.to_tag",
		"wechat.default.agent_id",
		"victorops.default.state_message", "victorops.default.entity_display_name", "victorops.default.monitoring_tool",
		"pushover.default.title", "pushover.default.message", "pushover.default.url",
		"sns.default.subject", "sns.default.message", "telegram.default.message",
		"discord.default.content", "discord.default.title", "discord.default.message", "webex.default.message",
		"msteams.default.summary", "msteams.default.title", "msteams.default.text",
		"msteamsv2.default.title", "msteamsv2.default.text",
		"jira.default.summary", "jira.default.description", "jira.default.priority",
		"rocketchat.default.title", "rocketchat.default.alias", "rocketchat.default.titlelink",
		"rocketchat.default.emoji", "rocketchat.default.iconurl", "rocketchat.default.text",
		"mattermost.default.color", "mattermost.default.username", "mattermost.default.title",
		"mattermost.default.titlelink", "mattermost.default.fallback", "mattermost.default.text",
		"email.default.subject",
	} {
		texts = append(texts, fmt.Sprintf("{{ template %q . }}", name))
	}
	for _, name := range []string{
		"__text_alert_list", "__text_alert_list_markdown", "pagerduty.default.instances",
	} {
		for _, list := range []string{".Alerts", ".Alerts.Firing", ".Alerts.Resolved"} {
			texts = append(texts, fmt.Sprintf("{{ template %q %s }}", name, list))
		}
	}
	return texts
}

// ownModel is what only this generation of the data model has.
var ownModel = []string{
	"{{.NotificationReason}} {{printf \"%T\" .NotificationReason}}", "{{.RouteLabels}}", "{{printf \"%#v\" .RouteLabels}}",
	"{{.RouteLabels.team}} {{routeLabels \"team\"}} {{routeLabels \"nope\"}} {{routeLabels \"loop\"}}",
	"{{with \"x\"}}{{routeLabels \"owner\"}}{{end}}",
	"{{.CommonLabels.Names.Join \", \"}}|{{.CommonLabels.Values.Join \"\"}}|{{.CommonLabels.SortedPairs.Names.Join \"-\"}}",
	"{{.CommonLabels.String}}|{{.CommonLabels.SortedPairs.String}}|{{printf \"%T\" .CommonLabels.String}}",
	"{{.CommonLabels.Names | join \" \"}}|{{join \"/\" .CommonLabels.Values}}",
	"{{(.CommonLabels.Remove (stringSlice \"alertname\" \"job\" \"nope\")).Names}}",
	"{{(.CommonLabels.Remove (stringSlice)).Names}}", "{{.CommonLabels.Names.Join}}", "{{.CommonLabels.Names.Join 1}}",
	"{{(slice .CommonLabels.Names 0 1).Join \"x\"}}", "{{(slice .CommonLabels.SortedPairs 0 1).Names}}",
	"{{toJson .}}", "{{toJson .Alerts}}", "{{toJson .CommonLabels.SortedPairs}}", "{{toJson .GroupLabels}}",
	"{{range .Alerts}}{{toJson .}}\n{{end}}", "{{dict \"alerts\" .Alerts.Firing \"labels\" .CommonLabels | toJson}}",
	"{{range .Alerts}}{{date \"2006-01-02 15:04:05 MST -0700\" (tz \"Asia/Shanghai\" .StartsAt)}}\n{{end}}",
	"{{range .Alerts}}{{.StartsAt | tz \"Europe/Paris\"}} {{.StartsAt | tz \"UTC\"}} {{.StartsAt | tz \"\"}}\n{{end}}",
	"{{range .Alerts}}{{.EndsAt.Sub .StartsAt | humanizeDuration}} {{humanizeDuration (.EndsAt.Sub .StartsAt).Seconds}}\n{{end}}",
	"{{$l := list}}{{range .Alerts}}{{$l = append $l (dict \"s\" .Status \"l\" .Labels)}}{{end}}{{$l}} {{toJson $l}}",
	"{{range .Alerts}}{{gt (since .StartsAt) 0}} {{printf \"%T\" (since .StartsAt)}}{{end}}",
}

// functions are calls of each function with many arguments.
func functions() []string {
	var texts []string
	for _, name := range []string{
		"toUpper", "toLower", "title", "trimSpace", "safeHtml", "safeUrl", "urlUnescape", "base64encode", "base64decode",
		"humanizeDuration", "toJson", "routeLabels",
	} {
		for _, text := range record.Texts {
			texts = append(texts, fmt.Sprintf("{{%s %s}}", name, text))
		}
		for _, value := range []string{"1", "nil", ".", ".CommonLabels", ".Status", ".Status .Status", "(safeHtml .Status)"} {
			texts = append(texts, fmt.Sprintf("{{%s %s}}", name, value))
		}
		texts = append(texts, fmt.Sprintf("{{%s}}", name), fmt.Sprintf("{{.Status | %s | printf \"%%T %%q\" .Status}}", name))
		texts = append(texts, fmt.Sprintf("{{printf \"%%T\" (%s .Status)}}", name))
	}
	for _, value := range record.Values {
		for _, call := range []string{
			"{{toJson %s}}", "{{humanizeDuration %s}}", "{{len (list %s 1)}}", "{{toJson (list %s)}}",
			"{{dict \"k\" %s | toJson}}", "{{len (append (list 1) %s)}}", "{{printf \"%%T\" (list %s)}}", "{{stringSlice %s}}",
		} {
			texts = append(texts, fmt.Sprintf(call, value))
		}
	}
	patterns := []string{
		`"^a"`, `"abcd"`, `"[a-z]+"`, `""`, `"("`, `"(?i)ABC"`, `"a*"`, `"(a)(b)?"`, `"\\bX"`, `"(?P<x>[a-c])+"`, `"[[:alpha:]]"`,
		`"(?!a)"`, `"\\pL"`, `"x*$"`, "\"[`\"", `"a{2,1}"`, `"\\d+(\\.\\d+)?"`, `"磁|盘"`, `"."`, `"\xff"`, `"(?s).+"`,
	}
	for _, pattern := range patterns {
		for _, text := range []string{`"abc"`, `"xABCx"`, `"磁盘 98.5%"`, `""`, `"aab\nab"`, `"\xffa"`} {
			texts = append(texts, fmt.Sprintf("{{match %s %s}}", pattern, text))
			for _, repl := range []string{`"<$0>"`, `"$1-${2}"`, `"$x$$y${x}z"`, `"$1x ${ $"`} {
				texts = append(texts, fmt.Sprintf("{{reReplaceAll %s %s %s}}", pattern, repl, text))
			}
		}
	}
	return append(texts, plain...)
}

// plain are calls that no loop makes.
var plain = []string{
	"{{join \",\" (stringSlice \"a\" \"b\" \"\")}}", "{{join \"\" (stringSlice)}}", "{{stringSlice \"a\" | join 1}}", "{{join \",\" (list \"a\")}}",
	"{{join \",\" \"a\"}}", "{{join \",\" nil}}", "{{join \",\" .CommonLabels.SortedPairs}}", "{{printf \"%T %#v\" (stringSlice) (stringSlice)}}",
	"{{printf \"%T %#v\" (stringSlice \"a\") (stringSlice \"a\")}}", "{{toJson (stringSlice)}}", "{{stringSlice 1}}", "{{len (stringSlice \"a\" \"b\")}}",
	"{{list}}", "{{list 1 \"a\" nil true 1.5}}", "{{printf \"%#v\" (list)}}", "{{toJson (list)}}", "{{list nil}}", "{{range list 1 2}}{{.}}{{end}}",
	"{{append (list 1) 2 3}}", "{{append (list)}}", "{{append list 1}}", "{{append 1 2}}", "{{append (stringSlice \"a\") \"b\"}}", "{{append nil 1}}",
	"{{append nil}}", "{{append (list nil) nil}}", "{{append}}", "{{$a := list 1}}{{$b := append $a 2}}{{$a}} {{$b}}",
	"{{dict}}", "{{dict \"a\" 1 \"b\" 2 \"c\" 3}}", "{{dict \"a\"}}", "{{dict 1 2}}", "{{dict \"a\" 1 \"a\" 2}}", "{{dict (safeHtml \"a\") 1}}",
	"{{(dict \"a\" 1).a}} {{(dict \"a\" 1).b}} {{index (dict \"a\" 1) \"a\"}}", "{{printf \"%T %#v\" dict dict}}", "{{(dict \"x\" nil).x.y}}", "{{dict nil 1}}",
	"{{with dict \"a\" (dict \"b\" (list 1 2))}}{{.a.b}} {{len .a.b}} {{toJson .}}{{end}}", "{{toJson (dict \"b\" 1 \"a\" \"<\")}}",
	"{{toDate \"2006-01-02\" \"2024-03-15\" | date \"02 Jan 2006\"}}", "{{toDate \"2006-01-02\" \"not-a-date\" | date \"2006\"}}", "{{toDate \"2006-01-02\" \"2024-13-15\"}}",
	"{{mustToDate \"2006-01-02\" \"2024-03-15\" | date \"02 Jan 2006\"}}", "{{mustToDate \"2006-01-02\" \"not-a-date\"}}", "{{mustToDate \"2006-01-02\" \"2024-02-30\"}}",
	"{{mustToDate \"2006-01-02 MST\" \"2024-03-15 CST\"}}", "{{mustToDate \"2006-01-02T15:04:05Z07:00\" \"2024-03-15T01:02:03+08:00\"}}",
	"{{mustToDate \"2006-01-02T15:04:05Z07:00\" \"2024-03-15T01:02:03Z\"}}", "{{mustToDate \"\" \"x\"}}", "{{toDate \"\" \"\"}}", "{{mustToDate \"15:04\" \"25:00\"}}",
	"{{date \"2006-01-02 15:04:05.000 Mon Jan MST -0700 PM\" (mustToDate \"2006-01-02 15:04\" \"2026-11-20 08:05\")}}", "{{date \"\" (toDate \"\" \"\")}}",
	"{{date \"年月日\" (toDate \"2006\" \"2026\")}}", "{{date \"2006\" \"2026\"}}", "{{date 1 2}}", "{{date \"2006\"}}",
	"{{tz \"Europe/Paris\" (toDate \"2006-01-02\" \"2024-07-01\")}}", "{{tz \"Invalid/Timezone\" (toDate \"\" \"\")}}", "{{tz \"../etc/passwd\" (toDate \"\" \"\")}}",
	"{{tz \"asia/shanghai\" (toDate \"\" \"\")}}", "{{tz \"Asia/Shanghai\" (toDate \"2006\" \"1900\")}}", "{{tz \"UTC\" (toDate \"2006\" \"2026\")}}", "{{tz \"Local\" (toDate \"2006\" \"2026\")}}",
	"{{printf \"%T\" now}}", "{{printf \"%T\" (since now)}}", "{{now.IsZero}}", "{{now 1}}", "{{since 1}}", "{{gt (since (toDate \"2006\" \"2020\")).Hours 50000.0}}",
	"{{safeHtml \"<b>\" | html}} {{safeHtml \"<b>\" | printf \"%s|%v|%q|%T\" (safeUrl \"u\")}}", "{{safeHtml (safeHtml \"a\")}}", "{{toUpper (safeHtml \"a\")}}",
	"{{len (safeHtml \"ab\")}} {{eq (safeHtml \"a\") (safeHtml \"a\")}} {{slice (safeUrl \"abc\") 1}} {{if safeHtml \"\"}}x{{else}}y{{end}}",
	"{{eq (safeHtml \"a\") \"a\"}}", "{{printf \"%T\" (slice (safeUrl \"abc\") 1)}}", "{{index (safeHtml \"abc\") 1}}", "{{toJson (safeHtml \"<b>\")}}", "{{print (safeHtml \"a\") (safeUrl \"b\") 1}}",
	"{{range $i, $c := safeHtml \"ab\"}}{{$i}}{{$c}}{{end}}", "{{lt (safeHtml \"a\") \"b\"}}", "{{printf \"%#v\" (safeHtml \"a\")}}",
	"{{match \"a\"}}", "{{match 1 2}}", "{{reReplaceAll \"a\" \"b\"}}", "{{reReplaceAll \"(\" \"\" \"\"}}", "{{reReplaceAll \"`(\" \"\" \"\"}}", "{{\"abc\" | reReplaceAll \"b\" \"x\" | toUpper}}",
	"{{ `abc` | toUpper | toLower | title }}", "{{title 1}}", "{{toUpper}}", "{{toUpper \"a\" \"b\"}}", "{{routeLabels}}", "{{humanizeDuration}}",
}
