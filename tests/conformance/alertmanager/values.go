package main

import "time"

// value is data that is no notification, with the templates that are run on it.
//
// The templates are those of Alertmanager's template_test.go (Copyright 2018 Prometheus Team,
// Apache License 2.0), as far as they do not stand in templates.go by their substance.
type value struct {
	name, of  string
	data      any
	templates []string
}

const each = "{{ range . }}{{ humanizeDuration . }}:{{ end }}"

var winter = time.Date(2024, 1, 1, 8, 15, 30, 0, time.UTC)

var values = []value{
	listed("=letters", "a", "b", "c"),
	{"=floats", "[]float64", []float64{0, 1, 60, 3600, 86400, 86400 + 3600, -(86400*2 + 3600*3 + 60*4 + 5), 899.99}, []string{each}},
	{"=fractions", "[]float64", []float64{.1, .0001, .12345, 60.1, 60.5, 1.2345, 12.345}, []string{each}},
	{"=seconds", "[]string", []string{"0", "1", "60", "3600", "86400"}, []string{each}},
	{"=fraction texts", "[]string", []string{".1", ".0001", ".12345", "60.1", "60.5", "1.2345", "12.345"}, []string{each}},
	{"=ints", "[]int", []int{0, -1, 1, 1234567}, []string{each}},
	{"=uints", "[]uint", []uint{0, 1, 1234567}, []string{each}},
	{"=map", "map[string]interface {}", map[string]any{"key": "value", "number": 123}, []string{"{{ . | toJson }}", "{{ .key }} {{ .number }} {{ . }}"}},
	{"=texts", "map[string]string", map[string]string{"key": "value"}, []string{"{{ . | toJson }}", "{{ .key }}{{ .nope }}"}},
	{"=time", "time.Time", winter, []string{
		`{{ . | date "2006-01-02" }}`, `{{ . | tz "Europe/Paris" }}`, `{{ . | tz "Invalid/Timezone" }}`, `{{ . | toJson }}`, `{{ . }}`,
	}},
	{"=nothing", "nil", nil, []string{
		`abc`, `{{ "abc" }}`, `{{ `, `{{ "abc" | toUpper }}`, `{{ if match "^a" "abc"}}abc{{ end }}`, `{{ if match "abcd" "abc" }}abc{{ end }}`,
		`{{ "<b>" }}`, `{{ reReplaceAll "ab" "AB" "abcdabcda"}}`, `{{ "search?q=test%20foo" | urlUnescape }}`, `{{ 42 | toJson }}`, `{{ true | toJson }}`,
		`{{- $test := dict -}}{{ $test }}`, `{{- $test := dict "a" 1 "b" 2 "c" 3 -}}{{ $test }}`, `{{- $test := list -}}{{ $test }}`,
		`{{- $test := list "a" "b" -}}{{ $test = append $test "c" "d" -}}{{ $test }}`, `{{ . }}`, `{{ .Status }}`, `{{ toJson . }}`, `{{ routeLabels "x" }}`,
		`{{ template "__description" . }}`, `{{ template "__alertmanager" }}`, `{{ len . }}`, `{{ humanizeDuration . }}`, `{{ printf "%T" . }}`,
	}},
}

func listed(name string, texts ...string) value {
	return value{name, "[]string", texts, []string{`{{ . | join "," }}`, `{{ . | toJson }}`, `{{ . }}`, `{{ printf "%T" . }}`}}
}
