package main

import (
	"fmt"
	"regexp"
	"strings"

	"gotemplate/conformance/language/model"
)

// tokens cuts a template into what the generator and the minimiser move around.
var tokens = regexp.MustCompile("\\{\\{-?|-?\\}\\}|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|'[^']*'|[$.]?\\w+|\\s+|:=|(?s:.)")

// show makes a difference small and prints it, unless one like it was.
func (f *fuzzer) show(request Request) {
	if f.shown <= 0 {
		return
	}
	small := f.minimise(request)
	ours := f.crate.ask([]Request{small})[0]
	_, gos := f.verdict(small, ours)
	key := fmt.Sprint(shape(gos), shape(ours))
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.shown--
	for _, source := range small.Sources {
		fmt.Printf("%s: %q\n", source.Name, source.Text)
	}
	fmt.Printf("  with %q %s\n  Go   %s\n  here %s\n", small.Data, small.Missing, gos, ours)
}

// String is the answer as people read it.
func (a Answer) String() string {
	switch {
	case a.Stage == "":
		return fmt.Sprintf("writes %q", a.Output)
	default:
		return fmt.Sprintf("%s: %q", a.Stage, a.Error)
	}
}

var special = regexp.MustCompile(`at <.*>: |"[^"]*"|\d+|'[^']*'|args for \w+|field \w+|type \S+|calling \w+|%\w`)

// shape is what differences of one cause have in common.
func shape(a Answer) string {
	if a.Stage == "" {
		return "writes " + special.ReplaceAllString(a.Output, "#")
	}
	return a.Stage + special.ReplaceAllString(a.Error, "#")
}

// minimise takes pieces out as long as the answers still differ.
func (f *fuzzer) minimise(request Request) Request {
	for i := 0; i < len(request.Sources); i++ {
		if len(request.Sources) > 1 && request.Sources[i].Name != request.Run {
			fewer := request
			fewer.Sources = append(append([]model.Source{}, request.Sources[:i]...), request.Sources[i+1:]...)
			if f.differs(fewer) {
				request = fewer
				i--
				continue
			}
		}
		request = f.minimiseSource(request, i)
	}
	return request
}

func (f *fuzzer) minimiseSource(request Request, at int) Request {
	pieces := tokens.FindAllString(request.Sources[at].Text, -1)
	for size := max(1, len(pieces)/2); size > 0; size /= 2 {
		for from := 0; from+size <= len(pieces); {
			fewer := append(append([]string{}, pieces[:from]...), pieces[from+size:]...)
			changed := request
			changed.Sources = append([]model.Source{}, request.Sources...)
			changed.Sources[at].Text = strings.Join(fewer, "")
			if f.differs(changed) {
				pieces, request = fewer, changed
			} else {
				from += size
			}
		}
	}
	return request
}

func (f *fuzzer) differs(request Request) bool {
	verdict, _ := f.verdict(request, f.crate.ask([]Request{request})[0])
	return verdict == different
}
