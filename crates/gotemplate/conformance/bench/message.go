package main

import (
	"slices"
	"strings"
	"time"
)

// Message is what prometheus-webhook-dingtalk shows its templates, in types of our own.
type Message struct {
	Receiver          string   `json:"receiver"`
	Status            string   `json:"status"`
	Alerts            Alerts   `json:"alerts"`
	GroupLabels       Labels   `json:"groupLabels"`
	CommonLabels      Labels   `json:"commonLabels"`
	CommonAnnotations Labels   `json:"commonAnnotations"`
	ExternalURL       string   `json:"externalURL"`
	AtMobiles         []string `json:"-"`
}

// Alert is one alert.
type Alert struct {
	Status       string    `json:"status"`
	Labels       Labels    `json:"labels"`
	Annotations  Labels    `json:"annotations"`
	StartsAt     time.Time `json:"startsAt"`
	EndsAt       time.Time `json:"endsAt"`
	GeneratorURL string    `json:"generatorURL"`
	Fingerprint  string    `json:"fingerprint"`
}

// Alerts are those of a message.
type Alerts []Alert

// Firing gives those that fire.
func (alerts Alerts) Firing() []Alert { return alerts.with("firing") }

// Resolved gives those that ended.
func (alerts Alerts) Resolved() []Alert { return alerts.with("resolved") }

func (alerts Alerts) with(status string) []Alert {
	found := []Alert{}
	for _, alert := range alerts {
		if alert.Status == status {
			found = append(found, alert)
		}
	}
	return found
}

// Labels are pairs by name.
type Labels map[string]string

// Pair is a label with its name.
type Pair struct{ Name, Value string }

// Pairs are labels in an order.
type Pairs []Pair

// SortedPairs gives the labels by name, that of the alert first.
func (labels Labels) SortedPairs() Pairs {
	pairs := make(Pairs, 0, len(labels))
	names := make([]string, 0, len(labels))
	for name := range labels {
		if name == "alertname" {
			pairs = append(pairs, Pair{name, labels[name]})
		} else {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		pairs = append(pairs, Pair{name, labels[name]})
	}
	return pairs
}

// Remove gives the labels without some.
func (labels Labels) Remove(names []string) Labels {
	kept := Labels{}
	for name, value := range labels {
		if !slices.Contains(names, name) {
			kept[name] = value
		}
	}
	return kept
}

// Names gives the names in order.
func (labels Labels) Names() []string { return labels.SortedPairs().Names() }

// Values gives the values in the order of their names.
func (labels Labels) Values() []string { return labels.SortedPairs().Values() }

// Names gives the names.
func (pairs Pairs) Names() []string {
	names := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		names = append(names, pair.Name)
	}
	return names
}

// Values gives the values.
func (pairs Pairs) Values() []string {
	values := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		values = append(values, pair.Value)
	}
	return values
}

var escapes = strings.NewReplacer("`", "\\`", "_", `\_`, "*", `\*`)

func markdown(text string) string { return escapes.Replace(text) }
