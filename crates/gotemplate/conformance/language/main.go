// Command language writes what Go's text/template makes of a list of templates.
//
// Its output, cases.json, is the measure of this crate: one case a line, with the output or the
// error, and the data that the cases name.
//
//	go run . > cases.json
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sort"
	"strings"

	"gotemplate/conformance/language/model"
)

// Case is one template, or a set of them, and how it is executed.
type Case struct {
	Group, Name string
	// Before are the sources that are parsed before the text.
	Before []model.Source
	// Text is parsed under the name `t`, which is executed unless Run is another.
	Text    string
	Run     string
	Missing string
	// Data is a name; without one the data are Inline.
	Data   string
	Inline any
	// Skip says which feature of Go the data can't hold.
	Skip string
}

// line is how a case is written.
type line struct {
	Name    string          `json:"name"`
	Before  []model.Source  `json:"before,omitempty"`
	Text    model.Text      `json:"text"`
	Run     string          `json:"run,omitempty"`
	Missing string          `json:"missingkey,omitempty"`
	Data    string          `json:"data,omitempty"`
	Inline  json.RawMessage `json:"inline,omitempty"`
	Output  *model.Text     `json:"output,omitempty"`
	Parse   model.Text      `json:"parse,omitempty"`
	Execute model.Text      `json:"execute,omitempty"`
	Skip    string          `json:"skip,omitempty"`
}

func (c Case) sources() []model.Source {
	return append(append([]model.Source{}, c.Before...), model.Source{Name: "t", Text: c.Text})
}

// write answers the case; nothing for one whose answer holds an address, or goes too far.
//
// The data are two copies of the same, so that an address differs between them.
func (c Case) write(data, copied map[string]any) (json.RawMessage, bool) {
	out := line{Name: c.Group + ": " + c.Name, Before: c.Before, Text: model.Text(c.Text), Run: c.Run, Missing: c.Missing, Data: c.Data, Skip: c.Skip}
	if c.Skip != "" {
		return model.Line(out), true
	}
	value := c.Inline
	if c.Data != "" {
		var known bool
		if value, known = data[c.Data]; !known {
			log.Fatalf("%s: no data %q", c.Name, c.Data)
		}
	} else if value != nil {
		inline, err := model.Encode(value)
		if err != nil {
			log.Fatalf("%s: %v", out.Name, err)
		}
		out.Inline = inline
	}
	run := c.Run
	if run == "" {
		run = "t"
	}
	answer, ok := model.Run(c.sources(), c.Missing, run, value)
	if other, found := copied[c.Data]; found {
		again, _ := model.Run(c.sources(), c.Missing, run, other)
		ok = ok && again.Error == answer.Error && string(again.Output) == string(answer.Output)
	}
	if !ok {
		return nil, false
	}
	if out.Skip = model.Unheld(c.sources(), c.Data, answer); out.Skip != "" {
		return model.Line(out), true
	}
	text := model.Text(answer.Output)
	switch answer.Stage {
	case "parse":
		out.Parse = model.Text(answer.Error)
	case "execute":
		out.Execute = model.Text(answer.Error)
	}
	if out.Output = &text; answer.Stage != "" && text == "" {
		out.Output = nil
	}
	return model.Line(out), true
}

// table writes values by name, sorted.
func namedValues(values map[string]any) string {
	var lines []string
	for name, value := range values {
		encoded, err := model.Encode(value)
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		lines = append(lines, fmt.Sprintf("%s:%s", model.Line(name), encoded))
	}
	sort.Strings(lines)
	return "{\n" + strings.Join(lines, ",\n") + "\n}"
}

// zeros are the zero values of the named types, by type.
func zeros() map[string]any {
	return map[string]any{
		"model.Point": model.Point{}, "model.Stamp": model.Stamp{}, "model.Failure": model.Failure{}, "model.Alert": model.Alert{},
		"model.Kinds": model.Kinds{}, "model.Level": model.Level(""), "model.Code": model.Code(""),
	}
}

func main() {
	model.UseLocal()
	data, copied := model.Data(), model.Data()
	cases := append(goTables(), written()...)
	cases = append(cases, products()...)
	var lines []string
	seen := map[string]bool{}
	skipped, dropped, groups := 0, 0, map[string]int{}
	for _, c := range cases {
		key := fmt.Sprintf("%q %q %q %q %T %v", c.sources(), c.Run, c.Missing, c.Data, c.Inline, c.Inline)
		if c.Skip != "" {
			key += c.Name
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		encoded, ok := c.write(data, copied)
		if !ok {
			dropped++
			continue
		}
		text := string(encoded)
		if strings.Contains(text, `,"skip":`) {
			skipped++
		}
		groups[c.Group]++
		lines = append(lines, text)
	}
	log.Printf("%d cases, %d skipped, %d left out for an address in the answer; %v", len(lines), skipped, dropped, groups)
	text := "{\"data\":" + namedValues(data) + ",\n\"zeros\":" + namedValues(zeros()) + ",\n\"cases\":[\n" + strings.Join(lines, ",\n") + "\n]}\n"
	if _, err := os.Stdout.WriteString(text); err != nil {
		log.Fatal(err)
	}
}
