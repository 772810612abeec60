package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"log"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"gotemplate/conformance/language/model"
)

// Request is one template, as the crate's side reads it.
type Request struct {
	Sources []model.Source `json:"sources"`
	Missing string         `json:"missingkey,omitempty"`
	Run     string         `json:"run"`
	Data    string         `json:"data,omitempty"`
}

// Answer is what becomes of it.
type Answer struct {
	Output, Stage, Error string
}

// crate is the program that answers for this crate; it is started again when it ended.
type crate struct {
	path    string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// patience is how long a batch may take.
const patience = 60 * time.Second

func start(path string) *crate {
	c := &crate{path: path}
	c.restart()
	return c
}

func (c *crate) restart() {
	if c.command != nil {
		_ = c.command.Process.Kill()
		_ = c.command.Wait()
	}
	c.command = exec.Command(c.path)
	c.command.Stderr = os.Stderr
	in, err := c.command.StdinPipe()
	if err != nil {
		log.Fatal(err)
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		log.Fatal(err)
	}
	if err := c.command.Start(); err != nil {
		log.Fatal(err)
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 1<<20)
}

// ask answers all; a request that ends or hangs the program is told as such.
func (c *crate) ask(requests []Request) []Answer {
	answers, ok := c.try(requests)
	if ok {
		return answers
	}
	c.restart()
	if len(requests) == 1 {
		return []Answer{{Stage: "abort"}}
	}
	half := len(requests) / 2
	return append(c.ask(requests[:half]), c.ask(requests[half:])...)
}

func (c *crate) try(requests []Request) ([]Answer, bool) {
	watch := time.AfterFunc(patience, func() { _ = c.command.Process.Kill() })
	defer watch.Stop()
	go func() {
		writer := bufio.NewWriter(c.in)
		for _, request := range requests {
			_, _ = writer.Write(append(model.Line(request), '\n'))
		}
		_ = writer.Flush()
	}()
	answers := make([]Answer, 0, len(requests))
	for range requests {
		line, err := c.out.ReadBytes('\n')
		if err != nil {
			return nil, false
		}
		var read Answer
		if err := json.Unmarshal(line, &read); err != nil {
			log.Fatalf("%v in %q", err, line)
		}
		output, err := base64.StdEncoding.DecodeString(read.Output)
		if err != nil {
			log.Fatal(err)
		}
		read.Output, read.Error = string(output), replaced(read.Error)
		answers = append(answers, read)
	}
	return answers, true
}

var replacements = regexp.MustCompile("\ufffd+")

// replaced has one U+FFFD for what is not UTF-8: the crate's errors are strings of Rust.
func replaced(words string) string {
	return replacements.ReplaceAllString(strings.ToValidUTF8(words, "\ufffd"), "\ufffd")
}
