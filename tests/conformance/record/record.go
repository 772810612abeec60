// Package record keeps what a product's templates write, for the tests of another implementation.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"
)

// Set is what a product makes of templates and data.
type Set struct {
	texts  []string
	index  map[string]int
	values []string
	cases  []run
	at     map[string]int
}

// run is one template with its result for each data that it was run on.
type run struct {
	template string
	results  []string
}

// New gives an empty set.
func New() *Set {
	return &Set{index: map[string]int{}, at: map[string]int{}}
}

// Payload is a notification as Alertmanager posts it.
type Payload struct {
	Name string
	Body []byte
}

// Payloads reads the notifications that all products share: those whose name has no product in it.
func Payloads(folder string) ([]Payload, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	var payloads []Payload
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if strings.HasPrefix(name, "nm-") || strings.HasPrefix(name, "pa-") {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, Payload{Name: name, Body: body})
	}
	return payloads, nil
}

// Value says what data that is no notification is: its name, its type and its value in JSON.
func (s *Set) Value(name, of string, value any) {
	s.values = append(s.values, fmt.Sprintf("%s:[%s,%s]", encoded(name), encoded(of), encoded(value)))
}

// Add records what a template gave for some data.
func (s *Set) Add(template, data, output string, err error) {
	result := ""
	if err != nil {
		result = encoded(err.Error())
	} else {
		at, ok := s.index[output]
		if !ok {
			at = len(s.texts)
			s.index[output] = at
			s.texts = append(s.texts, output)
		}
		result = fmt.Sprint(at)
	}
	place, ok := s.at[template]
	if !ok {
		place = len(s.cases)
		s.at[template] = place
		s.cases = append(s.cases, run{template: template})
	}
	s.cases[place].results = append(s.cases[place].results, encoded(data)+":"+result)
}

// Write writes the set: each text once, and for each template and data the number of its text or,
// as a string, the error.
func (s *Set) Write(out io.Writer) error {
	var texts, cases []string
	for _, text := range s.texts {
		if utf8.ValidString(text) {
			texts = append(texts, encoded(text))
		} else {
			// JSON has no words for bytes: they stand in base64, in a list.
			texts = append(texts, encoded([][]byte{[]byte(text)}))
		}
	}
	for _, c := range s.cases {
		results := strings.Join(c.results, ",")
		cases = append(cases, fmt.Sprintf("[%s,{%s}]", encoded(c.template), results))
	}
	_, err := fmt.Fprintf(out, "{\"values\":{%s},\n\"texts\":[\n%s\n],\n\"cases\":[\n%s\n]}\n",
		strings.Join(s.values, ",\n"), strings.Join(texts, ",\n"), strings.Join(cases, ",\n"))
	return err
}

func encoded(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}
