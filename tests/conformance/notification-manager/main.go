// Command notification-manager writes what notification-manager makes of its templates and of ours.
//
//	go run . -templates <config/samples/template.yaml of the product> > cases.json
//
// The product's templates are read and not kept: only what they write is.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"campana/conformance/notification-manager/template"

	"sigs.k8s.io/yaml"
)

// chinese is a language pack of our own, as JSON.
const chinese = `[{"name":"zh-cn","dictionary":{"firing":"正在告警","Resolved":"已恢复",` +
	`"alertname":"名称","severity":"级别","Namespace":"项目","pod":"容器组","实例":"instance"}}]`

// named are the templates that both the product and Campana have.
var named = []string{
	"nm.default.message",
	"nm.default.message.cn",
	"nm.default.subject",
	"nm.subject",
	"nm.default.text",
	"nm.default.markdown",
}

type testCase struct {
	// Template is one of the product's, or empty.
	Template string `json:"template,omitempty"`
	// Source is a template of ours, executed as `x`.
	Source   string `json:"source,omitempty"`
	Payload  string `json:"payload"`
	Language string `json:"language,omitempty"`
	Output   string `json:"output,omitempty"`
	Error    string `json:"error,omitempty"`
	// Skip is what of the payload a notification does not keep, where the output shows it.
	Skip string `json:"skip,omitempty"`
}

type payload struct {
	name string
	body []byte
}

func main() {
	log.SetFlags(0)
	file := flag.String("templates", "", "the product's ConfigMap of templates")
	payloads := flag.String("payloads", "../payloads", "the folder of payloads")
	flag.Parse()
	time.Local = time.UTC
	var product struct{ Data map[string]string }
	text, err := os.ReadFile(*file)
	must(err)
	must(yaml.Unmarshal(text, &product))

	cases := []testCase{}
	for _, payload := range read(*payloads) {
		for _, name := range named {
			source := product.Data["template"]
			if strings.HasPrefix(name, "nm.default.message") {
				// Those are of an alert and not of the data.
				source += `{{ define "each" }}{{ range .Alerts }}{{ template "` + name +
					`" . }}|{{ end }}{{ end }}`
				cases = append(cases, run("each", source, payload, ""))
				cases = append(cases, run("each", source, payload, "zh-cn"))
				for i := len(cases) - 2; i < len(cases); i++ {
					cases[i].Template = name
				}
				continue
			}
			for _, language := range []string{"", "zh-cn"} {
				one := run(name, source, payload, language)
				one.Template = name
				cases = append(cases, one)
			}
		}
	}
	cases = append(cases, small(read(*payloads))...)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	must(out.Encode(map[string]any{"pack": json.RawMessage(chinese), "cases": cases}))
}

func small(payloads []payload) []testCase {
	var cases []testCase
	for _, payload := range payloads {
		for _, source := range forAll {
			cases = append(cases, run("x", source, payload, ""))
			cases[len(cases)-1].Source = source
		}
		if payload.name != "nm-kubesphere" {
			continue
		}
		for _, source := range forOne {
			for _, language := range []string{"", "zh-cn"} {
				one := run("x", source, payload, language)
				one.Source = source
				if language == "" || strings.Contains(source, "translate") ||
					strings.Contains(source, "message") {
					cases = append(cases, one)
				}
			}
		}
	}
	return cases
}

// run executes `name`; of a source that defines nothing, it is the source.
func run(name, source string, payload payload, language string) testCase {
	if name == "x" {
		source = `{{ define "x" }}` + source + `{{ end }}`
	}
	out := testCase{Payload: payload.name, Language: language}
	out.Output, out.Error = execute(name, source, data(payload.body, false), language)
	output, _ := execute(name, source, data(payload.body, true), language)
	if output != out.Output {
		out.Skip = "an absent status or fingerprint"
	}
	return out
}

func execute(name, source string, data *template.Data, language string) (string, string) {
	set, err := template.New(language, []string{chinese})
	must(err)
	if set, err = set.ParserText(source); err != nil {
		return "", err.Error()
	}
	output, err := set.Text(name, data)
	if err != nil {
		return "", err.Error()
	}
	return output, ""
}

// data is what the product makes of a body for one message: its groups have no empty label, each
// alert has an id, and what the alerts share is counted anew.
//
// With kept, it is made of what a notification keeps: each alert has a status and a fingerprint.
func data(body []byte, kept bool) *template.Data {
	var data template.Data
	must(json.Unmarshal(body, &data))
	var ids struct {
		Alerts []struct{ Fingerprint string }
	}
	must(json.Unmarshal(body, &ids))
	for i, alert := range data.Alerts {
		alert.ID = ids.Alerts[i].Fingerprint
		if !kept {
			continue
		}
		alert.Status = cmp.Or(alert.Status, "firing")
		alert.ID = cmp.Or(alert.ID, "absent")
	}
	for name, value := range data.GroupLabels {
		if value == "" {
			delete(data.GroupLabels, name)
		}
	}
	clone := data.Clone()
	clone.CommonLabels, clone.CommonAnnotations = template.KV{}, template.KV{}
	return clone.Format()
}

func read(folder string) []payload {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	must(err)
	sort.Strings(files)
	var payloads []payload
	for _, file := range files {
		body, err := os.ReadFile(file)
		must(err)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		payloads = append(payloads, payload{name, body})
	}
	return payloads
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
