// Command fuzz runs random templates by Go's text/template and by this crate, and shows where their
// answers differ.
//
//	go run . -answer ../../../../target/release/examples/answer -n 200000 -seed 1
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"sort"
	"time"

	"gotemplate/conformance/language/model"
)

// batch is how many templates are asked about at once.
const batch = 256

// Counts is how the templates went.
type Counts struct{ all, equal, skipped, different int }

func main() {
	answer := flag.String("answer", "", "the program that answers for the crate")
	cases := flag.String("cases", "../language/cases.json", "the cases that are changed")
	number := flag.Int("n", 200000, "how many templates")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "where the random numbers start")
	shown := flag.Int("shown", 40, "how many differences are made small and shown")
	replay := flag.Bool("replay", false, "runs the cases as they are, and no random template")
	flag.Parse()
	model.UseLocal()
	fmt.Println("seed", *seed)
	f := &fuzzer{
		random: rand.New(rand.NewPCG(*seed, 1)), crate: start(*answer), data: model.Data(), copied: model.Data(),
		corpus: readCorpus(*cases), shown: *shown, seen: map[string]bool{},
	}
	for name := range f.data {
		f.names = append(f.names, name)
	}
	sort.Strings(f.names)
	if *replay {
		f.replay()
	} else {
		f.run(*number)
	}
	c := f.counts
	fmt.Printf("templates %d equal %d skipped %d different %d\n", c.all, c.equal, c.skipped, c.different)
	if c.different > 0 {
		os.Exit(1)
	}
}

type fuzzer struct {
	random       *rand.Rand
	crate        *crate
	data, copied map[string]any
	names        []string
	corpus       []Request
	shown        int
	seen         map[string]bool
	counts       Counts
}

func (f *fuzzer) run(number int) {
	for f.counts.all < number {
		requests := make([]Request, 0, batch)
		for len(requests) < min(batch, number-f.counts.all) {
			requests = append(requests, f.template())
		}
		f.compare(requests)
	}
}

func (f *fuzzer) replay() {
	for from := 0; from < len(f.corpus); from += batch {
		f.compare(f.corpus[from:min(from+batch, len(f.corpus))])
	}
}

func (f *fuzzer) compare(requests []Request) {
	for i, ours := range f.crate.ask(requests) {
		f.counts.all++
		switch verdict, _ := f.verdict(requests[i], ours); verdict {
		case equal:
			f.counts.equal++
		case skipped:
			f.counts.skipped++
		case different:
			f.counts.different++
			f.show(requests[i])
		}
	}
}

type verdict int

const (
	equal verdict = iota
	skipped
	different
)

// verdict asks Go too. What the crate's limits refuse may take Go for ever, so it isn't asked.
func (f *fuzzer) verdict(request Request, ours Answer) (verdict, Answer) {
	if ours.Stage == "limit" {
		return skipped, Answer{}
	}
	gos, ok := f.askGo(request, f.data)
	if !ok {
		return skipped, gos
	}
	if gos == ours {
		return equal, gos
	}
	// Another copy of the data has other addresses.
	if again, _ := f.askGo(request, f.copied); again != gos {
		return skipped, gos
	}
	if reason := beyond(request, gos, ours); reason != "" {
		return skipped, gos
	}
	return different, gos
}

func (f *fuzzer) askGo(request Request, data map[string]any) (Answer, bool) {
	type result struct {
		answer model.Answer
		ok     bool
	}
	done := make(chan result, 1)
	go func() {
		answer, ok := model.Run(request.Sources, request.Missing, request.Run, data[request.Data])
		done <- result{answer, ok}
	}()
	select {
	case r := <-done:
		answer := Answer{Stage: r.answer.Stage, Error: r.answer.Error}
		if answer.Stage == "" {
			answer.Output = string(r.answer.Output)
		}
		answer.Error = replaced(answer.Error)
		return answer, r.ok
	case <-time.After(20 * time.Second):
		log.Printf("Go takes too long for %q", request.Sources)
		return Answer{}, false
	}
}
