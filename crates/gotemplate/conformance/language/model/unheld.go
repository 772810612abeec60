package model

import (
	"regexp"
	"strings"
)

// unheld are the features of Go that show in a template, and that a value of this crate can't hold.
var unheld = []struct {
	template, answer *regexp.Regexp
	reason           string
}{
	{regexp.MustCompile(`nilnode|NilNode|Left\.|Right\.|nilkinds`), regexp.MustCompile(`can't evaluate field \w+ in type (\*model\.|interface \{\})`), "a nil pointer that knows the fields of its type"},
	{regexp.MustCompile(`\.Any|\.Value|\$`), regexp.MustCompile(`can't evaluate field \w+ in type interface \{\}`), "a field of a struct whose type is interface {}"},
	{regexp.MustCompile(`slice[ (]+[.$]\w*[cC]ode|(?s)^code\n.*slice`), regexp.MustCompile(`\[\w{0,2}\]`), "a part of a named string that keeps its methods"},
	{regexp.MustCompile(`%|printf|eq|ne`), regexp.MustCompile(`63930772830|(?i)U\+EE292|734244426536|1110111000101001|ee2922d5e|\*time\.Location|\{[^ ]* [^ ]* %!c\(`), "the fields of time.Time that are not exported"},
	{regexp.MustCompile(`[nN]ilKV|[nN]ilTags|NilKV`), regexp.MustCompile(`\(nil\)|^true$|^false$`), "a nil of a named map or slice that differs from an empty one"},
	{regexp.MustCompile(`slice`), regexp.MustCompile(`model\.(Code|Level)`), "a part of a named string that keeps its methods"},
	{regexp.MustCompile(``), regexp.MustCompile(`model\.(KV|Tags)\(nil\)`), "a nil of a named map or slice that differs from an empty one"},
	{regexp.MustCompile(``), regexp.MustCompile(`NaN:1 NaN:1|NaN\):%!☠`), "two keys of a map that are not a number"},
}

// Unheld is why the crate can't give the answer of Go; nothing when it can.
func Unheld(sources []Source, data string, answer Answer) string {
	text := data
	for _, source := range sources {
		text += "\n" + source.Text
	}
	said := string(answer.Output) + answer.Error
	if strings.Contains(said, "0x") && strings.Contains(text, "%p") {
		return "the address of a value"
	}
	for _, u := range unheld {
		if u.template.MatchString(text) && u.answer.MatchString(said) {
			return u.reason
		}
	}
	return ""
}
