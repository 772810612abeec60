package main

import (
	"fmt"
	"strings"

	"gotemplate/conformance/language/model"
)

// block are templates on one subject, executed with the same data.
type block struct {
	group, data string
	texts       []string
}

// written are the cases of our own.
func written() []Case {
	var cases []Case
	blocks := append(append(writtenLanguage(), writtenValues()...), writtenErrors()...)
	for _, b := range blocks {
		for _, text := range b.texts {
			cases = append(cases, Case{Group: b.group, Name: fmt.Sprintf("%.60q", text), Text: text, Data: b.data})
		}
	}
	cases = append(cases, missingKeys()...)
	cases = append(cases, sets()...)
	return append(cases, trims()...)
}

// missingKeys are executed with each of the options.
func missingKeys() []Case {
	texts := []string{
		"{{.x}} {{.y}}", "{{.nope}}", "{{.nope.deeper}}", "{{.nope.deeper.still}}", "{{if .nope}}yes{{else}}no{{end}}", "{{with .nope}}{{.}}{{else}}none{{end}}", "{{range .nope}}x{{else}}none{{end}}",
		"{{printf \"%v|%s|%T\" .nope .nope .nope}}", "{{len .nope}}", "{{index . \"nope\"}}", "{{index . \"nope\" \"deeper\"}}", "{{eq .nope \"\"}}", "{{not .nope}}", "{{and .nope 1}}", "{{or .nope 1}}",
		"{{.nope | print}}", "{{.nope | html}}", "{{$v := .nope}}{{$v}}", "{{$v := .nope}}{{$v.deeper}}", "{{takeString .nope}}", "{{takeAny .nope}}", "{{takeValue .nope}}", "{{takeInt .nope}}", "{{takeDict .nope}}", "{{(.nope).deeper}}",
		"{{template \"n\" .nope}}{{define \"n\"}}[{{.}}]{{end}}", "a{{.x}}\nb{{.nope}}\nc", "{{.m.nope}}", "{{.m.in}}{{.m.nope.deeper}}", "{{.nope 1}}", "{{html .nope}}", "{{js .nope}}", "{{urlquery .nope}}", "{{eq .nope nil}}", "{{eq .nope .also}}",
		"{{print .nope}}", "{{call .nope}}", "{{slice .nope}}", "{{.nil}}", "{{.nil.deeper}}", "{{lt .nope 1}}", "{{allAny .nope}}", "{{allString .nope}}", "{{listOf .nope}}", "{{echo .nope}}", "{{1 | .nope}}", "{{.x.y}}", "{{.x.y.z}}",
	}
	var cases []Case
	for _, option := range []string{"default", "zero", "error"} {
		for _, data := range []string{"", "texts", "dict", "intmap", "kv", "niltexts", "alert", "values", "mixed", "numbers"} {
			for _, text := range texts {
				if option == "default" {
					cases = append(cases, Case{Group: "missingkey", Name: data + " " + text, Text: text, Data: data})
				} else {
					cases = append(cases, Case{Group: "missingkey", Name: option + " " + data + " " + text, Text: text, Data: data, Missing: option})
				}
			}
		}
	}
	return cases
}

// sets are several sources that make one set.
func sets() []Case {
	source := func(name, text string) model.Source { return model.Source{Name: name, Text: text} }
	cases := []Case{
		{Text: `{{template "a" .}}`, Before: []model.Source{source("a", "A{{.}}")}, Data: "int"},
		{Text: `{{template "a"}}`, Before: []model.Source{source("a", "A{{.}}")}, Data: "int"},
		{Text: `{{define "a"}}new{{end}}{{template "a"}}`, Before: []model.Source{source("a", "old")}},
		{Text: `{{define "a"}}{{end}}{{template "a"}}`, Before: []model.Source{source("a", "old")}},
		{Text: `{{define "a"}} {{/* only space */}} {{end}}{{template "a"}}`, Before: []model.Source{source("a", "old")}},
		{Text: `{{block "a" .}}block{{end}}`, Before: []model.Source{source("a", "old")}},
		{Text: `{{template "a"}}`, Before: []model.Source{source("a", `{{block "a" .}}block{{end}}`)}},
		{Text: `{{template "one"}}{{template "two"}}`, Before: []model.Source{source("a", `{{define "one"}}1{{end}}`), source("b", `{{define "two"}}2{{end}}{{define "one"}}one{{end}}`)}},
		{Text: `x`, Run: "t", Before: []model.Source{source("t", "first")}},
		{Text: ``, Run: "t", Before: []model.Source{source("t", "first")}},
		{Text: " {{/* c */}} ", Run: "t", Before: []model.Source{source("t", "first")}},
		{Text: `{{define "x"}}in t{{end}}`, Run: "x"},
		{Text: `{{define "x"}}in t{{end}}`, Run: "t"},
		{Text: `{{define "t"}}own{{end}}`, Run: "t"},
		{Text: `outer{{define "t"}}own{{end}}`, Run: "t"},
		{Text: `{{define "t"}}own{{end}}outer`, Run: "t"},
		{Text: `{{template "x"}}`, Before: []model.Source{source("x", "{{.nope}}")}},
		{Text: "line1\n{{template \"deep\" .}}", Before: []model.Source{source("deep file.tmpl", "\n\n{{define \"deep\"}}\n  {{template \"deeper\" .}}{{end}}"), source("c:d", `{{define "deeper"}}{{index "hi" .}}{{end}}`)}, Data: "int"},
		{Text: `{{template "a"}}`, Before: []model.Source{source("a", `{{define "b"}}`)}},
		{Text: `{{template "a"}}`, Before: []model.Source{source("模板", `{{nope}}`)}},
		{Text: `{{template "` + "a\\\"b" + `"}}`, Before: []model.Source{source("a\"b", `{{len 3}}`)}},
		{Text: `{{range .}}{{template "item" .}}{{end}}`, Before: []model.Source{source("item", `<{{.Status}}:{{.Labels.alertname}}>`)}, Data: "alerts"},
		{Text: `{{define "ding.link.content"}}custom{{end}}{{template "ding.link.content" .}}`, Before: []model.Source{source("default.tmpl", `{{define "__text"}}{{range .}}{{.}}{{end}}{{end}}{{define "ding.link.content"}}{{template "__text" .}}{{end}}`)}, Data: "strings"},
		{Text: `{{template "loop" 3}}{{define "loop"}}{{.}}{{if gt . 0}}{{template "loop" (add . -1)}}{{end}}{{end}}`},
		{Text: `{{$x := 1}}{{template "v" $x}}{{$x}}{{define "v"}}{{$x := .}}{{$x = 5}}{{$x}}{{end}}`},
		{Text: `{{template "v" .}}{{define "v"}}{{$.Status}}{{end}}`, Data: "alert"},
		{Text: `{{define "v"}}{{$y}}{{end}}`},
		{Text: `{{$y := 1}}{{define "v"}}{{$y}}{{end}}`},
		{Text: `{{$y := 1}}{{block "v" .}}{{$y}}{{end}}`},
	}
	for i := range cases {
		cases[i].Group, cases[i].Name = "sets", fmt.Sprintf("%d %.60s", i, cases[i].Text)
	}
	return cases
}

// trims are every pair of trim markers, with every kind of space around.
func trims() []Case {
	var cases []Case
	for _, left := range []string{"{{", "{{-", "{{- ", "{{-\n", "{{ -"} {
		for _, right := range []string{"}}", "-}}", " -}}", "\n-}}", " - }}"} {
			for _, inside := range []string{"3", "-3", "/* c */", `"s"`, "if 1", ""} {
				for _, space := range []string{" ", "\r\n\t ", "\u00a0\v"} {
					text := "a" + space + left + inside + right + space + "b"
					if strings.HasPrefix(inside, "if") {
						text += "{{end}}"
					}
					cases = append(cases, Case{Group: "trims", Name: fmt.Sprintf("%q", text), Text: text})
				}
			}
		}
	}
	return cases
}
