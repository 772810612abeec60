package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Bits of a class; the table in src/render/profile/alertmanager/title/classes.rs has them too.
const (
	cased = 1 << iota
	middle
	separating
	ignorable
)

// classOf finds out what the title caser makes of a character, by watching it at work.
func classOf(r rune) int {
	title := func(text string) string { return cases.Title(language.AmericanEnglish).String(text) }
	lower := func(text string) string { return cases.Lower(language.AmericanEnglish).String(text) }
	c, class := string(r), 0
	if strings.HasSuffix(title(c+"a"), "a") {
		// The letter after it was not the first one of the word.
		class |= cased
		if !strings.HasPrefix(lower("aΣ"+c), "aσ") {
			class |= ignorable
		}
		return class
	}
	if strings.HasSuffix(title("a"+c+"a"), "A") {
		class |= separating
	} else if strings.HasSuffix(title("a"+c+c+"a"), "A") {
		class |= middle
	}
	if strings.HasPrefix(lower("aΣ"+c+"b"), "aσ") {
		class |= ignorable
	}
	return class
}

// writeClasses writes where the class of the characters changes, for a table in Rust.
func writeClasses(out io.Writer) error {
	w := bufio.NewWriter(out)
	last := -1
	for r := rune(0); r <= 0x10ffff; r++ {
		class := separating
		if r < 0xd800 || r > 0xdfff {
			class = classOf(r)
		}
		if class != last {
			fmt.Fprintf(w, "0x%07x,\n", int(r)<<4|class)
			last = class
		}
	}
	return w.Flush()
}
