// Command matching writes what Go's regexp finds, splits and replaces: found.json, replaced.json.
//
//	go run .
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"regexp"
)

type replaced struct {
	Pattern, Text, Replacement, Expanded, Literal string
}

type found struct {
	Pattern, Text string
	Most          int
	First         string
	All, Split    []string
}

var patterns = []string{
	"", "a", "a*", "(a)(b)?", "(?P<x>a)|(?P<x>b)", "(?P<n1>.)", "x*", "b+$", "^", "$", `\b`,
	"(a|ab)(c|bcd)", ",", "a|", "(?:)", "(?i)X",
}

var texts = []string{"", "a", "baaac", "ab ba", "日本a", "a,b,,c", "aXbX", ",", "abcd", "\U0001f600é"}

var replacements = []string{
	"", "-", "$1", "$1x", "${1}x", "$x.", "${n1}$n1", "$$1", "$", "${", "${1", "$!", "${}", "$01$0",
	"$2[$3]", "$1$2$99999999999", "${x}y$xy", "$1_", "$1-", "$é$1é", "${1é}", "$n1日$n1", "$100000000",
}

func write[T any](name string, cases []T) {
	var out bytes.Buffer
	for i, c := range cases {
		line, err := json.Marshal(c)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(&out, "%c%s\n", "[,"[min(i, 1)], line)
	}
	out.WriteString("]\n")
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
}

func main() {
	var replacing []replaced
	var finding []found
	for _, p := range patterns {
		re := regexp.MustCompile(p)
		for i, t := range texts {
			for j, r := range replacements {
				if (i+j)%3 == 0 {
					replacing = append(replacing, replaced{p, t, r, re.ReplaceAllString(t, r), re.ReplaceAllLiteralString(t, r)})
				}
			}
			for _, n := range []int{-1, 0, 1, 2, 3} {
				finding = append(finding, found{p, t, n, re.FindString(t), re.FindAllString(t, n), re.Split(t, n)})
			}
		}
	}
	write("replaced.json", replacing)
	write("found.json", finding)
}
