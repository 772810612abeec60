package main

import (
	"encoding/json"
	"log"
	"os"
	"strconv"
	"strings"

	"gotemplate/conformance/language/model"
)

// readCorpus is the cases whose data have a name.
func readCorpus(path string) []Request {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Before                         []model.Source
			Text, Run, Missing, Data, Skip string
			MissingKey                     string
			Inline                         json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		log.Fatal(err)
	}
	var corpus []Request
	for _, c := range file.Cases {
		if c.Skip != "" || c.Inline != nil {
			continue
		}
		run := c.Run
		if run == "" {
			run = "t"
		}
		sources := append(c.Before, model.Source{Name: "t", Text: c.Text})
		corpus = append(corpus, Request{Sources: sources, Missing: c.MissingKey, Run: run, Data: c.Data})
	}
	return corpus
}

// template is a changed case, or one from the grammar, perhaps broken.
func (f *fuzzer) template() Request {
	if f.random.IntN(2) == 0 {
		return f.mutant()
	}
	request := Request{Run: "t", Data: f.pick(f.names), Missing: f.pick([]string{"", "", "zero", "error"})}
	g := grammar{fuzzer: f, words: f.vocabulary(request.Data)}
	text := g.nodes(3)
	if f.random.IntN(4) == 0 {
		text = f.broken(text)
	}
	if f.random.IntN(5) == 0 {
		request.Sources = append(request.Sources, model.Source{Name: "other", Text: g.nodes(2)})
	}
	request.Sources = append(request.Sources, model.Source{Name: "t", Text: text})
	return request
}

func (f *fuzzer) pick(from []string) string { return from[f.random.IntN(len(from))] }

func (f *fuzzer) mutant() Request {
	request := f.corpus[f.random.IntN(len(f.corpus))]
	request.Sources = append([]model.Source{}, request.Sources...)
	at := f.random.IntN(len(request.Sources))
	request.Sources[at].Text = f.broken(request.Sources[at].Text)
	if f.random.IntN(3) == 0 {
		request.Data = f.pick(f.names)
	}
	if f.random.IntN(6) == 0 {
		other := f.corpus[f.random.IntN(len(f.corpus))]
		request.Sources[at].Text += other.Sources[len(other.Sources)-1].Text
	}
	return request
}

var inserted = []string{
	"{{", "}}", "{{-", "-}}", " ", "\n", "(", ")", "|", ".", ",", ":=", "=", "$", "$x", "$x := ", "nil", "true", "1", "-1", "1.5", "'a'", "\"a\"", "`a`", "2i", "0x1p4", "end", "{{end}}", "{{else}}", "{{break}}", "{{continue}}", "if ", "range ",
	"with ", "else ", "define \"d\"", "template \"t\"", "block \"b\" .", "{{if 1}}", "{{range 2}}", "{{with .}}", "/*", "*/", "{{/* c */}}", "print ", "index ", "len ", "eq ", "lt ", "and ", "or ", "not ", "html ", "printf \"%v\" ", "\"", "`", "'", "\\", "中", "é", "#", "@", "!", "+", "x", "\u00a0", "slice ", "call ", "typeOf ",
}

// broken changes a few tokens of a template.
func (f *fuzzer) broken(text string) string {
	pieces := tokens.FindAllString(text, -1)
	for range 1 + f.random.IntN(3) {
		if len(pieces) == 0 {
			return f.pick(inserted)
		}
		at := f.random.IntN(len(pieces))
		switch f.random.IntN(6) {
		case 0:
			pieces = append(pieces[:at:at], pieces[at+1:]...)
		case 1:
			pieces = append(pieces[:at:at], append([]string{f.pick(inserted)}, pieces[at:]...)...)
		case 2:
			pieces[at] = f.pick(inserted)
		case 3:
			other := f.random.IntN(len(pieces))
			pieces[at], pieces[other] = pieces[other], pieces[at]
		case 4:
			pieces = append(pieces[:at:at], append([]string{pieces[f.random.IntN(len(pieces))]}, pieces[at:]...)...)
		case 5:
			other := f.corpus[f.random.IntN(len(f.corpus))]
			theirs := tokens.FindAllString(other.Sources[len(other.Sources)-1].Text, -1)
			if len(theirs) > 0 {
				pieces[at] = f.pick(theirs)
			}
		}
	}
	return strings.Join(pieces, "")
}

// vocabulary are names that may be fields, keys or methods of the data.
func (f *fuzzer) vocabulary(data string) []string {
	common := []string{"Status", "Labels", "Title", "Add", "Names", "Get", "x", "nope", "String", "alertname", "Val", "Left", "k"}
	encoded, err := model.Encode(f.data[data])
	if err != nil {
		return common
	}
	var words []string
	for _, piece := range names.FindAllString(string(encoded), -1) {
		if word, err := strconv.Unquote(piece); err == nil {
			words = append(words, word)
		}
	}
	return append(words, common...)
}
