// Command prometheusalert writes what PrometheusAlert makes of templates.
//
//	go run . > cases.json
//	go run . -shipped <db/prometheus-alert-template.json of the product> > elsewhere.json
//
// The second runs the templates that the product ships. They are not kept here: what it writes is
// for a run of the same test on another file.
package main

import (
	"encoding/json"
	"flag"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"
)

type testCase struct {
	// File is one of the folder templates.
	File string `json:"file,omitempty"`
	// Source is a template, where there is no file.
	Source  string `json:"source,omitempty"`
	Payload string `json:"payload"`
	Output  string `json:"output,omitempty"`
	// Bytes is an output that is not UTF-8.
	Bytes []byte `json:"bytes,omitempty"`
	Error string `json:"error,omitempty"`
	// Skip is what of the payload a notification does not keep, where the output shows it.
	Skip string `json:"skip,omitempty"`
}

type payload struct {
	name string
	body []byte
}

func main() {
	log.SetFlags(0)
	shipped := flag.String("shipped", "", "the product's file of templates")
	payloads := flag.String("payloads", "../payloads", "the folder of payloads")
	flag.Parse()
	var err error
	time.Local, err = time.LoadLocation("Asia/Shanghai")
	must(err)

	var cases []testCase
	all := read(*payloads, "*.json")
	if *shipped != "" {
		cases = ofProduct(*shipped, all)
	} else {
		for _, payload := range all {
			for _, file := range read("templates", "*.tmpl") {
				one := run(string(file.body), payload)
				one.File = file.name
				cases = append(cases, one)
			}
			for _, source := range forAll {
				cases = append(cases, withSource(source, payload))
			}
			if payload.name == "pa-grafana" {
				for _, source := range forGrafana {
					cases = append(cases, withSource(source, payload))
				}
			}
			if payload.name == "nm-kubesphere" {
				for _, source := range forOne {
					cases = append(cases, withSource(source, payload))
				}
			}
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	must(out.Encode(map[string]any{"now": now, "local": time.Local.String(), "cases": cases}))
}

func ofProduct(file string, payloads []payload) []testCase {
	var templates []struct{ Tpl string }
	text, err := os.ReadFile(file)
	must(err)
	must(json.Unmarshal(text, &templates))
	var cases []testCase
	for _, template := range templates {
		for _, payload := range payloads {
			cases = append(cases, withSource(template.Tpl, payload))
		}
	}
	return cases
}

func withSource(source string, payload payload) testCase {
	out := run(source, payload)
	out.Source = source
	return out
}

func run(source string, payload payload) testCase {
	out := testCase{Payload: payload.name}
	var given, kept any
	must(json.Unmarshal(payload.body, &given))
	must(json.Unmarshal(payload.body, &kept))
	output, err := execute(source, given)
	if utf8.ValidString(output) {
		out.Output = output
	} else {
		out.Bytes = []byte(output)
	}
	if err != nil {
		out.Error = err.Error()
	}
	reduce(kept.(map[string]any))
	same, _ := execute(source, kept)
	if same != output {
		out.Skip = "a field that Alertmanager does not send, or how it writes one"
	}
	return out
}

func execute(source string, data any) (string, error) {
	set, err := template.New("").Funcs(functions).Parse(source)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if err := set.Execute(&out, data); err != nil {
		return "", err
	}
	return out.String(), nil
}

// absent stands for what a notification works out where a sender gives none.
var absent = map[string]any{"absent": "absent"}

// reduce leaves of a body what a notification keeps: the fields that Alertmanager or Grafana sends,
// all of them, and times as Go writes them.
func reduce(body map[string]any) {
	ofBody := map[string]any{
		"receiver": "", "status": "firing", "alerts": []any{}, "groupLabels": map[string]any{},
		"commonLabels": absent, "commonAnnotations": absent, "externalURL": "", "groupKey": "",
		"truncatedAlerts": 0.0,
	}
	ofAlert := map[string]any{
		"status": "firing", "labels": map[string]any{}, "annotations": map[string]any{},
		"startsAt": time.Time{}.Format(time.RFC3339), "generatorURL": "",
		"endsAt": time.Time{}.Format(time.RFC3339), "fingerprint": "absent",
	}
	if body["version"] == "1" && body["orgId"] != nil {
		add(ofBody, "version", "orgId", "title", "state", "message", "appVersion")
		add(ofAlert, "silenceURL", "dashboardURL", "panelURL", "imageURL", "values", "valueString",
			"ruleUID", "orgId")
	} else {
		ofBody["version"], ofBody["notification_reason"] = "4", ""
		ofBody["routeLabels"] = map[string]any{}
	}
	only(body, ofBody)
	for _, one := range body["alerts"].([]any) {
		alert := one.(map[string]any)
		only(alert, ofAlert)
		for _, name := range []string{"startsAt", "endsAt"} {
			text := alert[name].(string)
			at, err := time.Parse(time.RFC3339, text)
			must(err)
			layout := "2006-01-02T15:04:05.999999999-07:00"
			if strings.HasSuffix(text, "Z") {
				layout = time.RFC3339Nano
			}
			alert[name] = at.Format(layout)
		}
	}
}

// add adds fields that are kept as they are.
func add(fields map[string]any, names ...string) {
	for _, name := range names {
		fields[name] = nil
	}
}

func only(object, fields map[string]any) {
	for name := range object {
		if _, known := fields[name]; !known {
			delete(object, name)
		}
	}
	for name, value := range fields {
		if object[name] == nil && value != nil {
			object[name] = value
		}
	}
}

func read(folder, pattern string) []payload {
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	must(err)
	sort.Strings(files)
	var payloads []payload
	for _, file := range files {
		body, err := os.ReadFile(file)
		must(err)
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		payloads = append(payloads, payload{name, body})
	}
	return payloads
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
