// Command dingtalk writes what prometheus-webhook-dingtalk's own template package makes of payloads
// and templates.
//
//	go run -tags builtinassets . > cases.json
//
// The module's tag v2.1.0 has no path that the module proxy accepts, so go.mod names its commit. Where
// the proxy does not have it either, a clone stands in for it:
//
//	go mod edit -replace github.com/timonwong/prometheus-webhook-dingtalk=CLONE
//	go run -tags builtinassets . > cases.json
//	go mod edit -dropreplace github.com/timonwong/prometheus-webhook-dingtalk
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/timonwong/prometheus-webhook-dingtalk/pkg/models"
	"github.com/timonwong/prometheus-webhook-dingtalk/template"

	"campana/conformance/record"
)

// dataOf gives the data as the product has it: what was decoded, with the mobiles of the target.
func dataOf(payload record.Payload, mobiles []string) (*models.WebhookMessage, error) {
	var data models.WebhookMessage
	if err := json.Unmarshal(payload.Body, &data); err != nil {
		return nil, fmt.Errorf("%s: %w", payload.Name, err)
	}
	data.AtMobiles = append(data.AtMobiles, mobiles...)
	return &data, nil
}

func main() {
	if err := write(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func write(out io.Writer) error {
	time.Local = time.UTC
	tmpl, err := template.FromGlobs(true)
	if err != nil {
		return err
	}
	payloads, err := record.Payloads("../payloads")
	if err != nil {
		return err
	}
	set := record.New()
	for _, payload := range payloads {
		for _, mobiles := range [][]string{nil, {"13800000000"}, {"13800000000", "+86-139"}} {
			data, err := dataOf(payload, mobiles)
			if err != nil {
				return err
			}
			name := payload.Name
			if mobiles != nil {
				name += "@" + strings.Join(mobiles, ",")
			}
			run := func(texts []string) {
				for _, text := range texts {
					output, err := tmpl.ExecuteTextString(text, data)
					set.Add(text, name, output, err)
				}
			}
			if mobiles != nil {
				run(mentioning)
				continue
			}
			run(append(wellKnown(), mentioning...))
			if slices.Contains(record.Telling, payload.Name) {
				run(record.Model())
				run(ownModel)
			}
			if slices.Contains(record.Few, payload.Name) {
				run(functions())
			}
		}
		if err := inZones(set, tmpl, payload); err != nil {
			return err
		}
	}
	return set.Write(out)
}

// inZones records a payload for processes that are not in UTC.
func inZones(set *record.Set, tmpl *template.Template, payload record.Payload) error {
	return record.InZones(payload, func(payload record.Payload) error {
		data, err := dataOf(payload, nil)
		if err != nil {
			return err
		}
		for _, text := range slices.Concat(wellKnown(), record.Model(), ownModel) {
			output, err := tmpl.ExecuteTextString(text, data)
			set.Add(text, payload.Name, output, err)
		}
		return nil
	})
}
