// Command conformance writes what Go's regexp package makes of a list of patterns.
//
// Its output, cases.json, is the measure of this crate: one case a line, with the positions of the
// match and of its groups in each text, or with the error.
//
//	go run . > cases.json
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"regexp"
	"strings"
)

// Case is one pattern and what Go says of it.
type Case struct {
	Pattern string `json:"pattern"`
	Error   string `json:"error,omitempty"`
	// Names are the names of the groups, if one has a name.
	Names []string `json:"names,omitempty"`
	// Matches has the positions that FindStringSubmatchIndex gives for a text.
	Matches map[string][]int `json:"matches,omitempty"`
	// Others are texts in which the pattern does not match.
	Others []string `json:"others,omitempty"`
	// Probed says that these are the probes, but for those in Matches.
	Probed bool `json:"probed,omitempty"`
}

func caseOf(pattern string, texts []string) Case {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return Case{Pattern: pattern, Error: err.Error()}
	}
	c := Case{Pattern: pattern, Matches: map[string][]int{}}
	if names := re.SubexpNames(); strings.Join(names, "") != "" {
		c.Names = names
	}
	for _, text := range texts {
		if at := re.FindStringSubmatchIndex(text); at != nil {
			c.Matches[text] = at
		} else {
			c.Others = append(c.Others, text)
		}
	}
	return c
}

func probed(pattern string) Case {
	c := caseOf(pattern, probes)
	c.Probed = c.Error == ""
	c.Others = nil
	return c
}

func line(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		log.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func main() {
	var cases []string
	for _, pattern := range patterns {
		cases = append(cases, line(probed(pattern)))
	}
	for _, c := range append(classes(), generated()...) {
		cases = append(cases, line(c))
	}
	text := "{\"probes\":" + line(probes) + ",\n\"cases\":[\n" + strings.Join(cases, ",\n") + "\n]}\n"
	if _, err := os.Stdout.WriteString(text); err != nil {
		log.Fatal(err)
	}
}
