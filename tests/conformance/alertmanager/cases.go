package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/template"

	"campana/conformance/record"
)

// dataOf gives the data as Alertmanager has it when it notifies: no map is nil, and the templates in
// the route's labels have been executed.
func dataOf(payload record.Payload) (*template.Data, error) {
	var data template.Data
	if err := json.Unmarshal(payload.Body, &data); err != nil {
		return nil, fmt.Errorf("%s: %w", payload.Name, err)
	}
	labels := []*template.KV{
		&data.GroupLabels, &data.CommonLabels, &data.CommonAnnotations, &data.RouteLabels,
	}
	for _, kv := range labels {
		if *kv == nil {
			*kv = template.KV{}
		}
	}
	template.MarkRouteLabelsRendered(&data)
	return &data, nil
}

func writeCases(out io.Writer) error {
	time.Local = time.UTC
	tmpl, err := template.FromGlobs(nil)
	if err != nil {
		return err
	}
	tmpl.ExternalURL = &url.URL{Scheme: "http", Host: "alertmanager.example:9093"}
	payloads, err := record.Payloads("../payloads")
	if err != nil {
		return err
	}
	set := record.New()
	for _, payload := range payloads {
		data, err := dataOf(payload)
		if err != nil {
			return err
		}
		run := func(texts []string) {
			for _, text := range texts {
				output, err := tmpl.ExecuteTextString(text, data)
				set.Add(text, payload.Name, output, err)
			}
		}
		run(wellKnown())
		if slices.Contains(record.Telling, payload.Name) {
			run(record.Model())
			run(ownModel)
		}
		if slices.Contains(record.Few, payload.Name) {
			run(functions())
		}
		if err := inZones(set, tmpl, payload); err != nil {
			return err
		}
	}
	for _, v := range values {
		set.Value(v.name, v.of, v.data)
		for _, text := range v.templates {
			output, err := tmpl.ExecuteTextString(text, v.data)
			set.Add(text, v.name, output, err)
		}
	}
	return set.Write(out)
}

// inZones records a payload for processes that are not in UTC.
func inZones(set *record.Set, tmpl *template.Template, payload record.Payload) error {
	return record.InZones(payload, func(payload record.Payload) error {
		data, err := dataOf(payload)
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
