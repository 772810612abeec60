package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"gotemplate/conformance/language/model"
)

func quote(text string) string { return strconv.Quote(text) }

// literals are constants of every kind, as a template writes them.
var literals = []string{
	"1", "-1", "1.5", "7.0", "1e3", "1e30", "'x'", "'a'", "2i", "1+2i", "3+0i", `"lit"`, "`raw`", `""`, "true", "false", "nil", "0x10", "9223372036854775807", "9223372036854775808",
}

// fields are the fields of the data `values`, one missing.
func fields() []string {
	var names []string
	for name := range model.Data()["values"].(map[string]any) {
		names = append(names, "."+name)
	}
	sort.Strings(names)
	return append(names, ".missing")
}

// operands are those that comparisons are tried with, each with each.
func operands() []string {
	return []string{
		".bool", ".int", ".neg", ".int8", ".uint", ".uint8", ".uint64", ".seven", ".float32", ".nan", ".complex", ".string", ".bytes", ".strings", ".texts",
		".nil", ".missing", ".niltexts", ".nilstrings", ".time", ".duration", ".month", ".kv", ".tags", ".level", ".code", ".point", ".stamp", ".failure", ".node", ".nilnode",
		"7", "7.0", "'x'", `"str"`, "true", "nil", "1+2i",
	}
}

// products are each function with each value, and the like.
func products() []Case {
	var cases []Case
	cases = append(cases, pairs()...)
	cases = append(cases, calls()...)
	cases = append(cases, verbs()...)
	cases = append(cases, typedFields()...)
	cases = append(cases, numbers()...)
	return append(cases, indexes()...)
}

func product(group, format string, arguments ...any) Case {
	text := fmt.Sprintf(format, arguments...)
	return Case{Group: group, Name: text, Text: "{{" + text + "}}", Data: "values"}
}

func pairs() []Case {
	var cases []Case
	for _, one := range operands() {
		for _, other := range operands() {
			cases = append(cases, product("eq", "eq %s %s", one, other), product("lt", "lt %s %s", one, other))
		}
	}
	some := []string{".int", ".uint", ".neg", ".uint64", ".float", ".nan", ".string", ".complex", ".nil", ".strings", ".bool", ".level", "7", "\"str\""}
	for _, name := range []string{"ne", "le", "gt", "ge", "and", "or"} {
		for _, one := range some {
			for _, other := range some {
				cases = append(cases, product(name, "%s %s %s", name, one, other))
			}
		}
	}
	return cases
}

func calls() []Case {
	var cases []Case
	takers := []string{
		"takeString", "takeInt", "takeInt64", "takeFloat", "takeBool", "takeAny", "takeValue", "takeDuration", "takeTime", "takeStrings", "takeAnys",
		"takeDict", "takeTexts", "allAny", "allString", "allInt", "len", "not", "html", "js", "urlquery", "print", "println", "printf", "call", "index", "slice",
		"and", "or", "$.alert.Echo", "$.alert.Wait", "$.alert.Scale", "$.alert.Has", "$.alert.Add", "$.alert.Sum", "$.alert.Join", "$.kv.Remove",
	}
	for _, taker := range takers {
		for _, value := range append(fields(), literals...) {
			cases = append(cases, called("%s %s", taker, value))
			if strings.HasPrefix(taker, "take") || strings.HasPrefix(taker, "$") {
				cases = append(cases, called("%[2]s | %[1]s", taker, value))
			}
		}
	}
	for _, value := range append(fields(), literals...) {
		for _, form := range []string{
			"{{%s}}", "{{if %s}}yes{{else}}no{{end}}", "{{with %s}}{{.}}{{else}}no{{end}}", "{{range %s}}[{{.}}]{{else}}no{{end}}", "{{range $k, $v := %s}}{{$k}}:{{$v}};{{end}}",
			"{{$x := %s}}{{$x}}", "{{(%s).Field}}", "{{template `u` %s}}{{define `u`}}{{.}}{{end}}", "{{(%s)}}", "{{%s 1}}", "{{html (print %s)}}",
		} {
			text := fmt.Sprintf(form, value)
			cases = append(cases, Case{Group: "forms", Name: text, Text: text, Data: "values"})
		}
	}
	return cases
}

// called has the alert under a name of its own: it can't be in `values`, whose methods it would be.
func called(form, taker, value string) Case {
	c := product("calls", form, taker, value)
	if taker[0] == '$' {
		c.Text = "{{$a := index .alerts 0}}{{" + fmt.Sprintf(form, "$a"+taker[len("$.alert"):], value) + "}}"
		if taker == "$.kv.Remove" {
			c.Text = "{{" + fmt.Sprintf(form, taker, value) + "}}"
		}
	}
	return c
}

func verbs() []Case {
	var cases []Case
	for _, verb := range []string{
		"%v", "%+v", "%#v", "%T", "%s", "%q", "%d", "%x", "%X", "%t", "%g", "%8.3f|", "%-6v|", "%06d", "%c", "%U", "%e", "%o", "%b", "%p", "%5t|", "%!", "%z", "% x", "%#q", "%+d", "%.2v", "%w", "%%|%v",
	} {
		for _, value := range fields() {
			cases = append(cases, product("printf", "printf %q %s", verb, value))
		}
	}
	return cases
}

// typedFields are the fields of a struct, whose types are not `interface {}`.
func typedFields() []Case {
	var cases []Case
	for _, field := range structFields(model.Kinds{}) {
		for _, form := range []string{
			"{{.%s}}", "{{printf \"%%T %%v\" .%[1]s .%[1]s}}", "{{if .%s}}yes{{else}}no{{end}}", "{{range .%s}}[{{.}}]{{else}}none{{end}}", "{{range $k, $v := .%s}}{{$k}}={{$v}} {{end}}",
			"{{len .%s}}", "{{index .%s 0}}", "{{index .%s \"k\"}}", "{{.%s.k}}", "{{slice .%s 1}}", "{{eq .%[1]s .%[1]s}}", "{{lt .%[1]s .%[1]s}}", "{{not .%s}}", "{{takeAny .%s}}", "{{takeValue .%s}}",
			"{{takeString .%s}}", "{{takeInt .%s}}", "{{takeStrings .%s}}", "{{takeTexts .%s}}", "{{.%s.String}}", "{{print .%[1]s .%[1]s}}", "{{html .%s}}", "{{.%s 1}}", "{{printf \"%%#v\" .%s}}",
			"{{with $x := .%s}}{{$x}}{{else}}empty{{end}}", "{{and .%s 1}}", "{{eq .%s nil}}", "{{printf \"%%x|%%q|%%d\" .%[1]s .%[1]s .%[1]s}}", "{{.%s | typeOf}}",
		} {
			text := fmt.Sprintf(form, field)
			cases = append(cases, Case{Group: "fields", Name: text, Text: text, Data: "kinds"})
		}
	}
	return cases
}

func indexes() []Case {
	var cases []Case
	keys := []string{"0", "1", "-1", "9", "1.0", "'a'", `"a"`, "nil", "true", ".int8", ".uint", ".nil", ".missing", ".level", ".string"}
	for _, item := range []string{".strings", ".ints", ".anys", ".texts", ".dict", ".numbers", ".string", ".bytes", ".tags", ".kv", ".mixed", ".nil", ".niltexts", ".nilstrings", ".int", ".alerts", ".level", ".bad", ".node", `"lit"`} {
		for _, key := range keys {
			cases = append(cases, product("index", "index %s %s", item, key))
		}
		for _, ends := range []string{"", "0", "1", "2", "3", "-1", "0 1", "1 2", "2 1", "0 9", "0 1 1", "0 1 9", "1 2 1", "0 1 1 1", `"a"`, "nil", "1.5", ".uint8"} {
			cases = append(cases, product("slice", "slice %s %s", item, ends))
		}
		for _, more := range []string{"0 0", `"a" 0`, `0 "a"`, "0 0 0"} {
			cases = append(cases, product("index", "index %s %s", item, more))
		}
	}
	return cases
}

// numbers are texts that may be numbers, real ones and complex ones.
func numbers() []Case {
	var texts []string
	reals := []string{"1", "1.", ".5", "-", "+", ".", "1e3", "1e", "0x1", "0x1p4", "0x1.8p1", "1_0", "0b1", "07", "1e999", "0", "0x"}
	for _, real := range reals {
		for _, imaginary := range []string{"", "+1", "-1", "+.5", "+", "+1e3", "+0x2", "+1_0", "+2e400", "+.", "+1e", "+0x1p2", "+-1", "-07", "+0"} {
			texts = append(texts, real+imaginary+"i", "-"+real+imaginary+"i")
		}
	}
	for _, sign := range []string{"", "-", "+"} {
		for _, base := range []string{"", "0x", "0X", "0b", "0o", "0", "_"} {
			for _, digits := range []string{"0", "1", "12", "1_2", "_1", "1_", "1__2", "9", "f", "1.5", ".5", "5.", "1e2", "1p2", "1.8p1", "1e-2", "1E+2", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616"} {
				texts = append(texts, sign+base+digits)
			}
		}
	}
	var cases []Case
	for _, text := range texts {
		cases = append(cases, Case{Group: "numbers", Name: text, Text: "{{" + text + "}}"}, Case{Group: "numbers", Name: text, Text: "{{typeOf " + text + "}}"})
	}
	return cases
}
