// Command time-intervals writes which instants Alertmanager's package timeinterval finds in
// intervals, and which intervals it refuses.
//
//	go run . > cases.json
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"
	"gopkg.in/yaml.v2"
)

// record is what the test reads.
type record struct {
	Instants []string `json:"instants"`
	Cases    []result `json:"cases"`
}

// result has a '#' for each instant that the interval holds, and a '.' for each other one.
type result struct {
	Interval string `json:"interval"`
	Refused  string `json:"refused,omitempty"`
	Holds    string `json:"holds,omitempty"`
}

func main() {
	at := instants()
	written := record{}
	for _, instant := range at {
		written.Instants = append(written.Instants, instant.Format(time.RFC3339))
	}
	for _, text := range intervals {
		written.Cases = append(written.Cases, ask(text, at))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(written); err != nil {
		log.Fatal(err)
	}
}

func ask(text string, at []time.Time) result {
	var interval timeinterval.TimeInterval
	if err := yaml.UnmarshalStrict([]byte(text), &interval); err != nil {
		return result{Interval: text, Refused: err.Error()}
	}
	var holds strings.Builder
	for _, instant := range at {
		if interval.ContainsTime(instant) {
			holds.WriteByte('#')
		} else {
			holds.WriteByte('.')
		}
	}
	return result{Interval: text, Holds: holds.String()}
}

// instants are the noons of a leap year, the hours of a week over the end of a month, and the
// minutes around each change of the clocks in Berlin and New York, and around midnights.
func instants() []time.Time {
	var at []time.Time
	steps := func(from string, step time.Duration, count int) {
		begin, err := time.Parse(time.RFC3339, from)
		if err != nil {
			log.Fatal(err)
		}
		for index := range count {
			at = append(at, begin.Add(time.Duration(index)*step))
		}
	}
	steps("2024-01-01T12:00:00Z", 24*time.Hour, 366)
	steps("2023-02-26T12:00:00Z", 24*time.Hour, 4)
	steps("2026-03-25T12:00:00Z", 24*time.Hour, 10)
	steps("2026-11-27T00:00:00Z", time.Hour, 7*24)
	changes := []string{
		"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", // Berlin
		"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", // New York
	}
	for _, change := range changes {
		middle, err := time.Parse(time.RFC3339, change)
		if err != nil {
			log.Fatal(err)
		}
		steps(middle.Add(-3*time.Hour).Format(time.RFC3339), 15*time.Minute, 25)
		steps(middle.Add(-2*time.Second).Format(time.RFC3339), time.Second, 4)
	}
	for _, edge := range []string{
		"2026-11-20T08:59:58Z", "2026-11-20T17:59:58Z", "2026-11-20T23:59:58Z", "2026-12-31T23:59:58Z",
		"2026-11-20T00:59:58Z", "2026-11-20T15:59:58Z",
	} {
		steps(edge, time.Second, 4)
	}
	return at
}
