package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gotemplate/conformance/language/model"
)

// names are quoted texts that can be fields.
var names = regexp.MustCompile(`"[A-Za-z]\w*"`)

// grammar writes templates that parse, mostly.
type grammar struct {
	*fuzzer
	words     []string
	variables []string
	loops     int
}

func (g *grammar) chance(in int) bool { return g.random.IntN(in) == 0 }

func (g *grammar) nodes(depth int) string {
	scope := len(g.variables)
	var out strings.Builder
	for range 1 + g.random.IntN(3) {
		out.WriteString(g.node(depth))
	}
	g.variables = g.variables[:scope]
	return out.String()
}

func (g *grammar) node(depth int) string {
	if depth <= 0 {
		return g.leaf()
	}
	switch g.random.IntN(12) {
	case 0, 1:
		return g.branch("if", depth)
	case 2:
		return g.branch("with", depth)
	case 3, 4:
		return g.loop(depth)
	case 5:
		return g.action(fmt.Sprintf("block %q %s", g.pick([]string{"b", "d", "e"}), g.pipeline(2))) + g.apart(depth) + g.action("end")
	case 6:
		return g.action(fmt.Sprintf("define %q", g.pick([]string{"d", "e", "f"}))) + g.apart(depth) + g.action("end")
	case 7:
		return g.action(fmt.Sprintf("template %q %s", g.pick([]string{"b", "d", "e", "f", "other"}), g.pick([]string{"", ".", "$", g.pipeline(2)})))
	}
	return g.leaf()
}

// apart are the nodes of a template of its own, which sees no variables.
func (g *grammar) apart(depth int) string {
	inner := &grammar{fuzzer: g.fuzzer, words: g.words}
	return inner.nodes(depth - 1)
}

func (g *grammar) leaf() string {
	switch g.random.IntN(14) {
	case 0:
		return g.pick([]string{"text", " ", "\n", " a \n b ", "磁盘", "{", "}", "}}", "\t\r\n"})
	case 1:
		return g.pick([]string{"{{/* c */}}", "{{- /* c */ -}}", "{{/* c */ -}}"})
	case 2:
		value := g.pipeline(3)
		name := g.pick([]string{"$a", "$b", "$x1"})
		g.variables = append(g.variables, name)
		return g.action(name + g.pick([]string{" := ", ":=", " :="}) + value)
	case 3:
		if len(g.variables) > 0 {
			return g.action(g.pick(g.variables) + " = " + g.pipeline(3))
		}
	case 4:
		if g.loops > 0 {
			return g.action(g.pick([]string{"break", "continue"}))
		}
	}
	return g.action(g.pipeline(3))
}

func (g *grammar) action(inside string) string {
	return g.pick([]string{"{{", "{{", "{{", "{{ ", "{{- ", "{{\n"}) + inside + g.pick([]string{"}}", "}}", "}}", " }}", " -}}", "\n}}"})
}

func (g *grammar) branch(word string, depth int) string {
	scope := len(g.variables)
	out := g.action(word+" "+g.declared(g.pipeline(3), "$c")) + g.nodes(depth-1)
	if g.chance(3) {
		out += g.action("else "+word+" "+g.pipeline(2)) + g.nodes(depth-1)
	}
	if g.chance(2) {
		out += g.action("else") + g.nodes(depth-1)
	}
	g.variables = g.variables[:scope]
	return out + g.action("end")
}

func (g *grammar) declared(pipeline, name string) string {
	if !g.chance(4) {
		return pipeline
	}
	g.variables = append(g.variables, name)
	return name + " := " + pipeline
}

func (g *grammar) loop(depth int) string {
	scope := len(g.variables)
	over := g.pipeline(2)
	switch g.random.IntN(4) {
	case 0:
		over = "$i, $e := " + over
		g.variables = append(g.variables, "$i", "$e")
	case 1:
		over = "$e := " + over
		g.variables = append(g.variables, "$e")
	}
	g.loops++
	out := g.action("range "+over) + g.nodes(depth-1)
	g.loops--
	if g.chance(3) {
		out += g.action("else") + g.nodes(depth-1)
	}
	g.variables = g.variables[:scope]
	return out + g.action("end")
}

func (g *grammar) pipeline(depth int) string {
	out := g.command(depth)
	for g.chance(4) {
		out += " | " + g.call(depth-1)
	}
	return out
}

func (g *grammar) command(depth int) string {
	if depth > 0 && g.chance(2) {
		return g.call(depth)
	}
	return g.operand(depth)
}

var builtins = []string{"and", "or", "not", "len", "index", "slice", "print", "println", "printf", "html", "js", "urlquery", "eq", "ne", "lt", "le", "gt", "ge", "call"}

func (g *grammar) call(depth int) string {
	name := g.pick(builtins)
	if g.chance(3) {
		name = g.pick(functions)
	} else if g.chance(4) {
		name = g.field()
	}
	out := name
	if name == "printf" {
		out += fmt.Sprintf(" %q", g.pick([]string{g.format(), g.format(), g.format(), "%v", "%s", "%d|%v", "%q", "%x", "%5v|", "%T", "%+v", "%#v", "%t", "%g", "%[2]v %[1]v", "%c", "%U", "%-8s|", "%08.3f", "%%", "%!"}))
	}
	for range g.random.IntN(4) {
		out += " " + g.operand(depth-1)
	}
	return out
}

// some is a few of the pieces, after one another.
func (g *grammar) some(most int, pieces ...string) string {
	var out strings.Builder
	for range g.random.IntN(most + 1) {
		out.WriteString(g.pick(pieces))
	}
	return out.String()
}

// number is what may be a number.
func (g *grammar) number() string {
	return g.pick([]string{"", "-", "+"}) + g.pick([]string{"0", "1", "9", ".", "0x", "0b", "0o", "07", "0X"}) +
		g.some(6, "0", "1", "7", "9", "_", ".", "e", "E", "p", "+", "-", "a", "F", "i", "e-2", "p3")
}

// quoted is what may be a string or a character, with escapes.
func (g *grammar) quoted(quote string) string {
	return quote + g.some(3, "a", "磁", `\n`, `\`, `\\`, `\"`, `\'`, `\x41`, `\xff`, `\x4`, `\101`, `\400`, `\u4e2d`, `\ud800`, `\U0001F600`, `\U00110000`, `\z`, "\t", "'", `"`) + quote
}

// format is a text for printf, with up to three verbs.
func (g *grammar) format() string {
	var out strings.Builder
	for range 1 + g.random.IntN(3) {
		out.WriteString(g.pick([]string{"", "x", "磁", "%%"}) + "%" + g.some(2, "+", "-", "#", " ", "0") + g.pick([]string{"", "", "5", "12", "*", "[1]", "[2]*", "[9]"}) +
			g.pick([]string{"", "", ".2", ".0", ".", ".*", ".[1]"}) + g.pick(verbs))
	}
	return out.String()
}

var verbs = strings.Split("v s d q x X t T g e f c U b o O E F G p w z ! 磁", " ")

func (g *grammar) field() string {
	out := ""
	for range 1 + g.random.IntN(2) {
		out += "." + g.pick(g.words)
	}
	return out
}

func (g *grammar) operand(depth int) string {
	switch g.random.IntN(9) {
	case 0, 1:
		return g.pick([]string{"1", "0", "-1", "2", "1.5", "7.0", "1e3", "'a'", "2i", "\"a\"", "\"磁\"", "`raw`", "\"\"", "true", "false", "nil", "0x1F", "1_000", "\"%d\"", "\"x\"", "\"alertname\""})
	case 2:
		return g.pick([]string{".", "$"})
	case 3:
		if len(g.variables) > 0 {
			return g.pick(g.variables) + g.pick([]string{"", "", g.field()})
		}
		return "$" + g.field()
	case 4:
		if depth > 0 {
			return "(" + g.pipeline(depth-1) + ")" + g.pick([]string{"", "", "", g.field()})
		}
	case 5:
		if g.chance(6) {
			return g.pick([]string{g.number(), g.quoted(`"`), g.quoted("'")})
		}
		if g.chance(3) {
			return g.pick([]string{"zeroArgs", "returnInt", "noValue", "noStrings", "noDict", "mapOfThree", "listOf"})
		}
	}
	return g.field()
}

// functions are sorted, so that a seed gives the same templates again.
var functions = slices.Sorted(maps.Keys(model.Funcs()))
