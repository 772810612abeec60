package record

import "strings"

// Telling are the payloads that tell most of a data model.
var Telling = []string{
	"firing", "mixed", "no-alerts", "no-labels", "chinese", "control", "zone-china", "route-labels",
	"group-two", "names-order", "names-odd", "times-old", "times-precise", "zone-odd", "zone-west",
}

// Few are enough where the data hardly matters.
var Few = []string{"mixed", "chinese", "no-alerts"}

// Model are templates for every part of the data that all generations of the model have.
func Model() []string {
	var templates []string
	add := func(more ...string) { templates = append(templates, more...) }

	places := []string{
		".", ".Receiver", ".Status", ".Alerts", ".Alerts.Firing", ".Alerts.Resolved",
		".GroupLabels", ".CommonLabels", ".CommonAnnotations", ".ExternalURL",
		".CommonLabels.SortedPairs", ".CommonLabels.Names", ".CommonLabels.Values",
		".CommonLabels.SortedPairs.Names", ".CommonLabels.SortedPairs.Values",
		"(.CommonLabels.Remove .GroupLabels.Names)", "(.CommonLabels.Remove .CommonLabels.Names)",
	}
	for _, place := range places {
		add("{{"+place+"}}", "{{print "+place+"}}", "{{printf \"%T\" "+place+"}}")
		add("{{if "+place+"}}yes{{else}}no{{end}}", "{{html "+place+"}}")
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if (verb == "%#v" || verb == "%d") && (place == "." || strings.HasPrefix(place, ".Alerts")) {
				continue // It shows what a time is made of, and addresses.
			}
			if verb == "%x" && len(place) < 10 {
				continue
			}
			add("{{printf \"" + verb + "\" " + place + "}}")
		}
	}
	for _, place := range places[3:6] {
		add("{{len "+place+"}}", "{{range $i, $a := "+place+"}}{{$i}}={{$a.Status}} {{else}}none{{end}}")
		add("{{(index "+place+" 0).Status}}", "{{index "+place+" 99}}", "{{slice "+place+" 0 1}}")
		add("{{printf \"%T\" (slice " + place + " 0 0)}}")
	}
	for _, field := range []string{
		"", ".Status", ".Labels", ".Annotations", ".StartsAt", ".EndsAt", ".GeneratorURL",
		".Fingerprint", ".Labels.alertname", ".Labels.nope", ".Annotations.summary",
		".Labels.SortedPairs", ".StartsAt.Unix", ".EndsAt.IsZero", ".StartsAt.Location",
		".StartsAt.UTC", ".StartsAt.Local.Format \"2006-01-02 15:04:05 -0700 MST\"",
	} {
		each := func(what string) { add("{{range .Alerts}}" + what + "\n{{end}}") }
		value := "$" + field
		for _, what := range []string{"{{%s}}", "{{printf \"%T\" (%s)}}", "{{printf \"%v|%+v\" (%s) (%s)}}"} {
			what = strings.ReplaceAll(strings.ReplaceAll(what, "%s", value), "$", "$a")
			each("{{$a := .}}" + what)
		}
	}
	add(
		"{{range .Alerts}}{{.StartsAt.Format \"2006-01-02T15:04:05.999999999Z07:00\"}} {{.EndsAt.Sub .StartsAt}}\n{{end}}",
		"{{range .Alerts}}{{.StartsAt.Add 28800e9}} {{.StartsAt.Year}} {{.StartsAt.Weekday}} {{.EndsAt.Before .StartsAt}}\n{{end}}",
		"{{range .Alerts}}{{(.EndsAt.Sub .StartsAt).Truncate 1000000000}} {{.StartsAt.Equal .EndsAt}}\n{{end}}",
		"{{range .Alerts}}{{eq .Status \"firing\"}} {{eq .Labels.severity \"critical\" \"warning\"}}\n{{end}}",
		"{{range $n, $v := .CommonLabels}}{{$n}}={{$v}};{{end}}",
		"{{range $i, $p := .CommonLabels.SortedPairs}}{{$i}}:{{$p}} {{printf \"%T %v %+v %#v\" $p $p $p $p}};{{end}}",
		"{{range .CommonLabels.SortedPairs}}{{.Name}}={{.Value}};{{end}}",
		"{{range .CommonLabels.Names}}{{.}} {{printf \"%T\" .}};{{end}}",
		"{{index .CommonLabels \"severity\"}}|{{index .CommonLabels \"nope\"}}|{{.CommonLabels.nope}}",
		"{{len .CommonLabels}} {{len .CommonLabels.SortedPairs}} {{len .CommonLabels.Names}} {{len .CommonLabels.Values}}",
		"{{with .CommonLabels.Remove .GroupLabels.Names}}{{.SortedPairs}}{{else}}nothing{{end}}",
		"{{$k := .CommonLabels.Remove .GroupLabels.Names}}{{len $k}} {{$k}} {{$k.SortedPairs.Names}} {{len .CommonLabels}}",
		"{{index .CommonLabels.Names 0}} {{index .CommonLabels.Values 0}} {{(index .CommonLabels.SortedPairs 0).Name}}",
		"{{slice .CommonLabels.Names 0 1}} {{printf \"%T\" (slice .CommonLabels.Names 0 1)}}",
		"{{and .CommonLabels .GroupLabels}} {{or .CommonAnnotations .GroupLabels}} {{not .Alerts}}",
		"{{eq .Receiver .Status}} {{ne .Receiver .Status}} {{lt .Receiver .Status}}",
		"{{js .Receiver}} {{urlquery .Receiver}} {{html .Receiver}} {{urlquery .CommonLabels}} {{js .CommonLabels}}",
		"{{template \"__subject\" .}}|{{define \"own\"}}{{.Status}}{{end}}{{template \"own\" .}}",
		"{{with $d := .}}{{range .Alerts}}{{$d.Status}} {{$.Receiver}}{{end}}{{end}}",
		"{{range .Alerts}}{{range .Labels}}{{.}},{{end}}{{end}}",
		"{{printf \"%#v %#v\" .GroupLabels .CommonLabels.SortedPairs}}",
		"{{printf \"%v %s\" (index .Alerts 0).StartsAt (index .Alerts 0).EndsAt}}",
		"{{define \"__subject\"}}own {{.Status}}{{end}}{{template \"__subject\" .}}",
	)
	// What is refused, in the words of the language.
	add(
		"{{.Nope}}", "{{.Alerts.Nope}}", "{{.Alerts.Firing.Firing}}", "{{.Alerts.Firing.Status}}",
		"{{.Status.Nope}}", "{{.CommonLabels.nope.more}}", "{{.CommonLabels.Remove}}",
		"{{.CommonLabels.Remove \"a\"}}", "{{.CommonLabels.Remove 1}}", "{{.CommonLabels.SortedPairs.Nope}}",
		"{{.CommonLabels.SortedPairs 1}}", "{{(index .Alerts 0).Nope}}", "{{index .CommonLabels 1}}",
		"{{range .Alerts}}{{.Firing}}{{end}}", "{{.routeLabelsRendered}}", "{{range .Status}}x{{end}}",
		"{{(index .CommonLabels.SortedPairs 0).Nope}}", "{{len .}}", "{{index . 0}}", "{{.Alerts.Firing 1}}",
		"{{eq .Alerts .Alerts}}", "{{eq .CommonLabels .CommonLabels}}", "{{lt .CommonLabels 1}}",
		"{{range .}}x{{end}}", "{{call .Alerts.Firing}}", "{{.CommonLabels.Names.Nope}}", "{{nope}}",
		"{{.Alerts.StartsAt}}", "{{(index .Alerts 0).StartsAt.Nope}}", "{{$x}}", "{{", "{{end}}",
		"{{.Receiver.Nope}}", "{{template \"nope\" .}}", "{{break}}", "{{if}}x{{end}}",
	)
	return templates
}

// Texts are arguments for functions that take a text, as literals of the template language.
var Texts = []string{
	`""`, `"abc"`, `"ABC"`, `"hello wORLD"`, `"it's o'neil's"`, `"rock''n''roll"`, `"a.b.c..d"`, `"x1y2 3d 4TH"`,
	`"磁盘full 已满"`, `"disk磁盘Full"`, `"foo_bar-baz/qux"`, `"ǆ ﬁsh ßeta ŉow"`, `"ΌΔΟΣ ΟΔΟΣΑ ΑΣ'Α ΑΣ."`,
	`"éCOLE İSTANBUL"`, `"cpu:load:5m K8S_node"`, `"\u200bab\u00adCD"`, `"გამარჯობა"`, `"a\xffb\xe4\xb8"`,
	`" a b c "`, `"\t\n x \u3000\u00a0"`, `"\xff x \xfe"`, `"a=1&b=2+c%20d"`, `"%"`, `"%zz"`, `"%4"`, `"%e4%b8%ad"`, `"%00%ff"`,
	`"dGVzdA=="`, `"Zmx1c2g-Pg=="`, `"Zmx1c2g+Pg=="`, `"not-valid-base64!"`, `"abc"`, `"ab=="`, `"ab=c"`, `"dGVz\ndA=="`, `"dGVzdA"`,
	`"<b>&\"'</b>"`, `"{{.}}"`, `"\u2028\u2029\u0000\u0007\b\f\r"`, `"😀 👩‍👩‍👧"`, `"flush>>"`, "`raw \\n`",
	`"0"`, `"1"`, `"59.9999"`, `"60"`, `"3600"`, `"86400"`, `"1234567.8"`, `"-86461.5"`, `".12345"`, `"1e-30"`, `"1e19"`, `"1e400"`,
	`"inf"`, `"-Inf"`, `"NaN"`, `"1_000"`, `"1__0"`, `"0x1p4"`, `"0x_1p-2"`, `"0x1"`, `"one"`, `" 1"`, `"+1.5"`, `"-0"`,
	`"_*` + "`" + `_"`, `"[a](b) **c** __d__"`,
}

// Values are arguments for functions that take anything, as template expressions.
var Values = []string{
	"nil", "true", "false", "0", "1", "-3", "59", "60", "3600", "86400", "9223372036854775807", "1.5", "0.001", "1e-7", "1e20",
	"1e21", "1e300", "-2.5e-9", "'a'", "1i", `"text"`, `"<&>"`, ".", ".Alerts", ".Alerts.Firing", ".CommonLabels",
	".CommonLabels.SortedPairs", ".CommonLabels.Names", ".Status", "(index .Alerts 0)", "(index .Alerts 0).StartsAt",
	"((index .Alerts 0).EndsAt.Sub (index .Alerts 0).StartsAt)", "(index .Alerts 0).StartsAt.Month",
	"(len .Alerts)", "(slice .Status 1)", "(printf \"%c\" 255)", ".CommonLabels.nope", "(index .Alerts 0).StartsAt.Location",
}
