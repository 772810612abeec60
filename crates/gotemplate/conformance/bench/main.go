// Command bench tells how often a second Go executes the templates of cases.tsv.
//
//	go run . -root ../../../.. -time 1s
//
// Each template is parsed once and executed again and again with the same data, into one buffer.
// A line is a name, renders a second, and a hash of the output, all separated by tabs.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	alertmanager "github.com/prometheus/alertmanager/template"
)

var (
	root  = flag.String("root", ".", "the repository")
	spent = flag.Duration("time", time.Second, "how long each template is executed")
)

func main() {
	flag.Parse()
	time.Local = time.UTC
	folder := filepath.Join(*root, "crates/gotemplate/conformance/bench")
	cases, err := os.ReadFile(filepath.Join(folder, "cases.tsv"))
	if err != nil {
		log.Fatal(err)
	}
	payload, err := os.ReadFile(filepath.Join(folder, "payload.json"))
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(cases)), "\n") {
		if err := run(strings.Split(line, "\t"), payload); err != nil {
			log.Fatal(err)
		}
	}
}

func run(fields []string, payload []byte) error {
	name, profile, file, called := fields[0], fields[1], fields[2], fields[3]
	count, err := strconv.Atoi(fields[4])
	if err != nil {
		return err
	}
	source, err := os.ReadFile(filepath.Join(*root, file))
	if err != nil {
		return err
	}
	functions, data, err := product(profile, payload, count)
	if err != nil {
		return err
	}
	parsed, err := template.New("").Option("missingkey=zero").Funcs(functions).Parse(string(source))
	if err != nil {
		return err
	}
	var output bytes.Buffer
	renders := 0
	start := time.Now()
	for time.Since(start) < *spent {
		for range 20 {
			output.Reset()
			if err := parsed.ExecuteTemplate(&output, called, data); err != nil {
				return err
			}
			renders++
		}
	}
	hash := fnv.New64a()
	hash.Write(output.Bytes())
	fmt.Printf("%s\t%.0f\t%x\n", name, float64(renders)/time.Since(start).Seconds(), hash.Sum64())
	return nil
}

// product gives the functions and the data of a profile.
func product(profile string, payload []byte, alerts int) (template.FuncMap, any, error) {
	if profile == "dingtalk" {
		var data Message
		if err := json.Unmarshal(payload, &data); err != nil {
			return nil, nil, err
		}
		data.Alerts = data.Alerts[:alerts]
		functions := sprig.TxtFuncMap()
		functions["toUpper"] = strings.ToUpper
		functions["toLower"] = strings.ToLower
		functions["markdown"] = markdown
		return functions, &data, nil
	}
	var data alertmanager.Data
	if err := json.Unmarshal(payload, &data); err != nil {
		return nil, nil, err
	}
	data.Alerts = data.Alerts[:alerts]
	return template.FuncMap(alertmanager.DefaultFuncs), &data, nil
}
