// Command sprig writes what Go's text/template and sprig 3.2.2 make of calls of every function.
//
//	go run . > cases.json
//
// The data are built in data.go and, with the same names and types, in the test that reads the
// cases. A case whose outcome changes from run to run, by the order of a map, is left out.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

// Case is a template, and what it gives: an output or an error. Base64 says of which it is encoded.
type Case struct {
	Template string
	Output   string `json:",omitempty"`
	Error    string `json:",omitempty"`
	Base64   bool   `json:",omitempty"`
}

// runs is how often a case is run, to see whether it changes.
func runs(text string) int {
	if strings.Contains(text, "keys") || strings.Contains(text, "values") {
		return 500
	}
	return 8
}

func run(text string) (Case, bool) {
	c := Case{Template: text}
	for i := range runs(text) {
		var out bytes.Buffer
		t, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(text)
		if err != nil {
			log.Fatalf("%s: %v", text, err)
		}
		now := Case{Template: text}
		if err := t.Execute(&out, data()); err != nil {
			now.Error = err.Error()
		} else {
			now.Output = out.String()
		}
		if i > 0 && now != c {
			return c, false
		}
		c = now
	}
	if !utf8.ValidString(c.Output) || !utf8.ValidString(c.Error) {
		c.Output = base64.StdEncoding.EncodeToString([]byte(c.Output))
		c.Error = base64.StdEncoding.EncodeToString([]byte(c.Error))
		c.Base64 = true
	}
	return c, true
}

func main() {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		log.Fatal(err)
	}
	time.Local = shanghai
	texts := append(written(), generated()...)
	seen := map[string]bool{}
	separator := "["
	for _, text := range texts {
		c, ok := run(text)
		if !ok || seen[text] {
			continue
		}
		seen[text] = true
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(c); err != nil {
			log.Fatal(err)
		}
		fmt.Print(separator, "\n", string(bytes.TrimSpace(line.Bytes())))
		separator = ","
	}
	fmt.Println("\n]")
	fmt.Fprintln(os.Stderr, len(seen), "cases")
}
