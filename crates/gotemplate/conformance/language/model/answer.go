package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"text/template"
	"time"
)

// Source is a template with its name.
type Source struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Answer is what becomes of a template.
type Answer struct {
	// Output is all that was written, also before an error.
	Output []byte
	// Stage is `parse` or `execute` when there is an error.
	Stage string
	Error string
}

// most is how much a template may write; the Rust side has a limit too.
const most = 200 << 10

var errMost = errors.New("too much output")

type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > most {
		return 0, errMost
	}
	return l.Buffer.Write(p)
}

// Run parses the sources as one set and executes the one called name; false when it went too far.
func Run(sources []Source, missing, name string, data any) (answer Answer, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			answer, ok = Answer{Stage: "panic", Error: fmt.Sprint(r)}, false
		}
	}()
	set := template.New(sources[0].Name).Funcs(Funcs())
	if missing != "" {
		set.Option("missingkey=" + missing)
	}
	for _, source := range sources {
		if _, err := set.New(source.Name).Parse(source.Text); err != nil {
			return Answer{Stage: "parse", Error: err.Error()}, true
		}
	}
	var out limited
	err := set.ExecuteTemplate(&out, name, data)
	if errors.Is(err, errMost) {
		return Answer{}, false
	}
	answer = Answer{Output: out.Bytes()}
	if err != nil {
		answer.Stage, answer.Error = "execute", err.Error()
	}
	return answer, true
}

// UseLocal makes the local zone the same everywhere.
func UseLocal() { time.Local = Shanghai }

// Line is JSON without a line end, and with < > & as they are.
func Line(value any) json.RawMessage {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
