package main

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// classes asks, for every class that Go has a name for, where it begins and ends.
func classes() []Case {
	tables := map[string]*unicode.RangeTable{}
	for name, table := range unicode.Scripts {
		tables[name] = table
	}
	for name, table := range unicode.Categories {
		tables[name] = table
	}
	for alias, name := range unicode.CategoryAliases {
		tables[alias] = unicode.Categories[name]
	}
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)

	var cases []Case
	for _, name := range names {
		cases = append(cases, caseOf(`\p{`+name+`}`, edges(tables[name])))
		if strings.HasPrefix(name, "L") {
			cases = append(cases, caseOf(`(?i)\P{`+name+`}`, edges(tables[name])))
		}
	}
	return cases
}

// edges are the first and the last code point of a table, and those before and behind them.
// Unassigned ones are left out: a newer Unicode may have assigned them.
func edges(table *unicode.RangeTable) []string {
	if table == nil {
		return []string{"a"}
	}
	var first, last rune = -1, -1
	for _, r := range table.R16 {
		if first < 0 {
			first = rune(r.Lo)
		}
		last = rune(r.Hi)
	}
	for _, r := range table.R32 {
		if first < 0 {
			first = rune(r.Lo)
		}
		last = rune(r.Hi)
	}
	var texts []string
	for _, r := range []rune{first - 1, first, last, last + 1} {
		if r >= 0 && !unicode.Is(unicode.Cs, r) && !unicode.Is(unicode.Cn, r) && r <= unicode.MaxRune {
			texts = append(texts, string(r))
		}
	}
	return append(texts, "a", "Z", "0")
}

var (
	atoms = []string{
		"a", "b", "k", "S", "é", "中", ".", "^", "$", `\b`, `\B`, `\d`, `\W`, `\s`, "[ab]", "[^a]", "[k-t]", `[^\W_]`, "[[:^alpha:]]",
		`\pL`, `\p{Lu}`, `\x{17f}`, `\n`, "-", "{", `\Qa*\E`, "()", "[&&]", `[\d-]`, "_", "ab", "K", "\n",
	}
	repeats = []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}", "{,2}", "{0}", "{"}
	opens   = []string{"(", "(?:", "(?i:", "(?s:", "(?m:", "(?U:", "(?P<n>", "(?-i:", "(?ims:", "(?<m>"}
	flags   = []string{"(?i)", "(?-i)", "(?s)", "(?m)", "(?U)", "(?-s)", "(?U-i)", "(?)"}
	damages = []string{"(", ")", "[", "]", "*", "+", "{2}", "?", "\\", "|", `\Q`, "(?", "-", "^", "{1001}", ":]", "[:"}
	letters = []string{"a", "a", "b", "k", "K", "K", "s", "S", "ſ", "é", "É", "中", " ", "-", "_", "1", "\n", "*", "{", "&"}
)

type generator struct{ *rand.Rand }

func (g generator) one(of []string) string { return of[g.IntN(len(of))] }

// pattern is a random expression; depth bounds how far groups nest.
func (g generator) pattern(depth int) string {
	var b strings.Builder
	for range 1 + g.IntN(4) {
		switch n := g.IntN(20); {
		case n < 2:
			b.WriteString("|")
		case n < 4:
			b.WriteString(g.one(flags))
		case n < 9 && depth > 0:
			b.WriteString(g.one(opens) + g.pattern(depth-1) + ")")
		default:
			b.WriteString(g.one(atoms))
		}
		if g.IntN(5) < 2 {
			b.WriteString(g.one(repeats))
		}
	}
	return b.String()
}

// damaged is an expression with something put in that may not belong there.
func (g generator) damaged() string {
	pattern := []rune(g.pattern(2))
	at := g.IntN(len(pattern) + 1)
	return string(pattern[:at]) + g.one(damages) + string(pattern[at:])
}

func (g generator) text() string {
	var b strings.Builder
	for range g.IntN(9) {
		b.WriteString(g.one(letters))
	}
	return b.String()
}

// generated are random expressions on random texts. The seed is fixed: the same Go writes the same
// file again.
func generated() []Case {
	g := generator{rand.New(rand.NewPCG(20, 26))}
	var cases []Case
	for i := range 800 {
		pattern := g.pattern(3)
		if i%4 == 0 {
			pattern = g.damaged()
		} else if _, err := regexp.Compile(pattern); err != nil {
			continue // Wrong by chance, nearly always by a stacked repetition.
		}
		texts := []string{""}
		for range 5 {
			texts = append(texts, g.text())
		}
		cases = append(cases, caseOf(pattern, texts))
	}
	return cases
}
