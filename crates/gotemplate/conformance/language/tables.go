package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"strings"

	"gotemplate/conformance/language/model"
)

// unheld are the names in Go's own tests that stand for what data can't hold.
var unheld = []struct {
	name   *regexp.Regexp
	reason string
}{
	{regexp.MustCompile(`BinaryFunc|VariadicFunc|NilOKFunc|ErrFunc|PanicFunc`), "a field that is a func"},
	{regexp.MustCompile(`\bcount\b`), "a function that gives a chan"},
	{regexp.MustCompile(`UPI`), "unsafe.Pointer"},
	{regexp.MustCompile(`NonEmptyInterface`), "a field whose type is an interface with methods"},
	{regexp.MustCompile(`stringer|vfunc`), "a parameter whose type is a struct or an interface with methods"},
	{regexp.MustCompile(`MAdd`), "a parameter of type []int"},
	{regexp.MustCompile(`SICap`), "a slice whose capacity is not its length"},
	{regexp.MustCompile(`\.unexported`), "a field that is not exported"},
	{regexp.MustCompile(`\.V0|\.V2|\.W[012]`), "String of a pointer, found through a field or a nil"},
	{regexp.MustCompile(`iter\.Seq|fVal`), "a func to range over"},
	{regexp.MustCompile(`tSliceOfNil|&iVal|valueString \.PS`), "a pointer that is nil or points to an interface"},
}

func reasonOf(texts ...string) string {
	for _, u := range unheld {
		if u.name.MatchString(strings.Join(texts, "\n")) {
			return u.reason
		}
	}
	return ""
}

// goTables are the rows of the tests of text/template and fmt.
func goTables() []Case {
	var cases []Case
	exec := load("text/template", "template")
	for _, name := range []string{"execTests", "multiExecTests"} {
		for _, row := range exec.rows(name) {
			cases = append(cases, execCase(exec, name, row))
		}
	}
	for _, row := range exec.rows("cmpTests") {
		expr, _ := exec.text(row[0])
		cases = append(cases, Case{Group: "cmpTests", Name: expr, Text: "{{if " + expr + "}}true{{else}}false{{end}}", Data: "compared"})
	}
	for _, row := range exec.rows("multiParseTests") {
		name, _ := exec.text(row[0])
		text, _ := exec.text(row[1])
		cases = append(cases, Case{Group: "multiParseTests", Name: name, Text: text})
	}
	cases = append(cases, parseTables()...)
	return append(cases, fmtTables()...)
}

func execCase(t *table, group string, row []ast.Expr) Case {
	name, _ := t.text(row[0])
	text, ok := t.text(row[1])
	data := types.ExprString(row[3])
	c := Case{Group: group, Name: name, Text: text, Skip: reasonOf(data, text)}
	switch name {
	case "ideal too big":
		text, ok = "{{typeOf 0x8000000000000000}}", true
	case "ideal int":
		text, ok = "{{typeOf 0x7fffffffffffffff}}", true
	}
	if c.Text = text; !ok {
		panic(name + ": the text of the template is no constant")
	}
	if group == "multiExecTests" {
		c.Before = []model.Source{
			{Name: "first", Text: "\n\t{{define \"x\"}}TEXT{{end}}\n\t{{define \"dotV\"}}{{.V}}{{end}}\n"},
			{Name: "second", Text: "\n\t{{define \"dot\"}}{{.}}{{end}}\n\t{{define \"nested\"}}{{template \"dot\" .}}{{end}}\n"},
		}
	}
	if c.Skip != "" {
		return c
	}
	switch data {
	case "tVal":
		c.Data = "tval"
		return c
	case "T{}":
		return c
	}
	value, err := t.value(row[3])
	if err != nil {
		c.Skip = "data of another type: " + data
	} else if value.IsValid() {
		c.Inline = value.Interface()
	}
	return c
}

func parseTables() []Case {
	var cases []Case
	parse := load("text/template/parse", "parse")
	for _, name := range []string{"parseTests", "errorTests", "lexTests", "isEmptyTests"} {
		for _, row := range parse.rows(name) {
			title, _ := parse.text(row[0])
			if text, ok := parse.text(row[1]); ok {
				cases = append(cases, Case{Group: name, Name: title, Text: text, Data: "tval"})
			}
		}
	}
	// Two of the lexer's tests are made from a variable.
	raw := "`abc\\n\\t\\\" `"
	cases = append(cases, Case{Group: "lexTests", Name: "raw quote", Text: "{{" + raw + "}}"})
	cases = append(cases, Case{Group: "lexTests", Name: "raw quote with newline", Text: "{{`now is{{\n}}the time`}}"})
	for _, row := range parse.rows("numberTests") {
		text, ok := parse.text(row[0])
		if !ok {
			continue
		}
		for _, form := range []string{"{{%s}}", "{{typeOf %s}}", "{{takeInt %s}}", "{{takeFloat %s}}", "{{takeAny %s}}"} {
			cases = append(cases, Case{Group: "numberTests", Name: text, Text: fmt.Sprintf(form, text)})
		}
	}
	return cases
}

func fmtTables() []Case {
	var cases []Case
	formats := load("fmt", "fmt_test")
	for _, row := range formats.rows("fmtTests") {
		format, _ := formats.text(row[0])
		c := Case{Group: "fmtTests", Name: format + " " + types.ExprString(row[1]), Text: "{{printf " + quote(format) + " .}}"}
		if value, err := formats.value(row[1]); err != nil {
			c.Skip = "a value that data can't hold: " + types.ExprString(row[1])
		} else if value.IsValid() {
			c.Inline = value.Interface()
		}
		cases = append(cases, c)
	}
	for _, row := range formats.rows("reorderTests") {
		cases = append(cases, reorderCase(formats, row))
	}
	return cases
}

func reorderCase(t *table, row []ast.Expr) Case {
	format, _ := t.text(row[0])
	c := Case{Group: "reorderTests", Name: format}
	arguments := []string{}
	for _, argument := range row[1].(*ast.CompositeLit).Elts {
		arguments = append(arguments, types.ExprString(argument))
	}
	c.Text = "{{printf " + strings.Join(append([]string{quote(format)}, arguments...), " ") + "}}"
	return c
}
